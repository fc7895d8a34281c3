"""English clitics: the possessive. `boss'` needs no rule, since an apostrophe at the edge is no part of a token.

Also the grammar of every language that has none of its own yet: no apostrophe's tail but 's is ever taken off.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from monitor.text.fold import loosen
from monitor.text.grammar import WHOLE, Ending, Prefixes, Reading, Stem

_ENDINGS = {"": Ending.BARE | Ending.DEFINITE, "'s": Ending.PRONOUN | Ending.DEFINITE}


def stems(word: str, *, strict: bool, name: bool, alone: bool) -> tuple[Stem, ...]:
    """Return the word itself; names take the possessive too."""
    return (Stem(word if strict else loosen(word), _ENDINGS, Prefixes.NONE),)


def plain_stems(word: str, *, strict: bool, name: bool, alone: bool) -> tuple[Stem, ...]:
    """Return the word itself, which takes nothing: languages without a grammar."""
    return (Stem(word if strict else loosen(word), WHOLE, Prefixes.NONE),)


def readings(token: str, stems: Mapping[str, Sequence[tuple[int, Stem]]]) -> Iterator[tuple[int, Reading]]:
    """Yield the token as it stands, and without 's."""
    for suffix in ("", "'s"):
        if not token.endswith(suffix):
            continue
        core = token[: len(token) - len(suffix)]
        for word, stem in stems.get(core, ()):
            ending = stem.endings.get(suffix)
            if ending is not None:
                yield word, Reading(0, len(core), ending, suffix=suffix)


def remainders(token: str) -> Iterator[tuple[str, int, bool]]:
    """Yield the token itself: nothing is written onto its front."""
    yield "", 0, False


def exact_stems(word: str, *, strict: bool) -> tuple[Stem, ...]:
    """Return the word itself, which takes nothing."""
    return plain_stems(word, strict=strict, name=False, alone=False)
