"""Pairs of articles written by hand: each is what its heading says."""

from __future__ import annotations

from collections import Counter

import pytest

from monitor.model import Relation
from tests.stories.samples import Pair, of, pairs, relation

PAIRS = pairs()


@pytest.mark.parametrize("pair", PAIRS, ids=str)
def test_the_second_is_to_the_first_what_the_heading_says(pair: Pair) -> None:
    (title, text), (other_title, other_text) = pair.one, pair.other
    one, other = of(text, title), of(other_text, other_title)

    assert relation(other, one, pair.apart) == relation(one, other, pair.apart) == pair.relation


def test_there_are_joins_and_non_joins_enough_in_both_languages() -> None:
    counts = Counter((pair.one[1].isascii(), pair.relation is Relation.SEPARATE) for pair in PAIRS)

    assert len(PAIRS) >= 60
    assert min(counts.values()) >= 15
    assert {pair.relation for pair in PAIRS} == set(Relation)
