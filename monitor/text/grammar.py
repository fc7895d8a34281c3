"""What every language's grammar of clitics speaks: stems that a word is entered under, and readings of a token.

A word of a term is entered under one or more *stems* (a core with the endings and prefixes it may carry). A token
is cut into prefix + core + suffix in every way its script allows; each cut whose core is a stem is a *reading*.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import IntFlag
from typing import ClassVar, NamedTuple, Protocol

from monitor.text.fold import loosen


class Ending(IntFlag):
    """What an ending does, which decides where in a phrase it may stand; `DEFINITE` means also after an article."""

    BARE = 1  # the word as written, or a spelling of its last letter
    AGREEMENT = 2  # tanwin, dual, plural
    CONSTRUCT = 4  # dual or plural before a genitive
    PRONOUN = 8  # also the English possessive
    DEFINITE = 16


class Prefixes(IntFlag):
    """What a stem may have before it."""

    NONE = 1
    PROCLITIC = 2
    ARTICLE = 4
    MELTING = 8  # a proclitic that swallows the article: Hebrew בגדה for ב + הגדה
    AND = 16  # only "and" and "so": verbs


class Doubt(IntFlag):
    """Why a reading may be another word by accident; a dictionary decides."""

    NOTHING = 0
    CLITIC = 1  # a bare one-letter word was taken off the front
    LETTER = 2  # a lone letter was taken off the end
    SPELLING = 4  # a last letter was taken for another
    LISTED = 8  # our own list has the other word; no dictionary is asked


@dataclass(frozen=True, slots=True)
class Stem:
    """One core of a word. `has_article` says that the word is written with its own article, which it then needs."""

    core: str
    endings: Mapping[str, Ending]
    prefixes: Prefixes = Prefixes.NONE
    has_article: bool = False
    # How many letters of an ending still belong to the core: ة, or the ت it turns into.
    own_letters: Mapping[str, int] | None = None


class Reading(NamedTuple):
    """One way to read a token as a word: its core lies at `start`..`end` of the token.

    `added_article` says that the token has an article which the word has not.
    """

    start: int
    end: int
    ending: Ending
    added_article: bool = False
    prefix: str = ""
    suffix: str = ""
    doubt: Doubt = Doubt.NOTHING


WHOLE: Mapping[str, Ending] = {"": Ending.BARE | Ending.DEFINITE}
"""The endings of a stem that takes none."""


class Cuts(Protocol):
    """How the tokens of one script are cut into prefix, core and suffix; shared by the languages that write it."""

    def readings(self, token: str, stems: Mapping[str, Sequence[tuple[int, Stem]]]) -> Iterator[tuple[int, Reading]]:
        """Yield the ways to read a token as one of the words in `stems` (core -> (word, stem))."""

    def remainders(self, token: str) -> Iterator[tuple[str, int, Prefixes]]:
        """Yield (prefix, where the rest begins, of what a stem must allow one to have it), the empty prefix first."""


class Grammar:
    """One language's clitics: under which stems its words are entered, and how else they are written.

    By itself the grammar of a language that writes nothing onto its words, or whose clitics nobody told us.
    """

    doubts: ClassVar[bool] = False
    """Whether a doubtful reading of a term that is one word asks a dictionary."""

    def stems(self, word: str, *, strict: bool, name: bool, alone: bool) -> tuple[Stem, ...]:
        """Return the stems of a word, written in full (`fold(..., strict=True)`). Unless `strict`, cores are folded.

        The first is the word as written. `name`: no endings and no added article. `alone`: it is the whole term, so
        that short words are protected.
        """
        return self.exact_stems(word, strict=strict)

    def exact_stems(self, word: str, *, strict: bool) -> tuple[Stem, ...]:
        """Return the stems of a word that takes nothing."""
        return (Stem(word if strict else loosen(word), WHOLE),)

    def has_article(self, word: str) -> bool:
        """Tell whether a word is written with its article."""
        return False

    def variants(self, word: str, *, alone: bool, exact: bool) -> tuple[str, ...]:
        """Return other spellings of a word; `exact`: none that changes with its case."""
        return ()

    def spellings(self, words: Sequence[str], *, bare: bool) -> Iterator[tuple[str, ...]]:
        """Yield other divisions of a term into words; `bare`: none that adds an ending."""
        yield from ()
