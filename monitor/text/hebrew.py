"""Hebrew in word mode: little words and the article, written onto the front of a word (MATCHING 3).

The chain is ו, then כש מש לכש ש, then one of ב כ ל מ, then ה. The article melts into a ב כ ל before it: ה stands
behind מ or none of them (מהבית, never בהבית), and a term that begins with ה loses it there (בגדה for הגדה). An
apostrophe may part a prefix from a name in quotes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import product

from monitor.text.fold import loosen
from monitor.text.grammar import WHOLE, Doubt, Grammar, Prefixes, Reading, Stem
from monitor.text.lexicon_he import OWN_WORDS

_BEFORE_SHORT = frozenset(("ה", "וה", "שה", "כשה"))
_CHAIN = frozenset(
    "".join(chain) for chain in product(("", "ו"), ("", "כש", "מש", "לכש", "ש"), ("", "ב", "כ", "ל", "מ", "ה", "מה"))
) - {""}
_LONGEST = max(map(len, _CHAIN)) + 1
PREFIXES = _CHAIN | {""}
"""All that may be written onto the front of a word, nothing among it."""

_BEHIND_PREFIX = Prefixes.PROCLITIC | Prefixes.ARTICLE


class Hebrew(Grammar):
    """Prefixes; a first ו is doubled behind them; words of one or two letters are protected."""

    doubts = True

    def stems(self, word: str, *, strict: bool, name: bool, alone: bool) -> tuple[Stem, ...]:
        """Return the stems of a word, written without points."""
        core = word if strict else loosen(word)
        if alone and len(word) < 3:
            return (Stem(core, WHOLE, Prefixes.NONE | Prefixes.ARTICLE if len(word) == 2 else Prefixes.NONE),)
        found: tuple[Stem, ...] = (Stem(core, WHOLE, Prefixes.NONE | _BEHIND_PREFIX),)
        if word.startswith("ו") and not word.startswith("וו") and len(word) > 2:
            found += (Stem("ו" + core, WHOLE, _BEHIND_PREFIX),)
        if word.startswith("ה") and len(word) > 3:
            found += (Stem(core[1:], WHOLE, Prefixes.MELTING),)
        return found


def readings(token: str, stems: Mapping[str, Sequence[tuple[int, Stem]]]) -> Iterator[tuple[int, Reading]]:
    """Yield the ways to read a token as one of the words in `stems`."""
    for prefix, start, needed in remainders(token):
        for word, stem in stems.get(token[start:], ()):
            if stem.prefixes & needed:
                doubt = Doubt.LISTED if prefix and token[start - 1 :] in OWN_WORDS else Doubt.NOTHING
                is_definite = prefix.endswith(("ה", "ה'"))
                yield word, Reading(start, len(token), WHOLE[""], is_definite, prefix, "", doubt)


def remainders(token: str) -> Iterator[tuple[str, int, Prefixes]]:
    """Yield (prefix, where the rest begins, what a stem must allow to have it), the empty prefix first.

    `ARTICLE` is the article that even a word of two letters takes.
    """
    yield "", 0, Prefixes.NONE
    for start in range(1, min(_LONGEST, len(token) - 1) + 1):
        prefix = token[:start].removesuffix("'")
        if prefix in _BEFORE_SHORT:
            yield token[:start], start, Prefixes.ARTICLE
        elif prefix in _CHAIN:
            melts = Prefixes.MELTING if prefix[-1] in "בכל" else 0
            yield token[:start], start, Prefixes.PROCLITIC | melts
