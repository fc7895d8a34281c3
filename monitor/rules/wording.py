"""A term: one thing to look for, as the analyst wrote it, with the way it is to be read. Decides nothing."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Mode(StrEnum):
    """How a term is read."""

    EXACT = "exact"  # this form only
    WORD = "word"  # with clitics and possessives
    FORMS = "forms"  # every inflected form of the lemma
    STARTS = "starts"  # a prefix
    PATTERN = "pattern"  # an RE2 expression


@dataclass(frozen=True, slots=True)
class Needs:
    """What a name counts beside: a hit of one of `terms` in the same sentence or paragraph, or `words` words away."""

    terms: tuple[Term, ...]
    unit: str  # sentence, paragraph or words
    words: int = 0

    def __str__(self) -> str:
        reach = self.unit if self.unit != "words" else f"{self.words} word{'s' * (self.words != 1)}"
        return f"{', '.join(term.text for term in self.terms)} within {reach}"


@dataclass(frozen=True, slots=True)
class Term:
    """One thing to look for.

    `cased` None means smart case. `name`: no suffixes, no added article. `strict`: spellings as written (folding A
    only). `clitics_always`: keep readings that a dictionary takes for another word. `translit`: an Arabic name is
    also found in Latin letters. A hit inside a longer hit of a `not_part_of` term does not count, nor does one that
    is not beside what it `needs`.
    """

    text: str
    mode: Mode = Mode.WORD
    lang: str = ""
    cased: bool | None = None
    name: bool = False
    translit: bool = False
    strict: bool = False
    clitics_always: bool = False
    not_part_of: tuple[Term, ...] = ()
    needs: Needs | None = None
