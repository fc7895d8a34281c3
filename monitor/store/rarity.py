"""How often words occur in the archive, by its index of folded words: rules are found by what is rare."""

from __future__ import annotations

import sqlite3

from monitor import timing
from monitor.rules.plan import USUAL
from monitor.store.connection import Readers

LEAST = 1_000
"""Articles from which on an archive says how often a word occurs."""

MOST_S = 2.0
"""Seconds that are spent on looking up; the words that are left are taken for usual ones."""


class Rarity:
    """The share of the archive's articles that hold a folded word. Each word is looked up once."""

    def __init__(self, readers: Readers, articles: int) -> None:
        self._readers = readers
        self._articles = articles
        self._known: dict[str, float] = {}
        self._spent_s = 0.0

    def __call__(self, word: str) -> float:
        """Above 0 to 1; of a word that does not occur, less than one article."""
        if word not in self._known and self._spent_s < MOST_S:
            begun = timing.monotonic()
            with self._readers.snapshot() as db:
                self._known[word] = min((_holding(db, word) + 0.5) / (self._articles + 1), 1.0)
            self._spent_s += timing.monotonic() - begun
        return self._known.get(word, USUAL)


def rarity(readers: Readers) -> Rarity | None:
    """By the archive as it is now; None while it is too small to say."""
    with readers.snapshot() as db:
        articles = db.execute("SELECT count(*) FROM article_search_docsize").fetchone()[0]
    return Rarity(readers, articles) if articles >= LEAST else None


def _holding(connection: sqlite3.Connection, word: str) -> int:
    """How many articles hold a word, by itself or behind the Arabic article."""
    if not word.isalnum():  # the index has no word with a sign in it
        return 0
    query = "SELECT count(*) FROM article_search WHERE article_search MATCH ?"
    found: int = connection.execute(query, (f'"{word}" OR "ال{word}"',)).fetchone()[0]
    return found
