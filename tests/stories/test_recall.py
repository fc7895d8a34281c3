"""On made-up wire news of fixed parameters stories hold together what belongs together, and little else.

300 events of 3 to 12 articles, in English and Arabic, many in nearly the same words; see `wire.py`.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations

import pytest

from monitor.stories.placing import Candidate, Recent, place
from tests.stories.samples import of
from tests.stories.wire import Made, Newsroom, Piece


@dataclass(frozen=True)
class Placed:
    """Every article of the made-up news with the story it came into."""

    pieces: Collection[Piece]
    stories: Mapping[str, str]

    def recall(self, made: Made) -> float:
        """The share of articles made so that are in the story of their event's original."""
        original = {piece.event: piece.article.id for piece in self.pieces if piece.made is Made.ORIGINAL}
        hits = [
            self.stories[piece.article.id] == self.stories[original[piece.event]]
            for piece in self.pieces
            if piece.made is made
        ]
        return sum(hits) / len(hits)

    def precision(self, pieces: Iterable[Piece]) -> float:
        """The share of pairs in one story that are of one event."""
        by_story: defaultdict[str, list[int]] = defaultdict(list)
        for piece in pieces:
            by_story[self.stories[piece.article.id]].append(piece.event)
        pairs = Counter(one == other for events in by_story.values() for one, other in combinations(events, 2))
        return pairs[True] / pairs.total()


def place_all(pieces: Collection[Piece]) -> Placed:
    recent = Recent()
    stories: dict[str, str] = {}
    begun: dict[str, datetime] = {}
    for piece in pieces:
        article = piece.article
        assert article.seen is not None
        this = of(article.text, article.title)
        decision = place(article, this, recent.like(this), article.seen)
        stories[article.id] = decision.story_id
        candidate = Candidate(
            story_id=decision.story_id,
            first_seen=begun.setdefault(decision.story_id, article.seen),
            article_id=article.id,
            seen=article.seen,
            wire=decision.wire,
        )
        recent.add(candidate, this, is_known=decision.is_known)
    return Placed(pieces, stories)


@pytest.fixture(scope="module")
def placed() -> Placed:
    return place_all(Newsroom(seed=1).pieces())


def test_the_news_is_as_announced(placed: Placed) -> None:
    sizes = Counter(piece.event for piece in placed.pieces)
    made = Counter(piece.made for piece in placed.pieces)

    assert (len(sizes), min(sizes.values()), max(sizes.values())) == (300, 3, 12)
    assert min(made.values()) >= 300
    assert {piece.article.language for piece in placed.pieces} == {"en", "ar"}


def test_nearly_every_copy_is_in_the_story_of_its_original(placed: Placed) -> None:
    assert placed.recall(Made.COPY) >= 0.98


def test_nearly_every_trim_is_in_the_story_of_its_original(placed: Placed) -> None:
    assert placed.recall(Made.TRIM) >= 0.95


def test_most_rewrites_are_in_the_story_of_their_original(placed: Placed) -> None:
    assert placed.recall(Made.REWRITE) >= 0.80


def test_what_is_in_one_story_is_of_one_event(placed: Placed) -> None:
    assert placed.precision(placed.pieces) >= 0.98


def test_what_is_in_one_story_is_of_one_event_also_among_look_alikes(placed: Placed) -> None:
    look_alikes = [piece for piece in placed.pieces if piece.twin is not None]

    assert len({piece.event for piece in look_alikes}) == 60
    assert placed.precision(look_alikes) >= 0.95
