"""The books of the soak see what they are there to see: each account is spoilt once, and named."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from monitor.timing import to_epoch
from tests.flows.soakbooks import Got, Ledger, audit
from tests.flows.soakworld import Published, Rule, token

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)
ATTACK, KEPT, HUSHED = Rule("attack", ("hook",), ""), Rule("kept", (), ""), Rule("hushed", ("hook",), "")
BOOK = [Published(number, "s1", NOON, rule) for number, rule in enumerate(("attack", "kept", "hushed", ""), start=1)]


@dataclass
class Books:
    """All three books of four articles; in the beginning they agree."""

    database: Path
    stored: list[str] = field(default_factory=lambda: [one.id for one in BOOK])
    hook: Got = field(default_factory=Got)

    def __post_init__(self) -> None:
        self.ledger = Ledger(self.database)
        self.ledger.matches = {number: (one.id, one.rule) for number, one in enumerate(BOOK[:3], start=1)}
        self.ledger.fates = {
            (1, "hook"): ("alerted", "alert-1", "g1", to_epoch(NOON)),
            (2, ""): ("store-only", None, "", to_epoch(NOON)),
            (3, "hook"): ("silenced", None, "g3", to_epoch(NOON)),
        }
        self.ledger.deliveries = {"d1": ("alert-1", "hook", "", "sent", None)}
        self.say("d1", 1)

    def say(self, id: str, number: int) -> None:
        self.hook.take(id, f"http://news.example/{token(number)}")

    def problems(self) -> tuple[str, ...]:
        with closing(sqlite3.connect(self.database)) as connection:
            connection.execute("CREATE TABLE article (id TEXT, pruned INTEGER)")
            connection.executemany("INSERT INTO article (id) VALUES (?)", [(id,) for id in self.stored])
            connection.commit()
        rules = {rule.id: rule for rule in (ATTACK, KEPT, HUSHED)}
        hushes = [(NOON - timedelta(hours=1), NOON + timedelta(hours=1))]
        return audit(BOOK, rules, self.ledger, {"hook": self.hook}, {"hook": ("",)}, hushes, kills=0).problems


def test_books_that_agree_have_no_problem(tmp_path: Path) -> None:
    assert Books(tmp_path / "rasid.db").problems() == ()


SPOILT: dict[str, Callable[[Books], object]] = {
    "articles published and never stored": lambda books: books.stored.pop(),
    "articles stored twice": lambda books: books.stored.append(BOOK[0].id),
    "articles stored that nobody published": lambda books: books.stored.append("another"),
    "matches that should be and are not": lambda books: books.ledger.matches.pop(2),
    "matches that should not be": lambda books: books.ledger.matches.update({4: (BOOK[3].id, "kept")}),
    "kept on 2 for nobody: nothing": lambda books: books.ledger.fates.pop((2, "")),
    "attack on 1 for hook: waiting": lambda books: books.ledger.fates.update({(1, "hook"): ("waiting", None, "", 0)}),
    "into a group never told": lambda books: books.ledger.fates.update({(1, "hook"): ("folded", None, "g9", 0)}),
    "no silence held it": lambda books: books.ledger.fates.update({(3, "hook"): ("silenced", None, "g3", 0)}),
    "and it was young": lambda books: books.ledger.fates.update(
        {(1, "hook"): ("stale", None, "g1", to_epoch(NOON + timedelta(hours=47)))}
    ),
    "its message d1 never came": lambda books: books.hook.times.clear(),
    "does not tell no0000001": lambda books: books.hook.articles.update({"d1": {2}}),
    "deliveries unfinished": lambda books: books.ledger.deliveries.update({"d2": ("a2", "hook", "", "held", "d9")}),
    "had a living recipient": lambda books: books.ledger.deliveries.update({"d2": ("a2", "hook", "", "dead", None)}),
    "that the store does not know": lambda books: books.say("d7", 4),
    "messages came again": lambda books: books.say("d1", 1),
    "told twice under two ids": lambda books: books.say("d8", 1),
}


@pytest.mark.parametrize("account", SPOILT)
def test_what_does_not_add_up_is_named(account: str, tmp_path: Path) -> None:
    books = Books(tmp_path / "rasid.db")
    SPOILT[account](books)
    assert any(account in problem for problem in books.problems()), account
