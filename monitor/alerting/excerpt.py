"""Cut the part of a text that holds the first hits: whole sentences where they fit, else cut at a word. Pure.

Offsets count code points of the excerpt as it is given, its ellipses included.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

ELLIPSIS = "…"
LONGEST = 300
"""Code points of an excerpt, ellipses not counted."""

# A stop, an optional closing quote, white space; or a new paragraph. Digits as in "3.5" have no space after the stop.
_BOUNDARY = re.compile("(?<=[.!?؟۔。！？…])[\"'”’»)\\]]*\\s+|\\n+")
_SPACE = re.compile(r"\s")


@dataclass(frozen=True, slots=True, kw_only=True)
class Excerpt:
    """A piece of text on one line, and where the hits stand in it (half-open ranges, sorted)."""

    text: str
    hits: tuple[tuple[int, int], ...] = ()


def excerpt(text: str, hits: Sequence[tuple[int, int]], longest: int = LONGEST) -> Excerpt:
    """Cut an excerpt around the first of `hits`, ranges of `text`; without hits, from the beginning."""
    hits = _merged(hits)
    first = hits[0] if hits else (0, 0)
    edges = [0, *(found.end() for found in _BOUNDARY.finditer(text)), len(text)]
    start = max(edge for edge in edges if edge <= first[0])
    end = min((edge for edge in edges if edge >= first[1] and edge > start), default=len(text))
    if end - start > longest:
        start, end = _window(text, start, end, first, longest)
    else:
        # Further sentences as long as they hold hits too, or there is none to show.
        for edge in edges:
            if end < edge <= start + longest and (not hits or any(end <= hit[0] < edge for hit in hits)):
                end = edge
    while start < end and text[end - 1].isspace():
        end -= 1
    while start < end and text[start].isspace():
        start += 1
    before = ELLIPSIS if text[:start].strip() else ""
    after = ELLIPSIS if text[end:].strip() else ""
    inside = ((max(a, start) - start, min(b, end) - start) for a, b in hits if a < end and b > start)
    return Excerpt(
        text=before + _SPACE.sub(" ", text[start:end]) + after,
        hits=tuple((a + len(before), b + len(before)) for a, b in inside),
    )


def _merged(hits: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Sorted ranges that do not overlap: two rules may have found the same words."""
    merged: list[tuple[int, int]] = []
    for start, end in sorted(hits):
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _window(text: str, start: int, end: int, hit: tuple[int, int], longest: int) -> tuple[int, int]:
    """At most `longest` code points of a long sentence, the hit in its first third; no word is cut if possible."""
    left = max(start, hit[0] - max(0, min(longest // 3, longest - (hit[1] - hit[0]))))
    if left > start:
        space = _SPACE.search(text, left, hit[0])
        left = space.end() if space else hit[0]
    right = min(end, left + longest)
    if right < end:
        spaces = [found.start() for found in _SPACE.finditer(text, left, right + 1) if found.start() >= hit[1]]
        right = spaces[-1] if spaces else right
    return left, right


def whole_words(text: str, start: int, end: int, earliest: int) -> tuple[int, int]:
    """The range widened to whole words, so that no mark stands inside one: it would break the joining of letters."""
    end = min(end, len(text))
    while start < end and text[start].isspace():
        start += 1
    while start < end and text[end - 1].isspace():
        end -= 1
    if start >= end:
        return start, start
    while start > earliest and _is_letter(text[start - 1]):
        start -= 1
    while end < len(text) and _is_letter(text[end]):
        end += 1
    return start, end


def _is_letter(letter: str) -> bool:
    # Marks, ZWNJ and ZWJ are neither letters nor digits, and stand inside words.
    return letter.isalnum() or letter in "\u200c\u200d_" or "\u064b" <= letter <= "\u065f" or letter == "\u0670"
