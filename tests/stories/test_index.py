"""The index: who shares keys, the most telling first, whatever was sorted when."""

from __future__ import annotations

import random

import numpy as np
import pytest

from monitor.stories import index as module
from monitor.stories.fingerprint import Values
from monitor.stories.index import MOST_FOUND, NEWEST, Index


def keys(*numbers: int) -> Values:
    return np.array(numbers, np.uint32)


def loaded(entries: dict[int, Values]) -> Index:
    """An index that is given everything at once."""
    made = Index()
    numbers = np.repeat(np.array(list(entries), np.uint64), [len(some) for some in entries.values()])
    made.load(numbers, np.concatenate([*entries.values(), keys()]))
    return made


def added(entries: dict[int, Values]) -> Index:
    made = Index()
    for number, some in entries.items():
        made.add(number, some)
    return made


def test_what_shares_more_keys_comes_first() -> None:
    index = added({1: keys(10, 20), 2: keys(10, 20, 30), 3: keys(40)})

    assert index.find(keys(10, 20, 30, 50)) == [2, 1]
    assert index.find(keys(50)) == loaded({1: keys(10)}).find(keys(50)) == []
    assert index.find(keys()) == []


def test_a_key_that_few_have_says_more_than_keys_that_many_have() -> None:
    common = {number: keys(10, 20) for number in range(2, 12)}
    index = added({1: keys(99), **common})

    assert index.find(keys(10, 20, 99))[0] == 1


def test_of_equals_the_newest_are_found_and_no_more_than_sixteen() -> None:
    index = added({number: keys(10) for number in range(1000)})

    assert index.find(keys(10)) == list(range(999, 999 - MOST_FOUND, -1))


def test_of_a_key_that_many_share_only_the_newest_are_looked_at() -> None:
    flood = {number: keys(10) for number in range(1, 5000)}
    index = loaded({0: keys(10, 20), **flood})
    index.add(5000, keys(10))

    assert index.find(keys(10, 20))[0] == 0  # by its other key
    assert NEWEST < 5000
    assert 0 not in index.find(keys(10))


def test_what_is_forgotten_is_not_found() -> None:
    index = added({1: keys(10), 2: keys(10)})
    index.forget_before(2)
    index.forget_before(1)

    assert index.find(keys(10)) == [2]


@pytest.mark.parametrize("seed", range(5))
def test_an_index_finds_the_same_however_it_came_about(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    chance = random.Random(seed)
    entries = {number: keys(*chance.sample(range(60), 6)) for number in range(1, 400)}
    half = dict(list(entries.items())[:200])
    questions = [keys(*chance.sample(range(60), 6)) for _ in range(40)]
    whole, once = added(entries), loaded(entries)
    monkeypatch.setattr(module, "MERGED_AT", 50)
    often = added(entries)
    mixed = loaded(half)
    for number in range(201, 400):
        mixed.add(number, entries[number])
        if number == 300:
            mixed.forget_before(100)
    for made in (whole, once, often):
        made.forget_before(100)

    answers = [[made.find(question) for question in questions] for made in (whole, once, often, mixed)]

    assert answers[0] == answers[1] == answers[2] == answers[3]
    assert any(answers[0])
