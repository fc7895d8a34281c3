"""Whatever stands in an article, every channel shows it as words: no mention, link, markup, header or escape.

Titles that hurt elsewhere and strings known to be naughty are title, text, publisher and address of an article,
cleaned as at the door; they go through what each kind makes of them.
"""

from __future__ import annotations

import contextlib
import email
import email.policy
import io
import json
import re
import unicodedata
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

from monitor import channels
from monitor.alerting.calm import Cause
from monitor.alerting.digest import digest
from monitor.alerting.message import encode
from monitor.alerting.wording import FSI, PDI, one_line
from monitor.channels.mail import build as build_letter
from monitor.channels.marks import WJ
from monitor.model import Message
from monitor.text.clean import clean
from tests.alerting.samples import NOON
from tests.channels.contract import DELIVERY, build, told, tools
from tests.channels.samples import ENGLISH, about, attacks
from tests.receiver import Receiver

OURS = "https://news.example/"
HOOK = {"url": "https://hooks.example/x"}
LIVE = re.compile(r"(?<!https):(?=//)|(?:@|#|<@|<#|<!)\w|(?<!\S)/[a-z]|\bwww\.\w|:[a-z_]+:|\{\{")


@pytest.fixture(scope="module")
def texts(corpora: Path) -> list[tuple[bool, str]]:
    """Each text, and whether it must arrive unchanged."""
    found = [(name.endswith("_ok"), text) for name, text in attacks(corpora).items()]
    naughty: list[str] = json.loads((corpora / "naughty-strings/blns.json").read_text("utf-8"))
    return [
        (is_ok, cleaned) for is_ok, text in [*found, *((False, text) for text in naughty)] if (cleaned := clean(text))
    ]


def _strings(value: Any) -> Iterator[str]:
    """Every string of a body, however deep."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _strings(inner)


def _assert_calm(text: str) -> None:
    """No control, no direction that goes on, no half of a pair."""
    assert not [letter for letter in text if unicodedata.category(letter) in ("Cc", "Cs") and letter not in "\n\t"]
    assert not set(text) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067")
    assert text.count(FSI) == text.count(PDI)


def _assert_dead(text: str) -> None:
    """Nothing of which a program would make a link, a mention, a command or the like."""
    assert not LIVE.findall(text.replace(OURS, "")), text


class _Page(HTMLParser):
    """The tags of a page with their addresses, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.addresses: list[str] = []
        self.text = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.addresses += [value or "" for name, value in attrs if name in ("href", "src")]
        assert not [name for name, _ in attrs if name.startswith("on")]

    def handle_data(self, data: str) -> None:
        self.text += data


def _read_markdown(text: str) -> str:
    """What a reader of Markdown sees, after looking at what became of it."""
    tokens = MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(text)
    flat = [inner for token in tokens for inner in (token, *(token.children or ()))]
    kinds = {token.type.removesuffix("_open").removesuffix("_close") for token in flat}
    assert kinds <= {"paragraph", "blockquote", "inline", "text", "strong", "link", "softbreak", "text_special"}, text
    assert all(str(token.attrs["href"]).startswith(OURS) for token in flat if token.type == "link_open"), text
    shown = "".join(map(_text_of, flat))
    _assert_dead(shown)
    return shown


def _text_of(token: Token) -> str:
    if token.children:
        return ""
    return token.content if token.type.startswith("text") else "\n" * (token.block or token.type == "softbreak")


def _read_discord(text: str, language: str) -> str:
    rich, plain = told("discord", about(text), language, **HOOK)
    assert rich["allowed_mentions"] == plain["allowed_mentions"] == {"parse": []}
    return _read_markdown(rich["content"]) + _read_markdown(rich["embeds"][0]["description"])


def _read_mattermost(text: str, language: str) -> str:
    (body,) = told("mattermost", about(text), language, **HOOK)
    return _read_markdown(body["text"])


def _read_telegram(text: str, language: str) -> str:
    rich, plain = told("telegram", about(text), language, token="1:a", to="1")
    page = _Page(rich["text"])
    assert page.tags <= {"b", "blockquote", "a", "code"}
    assert all(address.startswith(OURS) for address in page.addresses)
    _assert_dead(page.text)
    _assert_dead(_without_addresses(plain["text"]))
    return page.text


def _read_ntfy(text: str, language: str) -> str:
    (body,) = told("ntfy", about(text), language, topic="desk")
    assert body.get("click", OURS).startswith(OURS)
    _assert_dead(body["title"] + _without_addresses(body["message"]))
    return str(body["title"] + body["message"])


def _without_addresses(text: str) -> str:
    return re.sub(re.escape(OURS) + r"\S*", "", text)


def _read_teams(text: str, language: str) -> str:
    (body,) = told("teams", about(text), language, **HOOK)
    runs = [run for block in body["attachments"][0]["content"]["body"] for run in block["inlines"]]
    assert {run["type"] for run in runs} == {"TextRun"}
    assert all(run["selectAction"]["url"].startswith(OURS) for run in runs if "selectAction" in run)
    shown = "".join(run["text"] for run in runs)
    _assert_dead(shown)
    return shown


def _read_slack(text: str, language: str) -> str:
    rich, plain = told("slack", about(text), language, **HOOK)
    for shown in (rich["text"], plain["text"], *_strings(rich["blocks"])):
        assert not re.findall(r"<(?!https://news\.example/[^<>|]*\|)", shown)
        assert "&" not in re.sub(r"&(amp|lt|gt);", "", shown)
    return "".join(_strings(rich["blocks"]))


def _read_webhook(text: str, language: str) -> str:
    line = encode({"id": DELIVERY, **about(text)}).decode()
    assert "\n" not in line
    return str(json.loads(line)["articles"][0]["title"])


def _read_stdout(text: str, language: str) -> str:
    with contextlib.redirect_stdout(io.StringIO()) as screen:
        build("stdout").send(Message(delivery_id=DELIVERY, recipient="", content=about(text)), NOON)
    (line,) = screen.getvalue().splitlines()
    _assert_calm(line)
    return str(json.loads(line)["articles"][0]["title"])


def _read_email(text: str, language: str) -> str:
    message = Message(delivery_id=DELIVERY, recipient="a@example.org", content=about(text))
    raw = build_letter(message, sender="r@example.org", recipient="a@example.org", language=language,
                       zone=tools().timezone, now=NOON)  # fmt: skip
    letter = email.message_from_bytes(raw, policy=email.policy.default)
    assert letter["Bcc"] is None
    assert letter["To"] == "a@example.org"
    html, plain = letter.get_body(("html",)), letter.get_body(("plain",))
    assert html is not None and plain is not None
    page = _Page(html.get_content())
    assert page.tags <= {"html", "head", "meta", "title", "body", "div", "p", "span", "h1", "blockquote", "mark", "b",
                         "a", "bdi"}  # fmt: skip
    assert all(address.startswith(OURS) for address in page.addresses)
    return page.text + str(plain.get_content())


READERS = {
    "discord": _read_discord,
    "mattermost": _read_mattermost,
    "telegram": _read_telegram,
    "ntfy": _read_ntfy,
    "teams": _read_teams,
    "slack": _read_slack,
    "webhook": _read_webhook,
    "stdout": _read_stdout,
    "email": _read_email,
}


@pytest.mark.parametrize("language", ["ar", "en"])
@pytest.mark.parametrize("kind", READERS)
def test_hostile_words_are_words_and_good_ones_arrive_unchanged(
    kind: str, language: str, texts: list[tuple[bool, str]]
) -> None:
    # The naughty ones in Arabic alone, in whose lines they do most harm.
    for is_ok, text in texts if language == "ar" else texts[:60]:
        shown = READERS[kind](text, language)
        _assert_calm(shown)
        if is_ok:
            assert one_line(text) in shown


@pytest.mark.parametrize("language", ["ar", "en"])
def test_hostile_words_are_words_to_apprise_too(language: str, texts: list[tuple[bool, str]]) -> None:
    with Receiver() as receiver:
        channel = build("apprise", url=receiver.url.replace("http:", "json:"), language=language)
        for is_ok, text in texts if language == "ar" else texts[:60]:
            channel.send(Message(delivery_id=DELIVERY, recipient="", content=about(text)), NOON)
            body = json.loads(receiver.received[-1].body)
            shown = _without_addresses(body["title"] + "\n" + body["message"])
            _assert_calm(shown)
            _assert_dead(shown)
            assert not is_ok or one_line(text) in shown


def test_no_kind_is_left_out() -> None:
    others = {"apprise", "file"}  # a test of its own; the line that stdout has, held by the test of that kind
    assert set(READERS) | others == set(channels.kinds())


def test_what_breaks_a_link_is_not_seen() -> None:
    assert unicodedata.category(WJ) == "Cf"


@pytest.mark.parametrize("kind", ["discord", "mattermost", "telegram", "ntfy", "teams"])
def test_a_digest_has_a_line_for_each_alert_on_every_kind(kind: str) -> None:
    contents = [ENGLISH | {"code": f"A7K{number}"} for number in range(9)]
    content = digest(contents, Cause.QUIET, alert_id="n0", channel="desk", now=NOON)
    options = {"telegram": {"token": "1:a", "to": "1"}, "ntfy": {"topic": "desk"}}.get(kind, HOOK)

    shown = "".join(_strings(told(kind, content, **options)[0]))

    assert [number for number in range(9) if f"A7K{number}" not in shown] == []
    assert "9 alerts" in shown
