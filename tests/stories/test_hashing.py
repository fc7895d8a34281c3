"""Hashes: the same under one seed for ever, others under another, and none where there is nothing."""

from __future__ import annotations

import numpy as np

from monitor.stories.hashing import MOST_LETTERS, SEED_BYTES, Hasher, distinct
from monitor.text.letters import cut

ONE, OTHER = Hasher(bytes(range(SEED_BYTES))), Hasher(b"\xff" * SEED_BYTES)


def test_a_word_has_one_hash_wherever_it_stands() -> None:
    hashes = ONE.words(cut("rocket fire rocket")).tolist()

    assert hashes[0] == hashes[2] != hashes[1]
    assert hashes[0] == ONE.words(cut("x rocket")).tolist()[1]


def test_hashes_stored_by_one_release_are_those_of_the_next() -> None:
    assert ONE.words(cut("قاعدة base")).tolist() == [15760058037917547937, 934356145198442486]


def test_of_an_endless_text_words_that_end_within_the_limit_are_hashed() -> None:
    text = "x" * (MOST_LETTERS - 5) + " fits over"

    assert len(ONE.words(cut(text))) == 2
    assert len(ONE.words(cut("x" + text))) == 1


def test_another_seed_gives_other_hashes() -> None:
    assert not set(ONE.words(cut("one two")).tolist()) & set(OTHER.words(cut("one two")).tolist())


def test_runs_are_of_three_words_in_their_order() -> None:
    words = ONE.words(cut("a b c d"))

    assert len(ONE.runs(words)) == 2
    assert ONE.runs(words)[0] != ONE.runs(words[[1, 0, 2]])[0]
    assert len(ONE.runs(words[:2])) == 1
    assert len(ONE.runs(words[:0])) == 0


def test_pairs_and_the_whole_know_no_order() -> None:
    words = ONE.words(cut("a b c"))

    assert set(ONE.pairs(words).tolist()) == set(ONE.pairs(words[::-1]).tolist())
    assert len(ONE.pairs(words)) == 3
    assert ONE.whole(words) == ONE.whole(words[::-1])
    assert len(ONE.whole(words[:0])) == 0


def test_distinct_hashes_are_sorted() -> None:
    assert distinct(np.array([3, 1, 3, 2, 1], np.uint64)).tolist() == [1, 2, 3]
    assert distinct(np.zeros(0, np.uint64)).tolist() == []
