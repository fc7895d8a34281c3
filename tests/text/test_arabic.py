"""What Arabic writes onto a word, where it is known where the word stands."""

from __future__ import annotations

import pytest

from monitor.text.arabic import readings_at
from monitor.text.grammar import WHOLE, Prefixes, Stem

STEMS = {"هجوم": [(7, Stem("هجوم", WHOLE, Prefixes.NONE | Prefixes.ARTICLE))]}


@pytest.mark.parametrize(
    ("token", "start", "is_read"), [("هجوم", 0, True), ("والهجوم", 3, True), ("سهجوم", 1, False)]
)
def test_a_core_is_read_only_behind_a_prefix_that_there_is(token: str, start: int, is_read: bool) -> None:
    found = list(readings_at(token, STEMS, [(start, len(token))]))
    assert [(word, reading.start, reading.end) for word, reading in found] == [(7, start, len(token))] * is_read
