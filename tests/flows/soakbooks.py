"""The books of a soak, held against each other at its end: what was published, what came, what the store says.

Matches and deliveries are copied from the store each compressed day, before retention takes them.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email import message_from_bytes
from pathlib import Path
from typing import Any

from monitor.timing import from_epoch, to_epoch
from tests.flows.soakworld import Published, Rule, token

LINK = re.compile(r"news\.example/no(\d{7})")
"""What a message tells is linked; the title that opened its group is named besides."""

GONE = "gone@example.org"
IN_FLIGHT = 6
"""Tries of one channel that a kill may find made and not yet written down: five, and the one under way."""

MAX_AGE = timedelta(hours=48)
"""What is older when it is seen is stored and not told: its source may have failed for so long."""

FATES = {"alerted", "folded", "silenced", "store-only"}


@dataclass
class Got:
    """What one recipient took: by the id of each delivery the articles it tells, and how often the id came."""

    articles: dict[str, set[int]] = field(default_factory=dict)
    times: Counter[str] = field(default_factory=Counter)

    def take(self, id: str, text: str) -> None:
        """Note one message."""
        self.times[id] += 1
        self.articles.setdefault(id, set()).update(int(number) for number in LINK.findall(text))


def from_posts(bodies: Iterable[Mapping[str, Any]], ids: Iterable[str]) -> Got:
    """What a webhook, Slack or the file took."""
    got = Got()
    for id, body in zip(ids, bodies, strict=True):
        got.take(id, json.dumps(body, ensure_ascii=False))
    return got


def from_letters(letters: Iterable[bytes]) -> Got:
    """What a mailbox took."""
    got = Got()
    for raw in letters:
        letter = message_from_bytes(raw)
        id = str(letter["Message-ID"]).strip("<>").partition("@")[0]
        parts = [part for part in letter.walk() if part.get_content_maintype() == "text"]
        payloads = [part.get_payload(decode=True) for part in parts]
        text = "\n".join(body.decode(errors="replace") for body in payloads if isinstance(body, bytes))
        got.take(id, f"{letter['Subject']}\n{text}")
    return got


@dataclass
class Ledger:
    """What the store said of matches and deliveries, copied while it says it. Keys are the store's own."""

    database: Path
    matches: dict[int, tuple[str, str]] = field(default_factory=dict)  # article, rule
    fates: dict[tuple[int, str], tuple[str, str | None, str, int]] = field(default_factory=dict)  # alert, group, when
    deliveries: dict[str, tuple[str, str, str, str, str | None]] = field(default_factory=dict)
    _since: datetime | None = None

    def copy(self, now: datetime, back: timedelta = timedelta(days=4)) -> None:
        """Copy what has come since the last copy, and of `back` before it what may have changed since."""
        since = 0 if self._since is None else to_epoch(self._since - back)
        self._since = now
        for number, article, rule in self._rows(
            "SELECT m.number, a.id, m.rule FROM match m JOIN article a ON a.number = m.article"
            " WHERE m.created >= ?", since,
        ):  # fmt: skip
            self.matches[number] = (article, rule)
        for match, channel, fate, alert, group, at in self._rows(
            "SELECT d.match, d.channel, d.disposition, d.alert, d.group_key, d.at FROM disposition d"
            " JOIN match m ON m.number = d.match WHERE m.created >= ?", since,
        ):  # fmt: skip
            self.fates[match, channel] = (fate, alert, group, at)
        for id, *rest in self._rows(
            "SELECT id, alert, channel, recipient, state, digest FROM delivery WHERE created >= ?", since
        ):
            self.deliveries[id] = (rest[0], rest[1], rest[2], rest[3], rest[4])

    def _rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True, timeout=30)) as connection:
            return connection.execute(query, values).fetchall()

    def one(self, query: str) -> Any:
        """One value of the store."""
        return self._rows(query)[0][0]

    def stored(self) -> Counter[str]:
        """The ids of all articles, how often each stands in the store."""
        return Counter(str(row[0]) for row in self._rows("SELECT id FROM article"))


@dataclass(frozen=True, kw_only=True)
class Account:
    """What came of it all: figures to print, and what does not add up, a line each."""

    figures: Mapping[str, object]
    problems: tuple[str, ...]


def audit(
    book: Iterable[Published],
    rules: Mapping[str, Rule],
    ledger: Ledger,
    got: Mapping[str, Got],
    recipients: Mapping[str, tuple[str, ...]],
    hushes: Iterable[tuple[datetime, datetime]],
    kills: int,
) -> Account:
    """Hold the three books against each other. `got` is by channel; `recipients` are those to be told."""
    published = {one.id: one for one in book}
    stored = ledger.stored()
    lost = [one.number for id, one in published.items() if id not in stored]
    strange_articles = sum(id not in published for id in stored)
    twice_stored = sum(times > 1 for times in stored.values())

    wanted = {(id, one.rule) for id, one in published.items() if one.rule}
    found = {(article, rule) for article, rule in ledger.matches.values()}
    by_alert: dict[tuple[str, str], list[str]] = {}
    for id, (alert, channel, _, _, _) in ledger.deliveries.items():
        by_alert.setdefault((alert, channel), []).append(id)

    problems: list[str] = []
    fates: Counter[str] = Counter()
    never_told: list[str] = []
    groups = {(channel, group) for (_, channel), (fate, _, group, _) in ledger.fates.items() if fate == "alerted"}
    hushed = [(to_epoch(begin), to_epoch(end)) for begin, end in hushes]
    for match, (article, rule_id) in ledger.matches.items():
        one, rule = published.get(article), rules[rule_id]
        for channel in rule.channels or ("",):
            fate, told_in, group, at = ledger.fates.get((match, channel), ("nothing", None, "", 0))
            fates[fate] += 1
            what = f"{rule_id} on {one.number if one else article} for {channel or 'nobody'}: {fate}"
            if fate == "alerted" and told_in is not None:
                why = _untold(one, by_alert.get((told_in, channel), []), ledger, got[channel], recipients[channel])
                if why:
                    never_told.append(f"{what}, {why}")
            elif fate == "folded" and (channel, group) not in groups:
                never_told.append(f"{what}, into a group never told")
            elif fate == "silenced" and not (
                rule_id == "hushed" and any(begin <= at <= end for begin, end in hushed)
            ):
                never_told.append(f"{what}, and no silence held it")
            elif fate == "stale":
                if one is None or from_epoch(at) - one.at <= MAX_AGE:
                    never_told.append(f"{what}, and it was young")
            elif fate not in FATES or (fate == "store-only") == bool(rule.channels):
                never_told.append(what)
    more = [key for key in ledger.fates if key[0] not in ledger.matches]
    expected_fates = sum(len(rules[rule].channels or ("",)) for _, rule in ledger.matches.values())

    digests = {digest for *_, digest in ledger.deliveries.values() if digest}
    strange = {
        channel: [id for id in took.times if id not in ledger.deliveries or ledger.deliveries[id][1] != channel]
        for channel, took in got.items()
    }
    repeated = {channel: sum(n - 1 for n in took.times.values()) for channel, took in got.items()}
    again = {  # taken by the receiver, and then, as nobody knew of that, told by a digest
        channel: [id for id in took.times if (known := ledger.deliveries.get(id)) and known[4]]
        for channel, took in got.items()
    }
    twice_told = {channel: _under_two_ids(took, ledger) for channel, took in got.items()}
    states = Counter(
        f"{channel} {recipient or 'all'} {state}" for _, channel, recipient, state, _ in ledger.deliveries.values()
    )
    unfinished = [id for id, (*_, state, _) in ledger.deliveries.items() if state in ("pending", "leased", "held")]
    dead_wrongly = [id for id, (_, _, recipient, state, _) in ledger.deliveries.items()
                    if state in ("dead", "parked") and recipient != GONE]  # fmt: skip

    def check(name: str, wrong: object) -> None:
        if wrong:
            some = f"{len(wrong)}, such as {sorted(wrong, key=str)[:3]}" if isinstance(wrong, list | set) else wrong
            problems.append(f"{name}: {some}")

    check("articles published and never stored", lost)
    check("articles stored that nobody published", strange_articles)
    check("articles stored twice", twice_stored)
    check("matches that should be and are not", wanted - found)
    check("matches that should not be", found - wanted)
    check("dispositions that belong to no match", more)
    check("dispositions beside matches x channels", len(ledger.fates) - len(more) - expected_fates)
    check("never told, without a reason that holds", never_told)
    check("deliveries unfinished", unfinished)
    check("deliveries given up that had a living recipient", dead_wrongly)
    for channel in got:
        check(f"{channel}: messages that the store does not know", strange[channel])
        check(f"{channel}: articles told twice under two ids", twice_told[channel])
        if (came := repeated[channel] + len(again[channel])) > kills * IN_FLIGHT:
            problems.append(f"{channel}: {came} messages came again, more than {kills} kills explain")
    check("the database is damaged", [] if ledger.one("PRAGMA integrity_check") == "ok" else ["integrity_check"])
    figures: dict[str, object] = {
        "articles published": len(published),
        "articles stored": sum(stored.values()),
        "articles lost": len(lost),
        "articles stored twice": twice_stored,
        "articles with text kept": ledger.one("SELECT count(*) FROM article WHERE pruned IS NULL"),
        "matches expected / found": f"{len(wanted)} / {len(found)}",
        "dispositions": dict(fates),
        "matches never told without a reason": len(never_told),
        "messages taken": {channel: sum(took.times.values()) for channel, took in got.items()},
        "of these digests": {channel: len(digests & took.times.keys()) for channel, took in got.items()},
        "messages that came again, same id": repeated,
        "told again by a digest": {channel: len(ids) for channel, ids in again.items()},
        "articles told twice, two ids": {channel: len(twice) for channel, twice in twice_told.items()},
        "deliveries": dict(sorted(states.items())),
    }
    return Account(figures=figures, problems=tuple(problems))


def _untold(one: Published | None, ids: list[str], ledger: Ledger, got: Got, recipients: tuple[str, ...]) -> str:
    """Why an alert's match has not reached everybody; empty when it has."""
    for recipient in recipients:
        mine = [id for id in ids if ledger.deliveries[id][2] == recipient]
        if not mine:
            return f"no delivery for {recipient or 'it'}"
        digest = ledger.deliveries[mine[0]][4]
        if digest:
            if digest not in got.times:
                return f"its digest {digest} never came"
        elif mine[0] not in got.times:
            return f"its message {mine[0]} never came"
        elif one is not None and one.number not in got.articles[mine[0]]:
            return f"its message {mine[0]} does not tell {token(one.number)}"
    return ""


def _under_two_ids(got: Got, ledger: Ledger) -> list[str]:
    """Articles named by two messages; digests tell what was held, and each of those was told by nothing else."""
    digests = {digest for *_, digest in ledger.deliveries.values() if digest}
    seen: dict[int, str] = {}
    return [
        f"{token(number)} by {seen[number]} and {id}"
        for id, numbers in got.articles.items()
        for number in (numbers if id not in digests else ())
        if seen.setdefault(number, id) != id
    ]
