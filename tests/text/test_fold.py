"""Folding: what becomes one, what stays apart, and where every letter came from."""

from __future__ import annotations

import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from monitor.text.chinese import SIMPLIFIED
from monitor.text.fold import fold, folded, loosen

MARKS = st.sampled_from("\u0301\u0308\u0307\u0654\u0653\u0306\u0345\u064b\u05b0\u200b")
TRICKY_LETTERS = st.text(
    st.sampled_from(
        list("aAeIiİıßœÆé\u0301\u0308\u0654\u0653\u0670\u064b\u0640\u200b\u200f\u200c \n.-_'’")
        + list("اأإآٱءؤئةهھہۂیىيکك٣۴وبلﻻﷲﷺﺍﹰﱞｉＩﬁﬀ𝗔Ёёйї\u0306п'яїשׁ\u05be״李·ٮےټÅ\u0345\ufeff\ud800襲臺薴苧м'")
    ),
    max_size=12,
)
TRICKY = TRICKY_LETTERS | st.lists(st.sampled_from("iIİıeEéßœ\u0435ЁиИاییوههשאÅn") | MARKS, max_size=8).map("".join)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("قَاعِدَةُ الأَسَدِ", "قاعدة الاسد"),
        ("عيـــن", "عين"),
        ("ﺃﻋﻠﻦ ﺍﻟﺠﻴﺶ", "اعلن الجيش"),
        ("ا\u0654سد وا\u0653سيا", "اسد واسيا"),
        ("مسؤول مسئول شيء", "مسءول مسءول شيء"),
        ("کرکوک السلیمانیة ۃ ٱ", "كركوك السليمانية ة ا"),
        ("١٧ ۲۳ ٣٫٥", "17 23 3.5"),
        ("at\u00adtack Ira\u200bn ＩＲＡＮ conﬂict 𝐁𝐫𝐞𝐚𝐤", "attack iran iran conflict break"),
        ("Iran’s Iran´s Iran`s", "iran's iran's iran's"),
        ("al‑Qaeda al–Qaeda", "al-qaeda al-qaeda"),
        ("ʿAin ʾal", "ain al"),
        ("Größe Œuvre Æsir Łódź Đông ø", "grosse oeuvre aesir lodz dong o"),
        ("İstanbul ISTANBUL ısı", "istanbul istanbul isi"),
        ("ёлка й ї За\u0301мок м'ята", "елка й ї замок мята"),
        ("שָׁלוֹם־צה״ל", 'שלום-צה"ל'),
        ("a\u00a0b\u202fc", "a b c"),
        ("`", "'"),
        ("襲擊 臺灣", "袭击 台湾"),
        ("\ufb2aלום", "שלום"),
    ],
)
def test_spellings_become_one(text: str, expected: str) -> None:
    assert folded(text) == expected


@pytest.mark.parametrize("text", ["ة ه ى ي", "می\u200cخواهم".replace("ی", "ي"), "ﷺ"])
def test_what_the_grammar_decides_is_left_alone(text: str) -> None:
    assert folded(text) == text


def test_strict_keeps_hamzas_and_diacritics_but_not_marks_and_case() -> None:
    assert fold("أَسد Café Straße ё ıI", strict=True).text == "أسد café straße ё ıi"


def test_a_whole_traditional_text_folds_like_its_simplified_one() -> None:
    traditional = "".join(sorted(SIMPLIFIED)[:300])
    assert folded(traditional) == folded("".join(SIMPLIFIED[letter] for letter in traditional))
    assert fold(traditional, strict=True).text == traditional


def test_a_long_text_with_letters_beyond_the_basic_plane_folds_like_its_parts() -> None:
    parts = ["\U0001f600 ", "Ünïcode ", "𝗔lpha "] * 100

    assert folded("".join(parts)) == "".join(map(folded, parts))


def test_a_tower_of_marks_is_one_letter() -> None:
    both = fold("a" + "\u0301\u0323" * 50_000 + "b")
    assert both.text == "ab"
    assert both.original(0, 1) == (0, 100_001)
    assert len(fold(both.raw, strict=True).text) < 40


def test_a_run_of_what_cannot_be_seen_takes_no_longer_for_being_long() -> None:
    start = time.process_time()
    both = fold("a" + "\u200b" * 200_000 + "\u0640" + "b")
    assert time.process_time() - start < 20
    assert (both.text, both.original(0, 1), both.original(1, 2)) == ("ab", (0, 200_002), (200_002, 200_003))


def test_an_apostrophe_goes_only_from_between_two_cyrillic_letters() -> None:
    assert folded("'п'ять о'о'о п'x x'п п' Straße's") == "'пять ооо п'x x'п п' strasse's"


def test_urdu_keeps_its_two_letters_apart() -> None:
    assert folded("کھا ہے کہا") == "كھا هے كها"
    assert folded("کھا") == "كها"
    assert fold("کھا", is_urdu=True).text == "كھا"
    assert loosen("أكھا") == "اكھا"


@pytest.mark.parametrize(
    ("text", "word", "expected"),
    [
        ("في قَاعِدَةٌ\u200f هنا", "قاعدة", "قَاعِدَةٌ"),
        ("a \u200bIra\u200bn\u200b b", "iran", "Ira\u200bn"),
        ("die Größe der", "grosse", "Größe"),
        ("die Größe der", "os", "öß"),
        ("ﻻ ﷲ", "لا", "ﻻ"),
        ("ﻻ ﷲ", "الله", "ﷲ"),
        ("ﻻ ﷲ", "ل", "ﻻ"),
        ("cafe\u0301s", "cafe", "cafe\u0301"),
        ("e\u0301ß x", "x", "x"),
    ],
)
def test_a_folded_range_maps_back_to_the_letters_it_came_from(text: str, word: str, expected: str) -> None:
    both = fold(text)
    start = both.text.index(word)
    assert text[slice(*both.original(start, start + len(word)))] == expected


@settings(deadline=None)
@given(TRICKY, st.booleans())
@example("\u0130\u0307", False)
@example("\u0130\u0308", True)
@example("e\u200b\u0301", True)
def test_folding_twice_changes_nothing(text: str, strict: bool) -> None:
    once = fold(text, strict=strict).text
    assert fold(once, strict=strict).text == once


@settings(deadline=None)
@given(st.text(max_size=30) | TRICKY, st.booleans())
def test_every_range_maps_back_inside_the_text_and_in_order(text: str, strict: bool) -> None:
    both = fold(text, strict=strict)
    assert len(both.cased) == len(both.text)
    ends = [both.original(place, place + 1) for place in range(len(both.text))]
    assert all(0 <= start <= end <= len(text) for start, end in ends)
    assert ends == sorted(ends)


@settings(deadline=None)
@given(st.text(max_size=30) | TRICKY)
def test_the_range_of_a_word_folds_to_the_word(text: str) -> None:
    both = fold(f"{text} Größe {text}")
    start = both.text.index(" grosse ") + 1
    found = both.raw[slice(*both.original(start, start + 6))]
    assert folded(found) == "grosse"
