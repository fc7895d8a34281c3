"""A term: one thing to look for, as the analyst wrote it, with the way it is to be read. Decides nothing."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Mode(StrEnum):
    """How a term is read."""

    EXACT = "exact"  # this form only
    WORD = "word"  # with clitics and possessives
    FORMS = "forms"  # every inflected form of the lemma; reads as WORD until its issue
    STARTS = "starts"  # a prefix
    PATTERN = "pattern"  # an RE2 expression


@dataclass(frozen=True, slots=True)
class Term:
    """One thing to look for.

    `cased` None means smart case. `name`: no suffixes, no added article. `strict`: spellings as written (folding A
    only). `clitics_always`: keep readings that a dictionary takes for another word. A hit inside a longer hit of a
    `not_part_of` term does not count. `translit` waits for its issue.
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
