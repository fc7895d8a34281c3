"""The likeness of two texts by their folded words."""

from __future__ import annotations

import pytest

from monitor.text.fingerprint import jaccard, words


def test_words_are_folded() -> None:
    assert words("«دَوَّت»  صفارات الانذار") == words("دوت صفارات الإنذار!")


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        ("a b c d", "A, b. C d!", 1.0),
        ("a b c d", "a b c e", 1 / 3),
        ("a b", "a b", 1.0),
        ("a b", "a c", 0.0),
        ("", "", 1.0),
        ("", "a", 0.0),
    ],
)
def test_likeness_is_the_share_of_common_shingles(a: str, b: str, expected: float) -> None:
    assert jaccard(a, b) == pytest.approx(expected)
