"""Folding as an array gives the letters that folding as a string gives."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.text.fastfold import fold_letters
from monitor.text.fold import fold
from monitor.text.letters import decode

STRANGE = "'’ʼЄєїQßœİΣσςھٹأى\u064b\u0640\u200c\u200fｅﬁ\u0301ё５國Ё\uffff\ud800😀𝐀𐐀中 \0"


def same(text: str) -> None:
    whole, letters = fold(text), fold_letters(text)

    assert decode(letters.folded) == whole.text
    lowered = [one != other for one, other in zip(whole.cased, whole.text, strict=True)]
    assert letters.are_capitals(np.arange(len(whole.text))).tolist() == lowered


def test_every_letter_of_the_basic_plane_is_folded_as_by_itself() -> None:
    for first in range(0, 0x10000, 256):
        same(" ".join(map(chr, range(first, first + 256))))
        same("".join(map(chr, range(first, first + 256))))


@pytest.mark.parametrize(
    "text", ["", "п'ять", "Об’єкт", "l'Ukraine", "'ять'", "ΟΔΟΣ", "Straße", "ھم ٹھیک", "e\u0301", "😀 Adlam"]
)
def test_letters_that_depend_on_others_are_folded_with_them(text: str) -> None:
    same(text)


@given(st.text() | st.text(STRANGE))
def test_any_text_is_folded_alike(text: str) -> None:
    same(text)
