"""An inflected form of a word, and by which grammar it is read."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class Kind(StrEnum):
    """What grammar a form takes beyond its own letters. Only Arabic has verbs that differ from other words."""

    WORD = "word"  # that of any word of its language
    PAST = "past"
    MARKED = "marked"  # a past that counts only with an ending
    IMPERFECT = "imperfect"  # without the letter of its person


class Inflected(NamedTuple):
    """One form, in lower case with its hamzas and marks of letters; may be several words (می زند)."""

    text: str
    kind: Kind = Kind.WORD
