"""Let a daemon run among feeds that change and receivers that fail, interrupt it, and see that everything adds up.

    python -m tests.flows.soak --seconds 600 --feeds 200

Every article published is written down here; at the end the store, the webhook and the mail server must agree with
it. Exit 1 and a line for each account that does not.
"""

from __future__ import annotations

import argparse
import json
import random
import signal
import socket
import sqlite3
import sys
import tempfile
import threading
import time
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller

from tests.flows.daemon import Daemon, until
from tests.flows.feeds import FeedServer, rss
from tests.flows.receiver import Receiver

KEPT = 60
"""Items a feed shows; more than change between two polls."""

RULES = """\
version: 1
rules:
  attack:
    title: هجوم في الأخبار
    severity: high
    match: {{any: [هجوم, attack]}}
    alert: {{group_wait: 500ms}}
    notify: [desk]
  storm:
    title: Storms, gathered
    match: {{any: [storm]}}
    alert: {{group_by: [rule], group_wait: 500ms, throttle: 10s, group_interval: 1s}}
    notify: [mail]
  calm:
    title: Kept, told to nobody
    match: {{any: [calm]}}
    notify: []
{more}"""

FLOOD = """\
  flood:
    title: Floods, watched since the reload
    match: {any: [flood]}
    alert: {group_wait: 500ms}
    notify: [desk]
"""


class Mail:
    """An SMTP server that refuses one recipient always and puts the other off once."""

    def __init__(self, *, greylists: bool) -> None:
        self.greylists = greylists
        self.refused = self.put_off = 0
        self.letters: list[tuple[str, bytes]] = []

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        if address.startswith("gone@"):
            self.refused += 1
            return "550 no such mailbox"
        if self.greylists and not self.put_off:
            self.put_off += 1
            return "451 come back later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.letters += [(address, envelope.content) for address in envelope.rcpt_tos]
        return "250 taken"


@dataclass
class World:
    """What is published, and how often each word was."""

    folder: Path
    feeds: FeedServer
    names: list[str]
    dice: random.Random
    items: dict[str, list[tuple[str, str, str]]] = field(default_factory=dict)
    words: Counter[str] = field(default_factory=Counter)
    edits: int = 0
    published: int = 0
    dropped: int = 0
    knows_floods: bool = False
    put_at: dict[str, float] = field(default_factory=dict)

    def publish(self) -> None:
        """One more article in some feed; now and then an older one is corrected."""
        name = self.dice.choice(self.names)
        self.published += 1
        shown = self.items.setdefault(name, [])
        shown.insert(0, (str(self.published), *self._article(self.published)))
        if self.dice.random() < 0.1 and len(shown) > 3:
            guid, title, text = shown[3]
            shown[3] = (guid, title, text + " This text was corrected later.")
            self.edits += 1
        del shown[KEPT:]
        self.feeds.bodies[f"/{name}"] = rss(shown)

    def drop(self) -> None:
        """One more file in the folder."""
        self.dropped += 1
        title, text = self._article(10_000_000 + self.dropped)
        self.put_at[title] = time.monotonic()
        path = self.folder / f"{self.dropped}.json"
        path.write_text(json.dumps({"title": title, "text": text, "id": f"file-{self.dropped}"}, ensure_ascii=False))

    def _article(self, number: int) -> tuple[str, str]:
        word = self.dice.choice(["attack", "هجوم", "storm", "calm", "prices", "letters", "roads", "schools"])
        if self.knows_floods and self.dice.random() < 0.05:
            word = "flood"
        self.words[word] += 1
        tail = " ".join(f"w{self.dice.randrange(10**6)}" for _ in range(12))
        return f"{word} report {number}", f"A note about {word}, the number is {number}: {tail}."


def write(folder: Path, names: list[str], feeds: FeedServer, hook: str, mail_port: int, every: str) -> None:
    """The configuration of the soak."""
    sources = "\n".join(f"  {name}: {{url: '{feeds.url(f'/{name}')}', since: all, every: {every}}}" for name in names)
    (folder / "monitor.yaml").write_text(
        f"""version: 1
timezone: Asia/Baghdad
database: rasid.db
rules: [rules.yaml]
fetch: {{private_networks: [127.0.0.0/8]}}
sources:
  wire: {{folder: drop, settle: 200ms}}
{sources}
channels:
  desk: {{kind: webhook, url: '{hook}', retry: 200ms}}
  mail:
    kind: email
    to: [there@example.org, gone@example.org]
    from: rasid@example.org
    server: smtp://127.0.0.1:{mail_port}
    starttls: off
    retry: 1s
""",
        encoding="utf-8",
    )
    (folder / "rules.yaml").write_text(RULES.format(more=""), encoding="utf-8")


def memory_mb(daemon: Daemon) -> float:
    """Resident memory of the daemon itself."""
    status = Path(f"/proc/{daemon.process.pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def soak(
    folder: Path, *, seconds: float, feeds: int, rate: float, every: str, greylists: bool, seed: int = 1
) -> tuple[dict[str, Any], list[str]]:
    """Run it all; returns the figures and the accounts that do not add up."""
    dice = random.Random(seed)
    names = [f"feed-{number}" for number in range(feeds)]
    (folder / "drop").mkdir()
    mail = Mail(greylists=greylists)
    mail_port = free_port()
    controller = Controller(mail, hostname="127.0.0.1", port=mail_port)
    controller.start()
    empty = {f"/{name}": rss([]) for name in names}
    arrived: list[float] = []
    try:
        with FeedServer(empty) as server, Receiver(answers=lambda n: 500 if n % 3 == 0 else 200) as desk:
            write(folder, names, server, desk.url, mail_port, every)
            world = World(folder / "drop", server, names, dice)
            figures = _run(folder, world, desk, seconds, rate)
            arrived = _latencies(world, desk)
            problems = _audit(folder, world, desk, mail, figures)
    finally:
        controller.stop()
    if arrived:
        figures["folder to webhook, median s"] = round(sorted(arrived)[len(arrived) // 2], 2)
    return figures, problems


def _run(folder: Path, world: World, desk: Receiver, seconds: float, rate: float) -> dict[str, Any]:
    config, rules = folder / "monitor.yaml", folder / "rules.yaml"
    begun = time.monotonic()
    figures: dict[str, Any] = {}
    ending = threading.Event()

    def change() -> None:
        while not ending.wait(1 / rate):
            world.publish()
            if world.dice.random() < 0.2:
                world.drop()

    changer = threading.Thread(target=change)

    def sleep_until(part: float) -> None:
        time.sleep(max(0.0, begun + part * seconds - time.monotonic()))

    daemon = Daemon(config)
    try:
        daemon.wait_for("event=serving")
        changer.start()
        sleep_until(0.2)
        figures["memory MB, early"] = round(memory_mb(daemon))
        rules.write_text(RULES.format(more=FLOOD), encoding="utf-8")
        daemon.send(signal.SIGHUP)
        daemon.wait_for("event=reloaded")
        world.knows_floods = True
        sleep_until(0.4)
        rules.write_text(RULES.format(more="  broken: {title: b, match: {any: [$nothing]}}\n"), encoding="utf-8")
        daemon.send(signal.SIGHUP)
        daemon.wait_for("not taken, the last good goes on")
        rules.write_text(RULES.format(more=FLOOD), encoding="utf-8")
        sleep_until(0.6)
        stop_at = time.monotonic()
        figures["SIGTERM, exit code"] = daemon.stop()
        figures["SIGTERM, s"] = round(time.monotonic() - stop_at, 2)
        figures["log lines of the first"] = len(daemon.lines)
        daemon.__exit__(None, None, None)
        daemon = Daemon(config)
        daemon.wait_for("event=serving")
        sleep_until(1)
        ending.set()
        changer.join()
        figures["memory MB, late"] = round(memory_mb(daemon))
        _settle(folder, world, seconds=400)
        figures["second exit code"] = daemon.stop()
    finally:
        ending.set()
        daemon.__exit__(None, None, None)
    figures["errors in the log"] = sum("level=error" in line for line in daemon.lines)
    figures["ran s"] = round(time.monotonic() - begun)
    return figures


def _settle(folder: Path, world: World, seconds: float) -> None:
    """Wait until everything published is stored and everything to tell is told."""

    def is_still() -> bool:
        stored = one(folder, "SELECT count(*) FROM article")
        corrected = "SELECT count(*) FROM version WHERE text LIKE '%This text was corrected later.'"
        unsent = "SELECT count(*) FROM delivery WHERE state IN ('pending', 'leased')"
        waiting = "SELECT count(*) FROM pending"
        return bool(
            stored == world.published + world.dropped
            and one(folder, corrected) == world.edits
            and one(folder, unsent) == one(folder, waiting) == 0
        )

    until(is_still, seconds, f"{world.published + world.dropped} articles expected")


def rows(folder: Path, query: str) -> list[tuple[Any, ...]]:
    """Rows of the database."""
    with closing(sqlite3.connect(f"file:{folder / 'rasid.db'}?mode=ro", uri=True)) as connection:
        return connection.execute(query).fetchall()


def one(folder: Path, query: str) -> Any:
    """One value of the database."""
    return rows(folder, query)[0][0]


def _latencies(world: World, desk: Receiver) -> list[float]:
    first: dict[str, float] = {}
    for moment, body in zip(desk.times, desk.bodies, strict=True):
        for article in body["articles"]:
            first.setdefault(article["title"], moment)
    return [first[title] - put for title, put in world.put_at.items() if title in first]


def _audit(folder: Path, world: World, desk: Receiver, mail: Mail, figures: dict[str, Any]) -> list[str]:
    """Hold every account against the other side's books."""
    words = world.words
    told = Counter(dict(rows(folder, "SELECT rule, count(*) FROM match GROUP BY rule")))
    fates = dict(rows(folder, "SELECT disposition, count(*) FROM disposition GROUP BY 1"))
    states = {
        (channel, recipient, state): number
        for channel, recipient, state, number in rows(
            folder, "SELECT channel, recipient, state, count(*) FROM delivery GROUP BY 1, 2, 3"
        )
    }
    sent = {row[0] for row in rows(folder, "SELECT id FROM delivery WHERE channel = 'desk' AND state = 'sent'")}
    letters = Counter(address for address, _ in mail.letters)
    mail_alerts = one(folder, "SELECT count(*) FROM alert WHERE channel = 'mail'")
    ids = "SELECT count(*) FROM disposition d LEFT JOIN alert t ON t.id = d.alert WHERE d.disposition = 'alerted'"
    figures |= {
        "articles": one(folder, "SELECT count(*) FROM article"),
        "versions": one(folder, "SELECT count(*) FROM version"),
        "files moved": len(list((world.folder / "processed").iterdir())),
        "matches": sum(told.values()),
        "dispositions": fates,
        "alerts": one(folder, "SELECT count(*) FROM alert"),
        "deliveries": {" ".join(filter(None, key)): number for key, number in sorted(states.items())},
        "webhook requests": len(desk.bodies),
        "webhook requests answered 500": (len(desk.bodies) + 2) // 3,
        "mail": {"letters": dict(letters), "refused": mail.refused, "put off": mail.put_off},
        "database MB": round((folder / "rasid.db").stat().st_size / 1e6, 1),
    }
    expected = {
        "articles stored": (figures["articles"], world.published + world.dropped),
        "versions stored": (
            figures["versions"] >= figures["articles"] and figures["versions"] <= figures["articles"] + world.edits,
            True,
        ),
        "files moved": (figures["files moved"], world.dropped),
        "attacks matched": (told["attack"], words["attack"] + words["هجوم"]),
        "storms matched": (told["storm"], words["storm"]),
        "calm matched": (told["calm"], words["calm"]),
        "floods matched": (told["flood"], words["flood"]),
        "one disposition for each match": (sum(fates.values()), sum(told.values())),
        "store-only": (fates.get("store-only", 0), told["calm"]),
        "nothing waits": (fates.get("waiting", 0), 0),
        "every alerted match has its alert": (one(folder, f"{ids} AND t.id IS NULL"), 0),
        "webhook deliveries all sent": (sum(n for key, n in states.items() if key[0] == "desk"), len(sent)),
        "the webhook got exactly these ids": (set(desk.ids), sent),
        "tries counted": (
            one(folder, "SELECT sum(attempts) FROM delivery WHERE channel = 'desk'") <= len(desk.bodies),
            True,
        ),
        "every alerted title reached the webhook": (
            {article["title"] for body in desk.bodies for article in body["articles"]},
            {
                row[0]
                for row in rows(
                    folder,
                    "SELECT v.title FROM disposition d JOIN match m ON m.number = d.match"
                    " JOIN version v ON v.article = m.article AND v.version = m.version"
                    " WHERE d.channel = 'desk' AND d.disposition = 'alerted'",
                )
            },
        ),
        "letters to the one who is there": (letters["there@example.org"], mail_alerts),
        "dead for the one who is gone": (states.get(("mail", "gone@example.org", "dead"), 0), mail_alerts),
        "put off once": (mail.put_off, int(mail.greylists)),
        "exit codes": ((figures["SIGTERM, exit code"], figures["second exit code"]), (0, 0)),
        "stopped in time": (figures["SIGTERM, s"] < 10, True),
        "integrity": (one(folder, "PRAGMA integrity_check"), "ok"),
    }
    return [f"{name}: {_short(got)} is not {_short(due)}" for name, (got, due) in expected.items() if got != due]


def _short(value: object) -> str:
    return f"{len(value)} different" if isinstance(value, set) else repr(value)


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--feeds", type=int, default=200)
    parser.add_argument("--rate", type=float, default=5, help="articles a second")
    parser.add_argument("--every", default="10s")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        figures, problems = soak(
            Path(folder),
            seconds=asked.seconds,
            feeds=asked.feeds,
            rate=asked.rate,
            every=asked.every,
            greylists=True,
            seed=asked.seed,
        )
    for name, value in figures.items():
        print(f"{name:32} {value}")
    for problem in problems:
        print(f"DOES NOT ADD UP: {problem}")
    print("everything adds up" if not problems else "", end="\n" if not problems else "")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
