"""Make the pictures of the documentation anew: the letters of an alert as Chromium shows them.

    python -m tests.pictures

Needs `chromium` and a font with Arabic letters. Look at them before they are committed.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from datetime import UTC, datetime, time
from email import message_from_bytes
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from monitor.alerting.calm import Cause
from monitor.alerting.digest import digest
from monitor.alerting.drill import file_of
from monitor.alerting.groups import Told
from monitor.alerting.message import content
from monitor.channels.mail import build
from monitor.daemon import drills
from monitor.model import Alert, Article, Message
from tests.alerting.samples import NOON
from tests.channels.samples import ARABIC, ENGLISH
from tests.conftest import ROOT

FOLDER = ROOT / "docs" / "pictures"
SIZE = "720,620"


def alert(language: str) -> dict[str, Any]:
    """The sample news, a throttle of two hours behind it."""
    return (ARABIC if language == "ar" else ENGLISH) | {"quiet_until": "2026-11-24T09:42:30.000Z"}


def gathered() -> dict[str, Any]:
    """A digest of three alerts after a night."""
    low = ENGLISH | {"severity": "low", "code": "Q3X9"}
    return digest([low, ARABIC, ENGLISH], Cause.QUIET, alert_id="n0123456789abcdef", channel="desk", now=NOON)


def drill(language: str) -> dict[str, Any]:
    """A drill, as the rules of drills find it."""
    zone, at = ZoneInfo("Asia/Baghdad"), datetime(2026, 11, 24, 6, tzinfo=UTC)
    file = file_of(at.date(), time(9), zone, language)
    article = Article(
        id="a1", source="drill:desk", title=file["title"], text=file["text"], language=language, published=at, seen=at
    )
    rules = drills.rules_for("desk", drills.rules())
    (match,) = rules.match(article)
    told = Alert(
        id="n0123456789abcdef",
        channel="desk",
        code="A7K2",
        rules=(match.rule,),
        severity=match.severity,
        group_key="match",
        sequence=1,
        matches=(match,),
        stories=(),
        reason="first",
        created=at,
    )
    return content(told, {("a1", 1): Told(article=article)}, rules.cards)


def update(language: str) -> dict[str, Any]:
    """Two hours later: four more publishers, one of them in the other script."""
    first = alert(language)
    news = [
        ("Gulf Post", "Second salvo hits Ain al-Asad as F-16s scramble"),
        ("الشرق", "واشنطن: F-16 تقصف مواقع الإطلاق"),
    ]
    others = [
        first["articles"][0] | {"id": f"b{number}", "publisher": publisher, "title": title}
        for number, (publisher, title) in enumerate(news)
    ]
    return first | {
        "sequence": 2,
        "reason": "update",
        "since": "2026-11-24T07:42:30.000Z",
        "created": "2026-11-24T09:45:00.000Z",
        "articles": [*first["articles"], *others],
        "more_articles": 4,
        "publishers": 5,
        "new_publishers": 4,
        "quiet_until": "2026-11-24T11:45:00.000Z",
    }


def page(body: dict[str, Any], language: str) -> bytes:
    """The HTML part of the letter that tells a content."""
    raw = build(
        Message(delivery_id="d0123456789abcdef0123", recipient="desk@example.org", content=body),
        sender="Rasid <rasid@example.org>",
        recipient="desk@example.org",
        language=language,
        zone=ZoneInfo("Asia/Baghdad"),
        now=NOON,
    )
    (html,) = (part for part in message_from_bytes(raw).walk() if part.get_content_type() == "text/html")
    shown = html.get_payload(decode=True)
    assert isinstance(shown, bytes)
    return shown


def shoot(chromium: str, html: bytes, picture: Path, size: str = SIZE) -> None:
    """Render a page to a picture, with nothing fetched."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "letter.html"
        path.write_bytes(html)
        quiet = ["--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"]
        quiet += ["--disable-quic"]
        command = [chromium, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", *quiet]
        command += [f"--user-data-dir={folder}/profile", f"--window-size={size}", f"--screenshot={picture}"]
        subprocess.run([*command, path.as_uri()], check=True, capture_output=True, timeout=60)


def main() -> int:
    """The command."""
    chromium = shutil.which("chromium")
    if chromium is None:
        print("there is no chromium here; on Debian: apt install chromium fonts-noto-core", file=sys.stderr)
        return 1
    for language in ("ar", "en"):
        shoot(chromium, page(alert(language), language), FOLDER / f"email-{language}.png")
    shoot(chromium, page(gathered(), "ar"), FOLDER / "digest-ar.png")
    shoot(chromium, page(update("ar"), "ar"), FOLDER / "update-ar.png")
    shoot(chromium, page(drill("ar"), "ar"), FOLDER / "drill-ar.png")
    return 0


if __name__ == "__main__":
    sys.exit(main())
