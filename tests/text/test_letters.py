"""Words as ranges of letters: what is one word."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.text.letters import cut


def words(text: str) -> list[str]:
    found = cut(text)
    return [text[start:end] for start, end in zip(found.starts.tolist(), found.ends.tolist(), strict=True)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("... !", []),
        ("one", ["one"]),
        ("iran's #عين_الاسد", ["iran", "s", "عين", "الاسد"]),
        ("1,400 at 09:32, 3.5.", ["1,400", "at", "09:32", "3.5"]),
        (".5 5. a.b", ["5", "5", "a", "b"]),
        ("و12 كوفيد19 F16", ["و", "12", "كوفيد", "19", "F16"]),
        ("发射导弹 now", ["发射", "射导", "导弹", "now"]),
        ("中 5发", ["中", "5", "发"]),
        ("𐓘𐓙 😀 x", ["𐓘𐓙", "x"]),
        ("a\ud800b", ["a", "b"]),
    ],
)
def test_words_are_runs_of_letters_and_of_signs_every_two(text: str, expected: list[str]) -> None:
    assert words(text) == expected
    assert len(cut(text)) == len(expected)


@given(st.text())
def test_any_text_is_cut_into_what_has_letters(text: str) -> None:
    assert all(any(map(str.isalnum, word)) for word in words(text))
    assert {letter for letter in text if letter.isalnum()} <= set("".join(words(text)))
