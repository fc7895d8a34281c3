"""How tokens of Latin letters, and of every script without cuts of its own, are read: at an apostrophe, before an s.

Before the apostrophe may stand an elided word (French, Italian), behind it a possessive or a suffix (English,
Turkish, Russian); a last s may be a German genitive. Which of them a word takes, its stem says.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from monitor.text.elision import DOUBTFUL, LONGEST, SURE
from monitor.text.grammar import Prefixes, Reading, Stem
from monitor.text.turkish import suffixes


def readings(token: str, stems: Mapping[str, Sequence[tuple[int, Stem]]]) -> Iterator[tuple[int, Reading]]:
    """Yield the ways to read a token as one of the words in `stems`."""
    for prefix, start, needed in remainders(token):
        for end, keys in _ends(token, start):
            for word, stem in stems.get(token[start:end], ()):
                if stem.prefixes & needed:
                    ending = next((stem.endings[key] for key in keys if key in stem.endings), None)
                    if ending is not None:
                        yield word, Reading(start, end, ending, False, prefix, token[end:])


def remainders(token: str) -> Iterator[tuple[str, int, Prefixes]]:
    """Yield (prefix, where the rest begins, what a stem must allow to have it), the empty prefix first.

    `ARTICLE` stands for an elided word that names of no other language begin with.
    """
    yield "", 0, Prefixes.NONE
    start = token.find("'", 0, LONGEST) + 1
    prefix = token[:start]
    if prefix in SURE:
        yield prefix, start, Prefixes.ARTICLE
    elif prefix in DOUBTFUL:
        yield prefix, start, Prefixes.PROCLITIC


def _ends(token: str, start: int) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Yield (where a core may end, the keys of endings that stand for what follows)."""
    yield len(token), ("",)
    at = token.rfind("'", start + 1)
    if at > 0:
        tail = token[at:]
        yield at, (tail, *suffixes(tail))
    elif token.endswith("s"):
        yield len(token) - 1, ("s",)
