"""A daemon killed (SIGKILL) while it tells matches on four channels, at random moments and at places of its way, and
started again each time.

At the end every match must have reached every recipient, and what came twice must bear the same id.
"""

from __future__ import annotations

import json
import random
import signal
import sqlite3
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from email import message_from_bytes
from pathlib import Path
from typing import Any

from tests.flows.daemon import Daemon, until
from tests.flows.receiver import Receiver
from tests.mailbox import Mailbox

PATIENCE_S = 60.0
"""How long a daemon is waited for that is to die at some place, unless it has told everything before: not every place
is on the way of these articles."""

PUBLISHERS = 20
"""Groups: articles of one publisher are told together and in order."""

PAGE = """\
version: 1
database: rasid.db
rules: [rules.yaml]
fetch: {{private_networks: [127.0.0.0/8]}}
sources:
  wire: {{folder: drop, settle: 10ms, every: 200ms}}
channels:
  hook: {{kind: webhook, url: "{hook}/hook", retry: 50ms}}
  chat: {{kind: slack, url: "{chat}/chat", retry: 50ms, catch_up: each}}
  mail: {{kind: email, to: [day@example.org, night@example.org], from: rasid@example.org, retry: 50ms, starttls: off,
    server: "smtp://127.0.0.1:{port}", catch_up: each}}
  log: {{kind: file, path: told.ndjson}}
"""
RULES = """\
version: 1
rules:
  attack:
    title: Attack
    severity: high
    match: {any: [attack, هجوم]}
    notify: [hook, chat, mail, log]
    alert: {group_by: [publisher], group_wait: 200ms, group_interval: 500ms}
"""


@dataclass(frozen=True, kw_only=True)
class Report:
    """What came of it. `lost` are ids of deliveries that a recipient never got; `repeated` how many came again,
    `unowed` ids of those that did more often than they were under way when a daemon was killed."""

    kills: int
    reached: tuple[str, ...]  # places at which it was killed
    matches: int
    deliveries: int
    lost: tuple[str, ...]
    strange: tuple[str, ...]  # ids that came and are no delivery of the store
    untold: tuple[str, ...]  # headlines in no message of the webhook
    repeated: int
    unowed: tuple[str, ...]
    under_way: int  # at the kills, all together
    unfinished: int
    seconds: float


def run(folder: Path, *, kills: int, articles: int, seed: int, places: Sequence[str] = ()) -> Report:
    """Feed a drop folder, kill the daemon `kills` times meanwhile, then once at each of these places (of
    `tests/flows/crash.py`) that it reaches with a further article, and count in the end."""
    dice = random.Random(seed)
    drop = folder / "drop"
    drop.mkdir()
    (folder / "rules.yaml").write_text(RULES, encoding="utf-8")
    started = time.monotonic()
    under_way: Counter[str] = Counter()
    with Receiver() as hook, Receiver() as chat, Mailbox() as mailbox:
        page = PAGE.format(hook=hook.url, chat=chat.url, port=mailbox.port)
        (folder / "monitor.yaml").write_text(page, encoding="utf-8")
        fed = threading.Event()
        feeder = threading.Thread(target=_feed, args=(drop, articles, fed, random.Random(seed + 1), kills))
        feeder.start()
        try:
            for _ in range(kills):
                with Daemon(folder / "monitor.yaml") as daemon:
                    time.sleep(dice.uniform(0, 1.2))
                    daemon.process.kill()
                under_way.update(_under_way(folder))
        finally:
            fed.set()
            feeder.join()
        reached = [place for n, place in enumerate(places) if _dies_at(place, folder, articles + n, dice, under_way)]
        articles += len(places)
        with Daemon(folder / "monitor.yaml"):
            until(lambda: _is_told(folder, articles), seconds=600, what="until everything is told")
        letters = [
            message_from_bytes(mail.raw)["Message-ID"].strip("<>").partition("@")[0] for mail in mailbox.received
        ]
        lines = (folder / "told.ndjson").read_text("utf-8").splitlines()
        came = {
            "hook": Counter(hook.ids),
            "chat": Counter(headers["webhook-id"] for headers in chat.headers),
            "mail": Counter(letters),
            "log": Counter(json.loads(line)["id"] for line in lines),
        }
        titles = {article["title"] for body in hook.bodies for article in body["articles"]}
    rows = _rows(folder, "SELECT id, channel, state FROM delivery")
    stored = {(str(channel), str(id)) for id, channel, _ in rows}
    arrived = {(channel, id) for channel, ids in came.items() for id in ids}
    return Report(
        kills=kills + len(reached),
        reached=tuple(reached),
        matches=len(_rows(folder, "SELECT number FROM match")),
        deliveries=len(rows),
        lost=tuple(id for channel, id in sorted(stored - arrived)),
        strange=tuple(id for channel, id in sorted(arrived - stored)),
        untold=tuple(sorted({_title(number) for number in range(articles)} - titles)),
        repeated=sum(count - 1 for ids in came.values() for count in ids.values()),
        unowed=tuple(sorted(id for ids in came.values() for id, count in ids.items() if count - 1 > under_way[id])),
        under_way=under_way.total(),
        unfinished=sum(state != "sent" for _, _, state in rows),
        seconds=time.monotonic() - started,
    )


def _title(number: int) -> str:
    return f"Attack number {number}" if number % 2 else f"هجوم رقم {number}"


def _feed(drop: Path, articles: int, hurry: threading.Event, dice: random.Random, kills: int) -> None:
    """Drop every article, spread over the kills."""
    for number in range(articles):
        _put(drop, number, dice)
        hurry.wait(dice.uniform(0, 2 * kills * 1.5 / articles))


def _put(drop: Path, number: int, dice: random.Random) -> None:
    body = " ".join(f"word{dice.randrange(10**6)}" for _ in range(30))
    article = {"title": _title(number), "text": body, "publisher": f"publisher {number % PUBLISHERS}"}
    path = drop / f".{number}.json"
    path.write_text(json.dumps(article, ensure_ascii=False), encoding="utf-8")
    path.rename(drop / f"{number}.json")


def _dies_at(place: str, folder: Path, number: int, dice: random.Random, under_way: Counter[str]) -> bool:
    """Drop an article and let a daemon run to a place of its way; whether it got there, and was killed.

    Counts what was under way then.
    """
    _put(folder / "drop", number, dice)
    daemon = Daemon(folder / "monitor.yaml", dies=place)
    end = time.monotonic() + PATIENCE_S
    try:
        while time.monotonic() < end and daemon.process.poll() is None:
            is_over = _is_told(folder, number + 1) and not list((folder / "drop").glob("*.json"))
            with suppress(subprocess.TimeoutExpired):
                daemon.process.wait(1 if is_over else 0.1)
            if is_over:
                break
        return daemon.process.poll() == -signal.SIGKILL
    finally:
        daemon.kill()
        under_way.update(_under_way(folder))


def _under_way(folder: Path) -> list[str]:
    """The deliveries that a daemon which is no more had claimed and not settled."""
    try:
        return [str(id) for (id,) in _rows(folder, "SELECT id FROM delivery WHERE state = 'leased'")]
    except sqlite3.Error:  # there is no database yet
        return []


def _is_told(folder: Path, articles: int) -> bool:
    try:
        (found,) = _rows(folder, "SELECT count(*) FROM match")
        (open_,) = _rows(folder, "SELECT count(*) FROM delivery WHERE state <> 'sent'")
        (waiting,) = _rows(folder, "SELECT count(*) FROM disposition WHERE disposition <> 'alerted'")
    except sqlite3.Error:
        return False
    return found[0] >= articles and not open_[0] and not waiting[0]


def _rows(folder: Path, query: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(f"file:{folder / 'rasid.db'}?mode=ro", uri=True, timeout=10)) as connection:
        return connection.execute(query).fetchall()
