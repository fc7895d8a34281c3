"""Fingerprints: equal words make equal keys."""

from __future__ import annotations

import pytest

from monitor.text.fingerprint import jaccard, text_key

TEXT = "دوت صفارات الإنذار في القاعدة الجوية صباح اليوم"


def test_the_key_ignores_marks_spaces_and_the_title_of_a_long_text() -> None:
    assert text_key("عنوان", TEXT) == text_key("آخر", "«دَوَّت»  صفارات الانذار في القاعدة الجوية، صباح اليوم.")
    assert len(text_key("", TEXT)) == 20


def test_the_key_of_a_short_text_includes_the_title() -> None:
    assert text_key("One", "Read more here") != text_key("Two", "Read more here")
    assert text_key("One", "") == text_key("", "one")


def test_an_article_without_words_has_no_key() -> None:
    assert text_key("…", "\n") == ""


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
