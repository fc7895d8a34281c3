"""How tokens of Latin letters, and of every script without cuts of its own, are read: at an apostrophe, before an s.

Before the apostrophe may stand an elided word (French, Italian), behind it a possessive or a suffix (English,
Turkish, Russian); a last s may be a German genitive. Which of them a word takes, its stem says.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from monitor.text.elision import DOUBTFUL, LONGEST, SURE
from monitor.text.grammar import Prefixes, Reading, Stem
from monitor.text.turkish import suffixes

_NO_PREFIX = Prefixes.NONE


def readings(token: str, stems: Mapping[str, Sequence[tuple[int, Stem]]]) -> Iterator[tuple[int, Reading]]:
    """Yield the ways to read a token as one of the words in `stems`."""
    for prefix, start, needed in remainders(token):
        for end, suffix, keys in _ends(token, start):
            core = token[start:end]
            if core in stems:
                for word, stem in stems[core]:
                    if needed is _NO_PREFIX or needed in stem.prefixes:
                        for key in keys:
                            if key in stem.endings:
                                yield word, Reading(start, end, stem.endings[key], False, prefix, suffix)
                                break


def remainders(token: str) -> Iterator[tuple[str, int, Prefixes]]:
    """Yield (prefix, where the rest begins, of what a stem must allow one to have it), the empty prefix first.

    `ARTICLE` stands for an elided word that names of no other language begin with.
    """
    yield "", 0, Prefixes.NONE
    start = token.find("'", 0, LONGEST) + 1
    if start:
        prefix = token[:start]
        if prefix in SURE:
            yield prefix, start, Prefixes.ARTICLE
        elif prefix in DOUBTFUL:
            yield prefix, start, Prefixes.PROCLITIC


def _ends(token: str, start: int) -> Iterator[tuple[int, str, Sequence[str]]]:
    """Yield (where a core may end, what follows it, the keys of endings that stand for that)."""
    yield len(token), "", ("",)
    at = token.rfind("'", start + 1)
    if at > 0:
        tail = token[at:]
        yield at, tail, (tail, *suffixes(tail))
    elif token[-1] == "s":
        yield len(token) - 1, "s", ("s",)
