"""A rule's explanation on the screen: the verdict in words, every clause with a sign, and the sentences it is about.

Pure: takes findings, returns lines. Arabic and Hebrew words are followed by a left-to-right mark, so that a line with
several of them keeps its order in a terminal.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from monitor.rules.explain import Explanation, Finding, Seen

FIELDS = {"title": "title", "lead": "first paragraph", "body": "text"}
MOST_WORDS = 4
HOLDS, FAILS, UNUSED = "✓", "✗", "·"
_LRM = "\u200e"
_SPOKEN = ("none", "nowhere", "sources", "languages", "publishers", "from", "until")
"""Clauses whose note says enough by itself."""


@dataclass(frozen=True, slots=True)
class Quote:
    """A sentence of the article with the ranges of what was found in it."""

    field: str
    text: str
    ranges: tuple[tuple[int, int], ...]


def verdict(explanation: Explanation) -> Iterator[str]:
    """Whether the rule matches, and if not, a line for each thing that stands in the way."""
    if explanation.matched:
        yield f"{explanation.rule} matches this article."
        return
    yield f"{explanation.rule} does not match this article:"
    reasons = [reason for finding in explanation.clauses for reason in _obstacles(finding)]
    yield from (f"  {reason}" for reason in dict.fromkeys(reasons))


def tree(explanation: Explanation) -> Iterator[str]:
    """Every clause on a line of its own, what it found beside it."""
    for finding in explanation.clauses:
        yield from _lines(finding, 1, is_needed=True)


def quotes(explanation: Explanation) -> tuple[Quote, ...]:
    """The sentences in which something was found, the title's first."""
    found: dict[tuple[str, str], dict[str, None]] = {}
    for hit in _hits(explanation.clauses):
        found.setdefault((hit.field, hit.sentence), {})[" ".join(hit.text.split())] = None
    order = list(FIELDS)
    sorted_places = sorted(found, key=lambda place: order.index(place[0]))
    return tuple(Quote(field, text, _ranges(text, found[field, text])) for field, text in sorted_places)


def steady(text: str) -> str:
    """`text` so that what follows on the line stands to its right, also behind right-to-left letters."""
    is_rtl = any(unicodedata.bidirectional(letter) in ("R", "AL") for letter in text)
    return f"{text}{_LRM}" if is_rtl else text


def _lines(finding: Finding, depth: int, *, is_needed: bool) -> Iterator[str]:
    sign = HOLDS if finding.holds else FAILS if is_needed else UNUSED
    found = f": {_words(finding.hits)}" if finding.hits and (finding.holds or finding.kind == "term") else ""
    note = f" — {steady(finding.note)}" if finding.note else ""
    yield f"{'  ' * depth}{sign} {steady(finding.label)}{found}{note}"
    if finding.holds or is_needed:
        for child in finding.children:
            yield from _lines(child, depth + 1, is_needed=not _is_one_enough(finding))


def _is_one_enough(finding: Finding) -> bool:
    """Whether the children that do not hold are nobody's fault, because others do."""
    return finding.holds and finding.kind in ("any", "at_least")


def _words(hits: Iterable[Seen]) -> str:
    """The words of hits, each with where it stands."""
    words = list(dict.fromkeys(f"{steady(' '.join(hit.text.split()))} ({FIELDS[hit.field]})" for hit in hits))
    more = f" and {len(words) - MOST_WORDS} more" if len(words) > MOST_WORDS else ""
    return ", ".join(words[:MOST_WORDS]) + more


def _obstacles(finding: Finding) -> Iterator[str]:
    """What fails at the bottom of a clause that fails, and nothing below one that holds."""
    failing = [] if finding.holds else [child for child in finding.children if not child.holds]
    if finding.kind in ("any", "at_least") and len(failing) > 1:
        nearly = [child for child in failing if child.kind == "term" and child.reasons]
        if not nearly:
            yield f"{finding.label}: {', '.join(map(_short, failing))} — not found"
        for child in nearly:
            yield from _obstacles(child)
    elif failing:
        for child in failing:
            yield from _obstacles(child)
    elif not finding.holds:
        about = "" if finding.kind in _SPOKEN else f"{steady(finding.label)} — "
        yield f"{about}{steady(finding.note or 'does not hold')}"


def _short(finding: Finding) -> str:
    """What a clause looks for, by its terms alone."""
    terms = [_short(child) for child in finding.children if child.kind not in _SPOKEN]
    return f"({' with '.join(terms)})" if terms else steady(finding.label)


def _hits(findings: Iterable[Finding]) -> Iterator[Seen]:
    for finding in findings:
        yield from finding.hits
        yield from _hits(child for child in finding.children if child.holds or not _is_one_enough(finding))


def _ranges(text: str, words: Iterable[str]) -> tuple[tuple[int, int], ...]:
    longest_first = "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
    return tuple(found.span() for found in re.finditer(rf"(?<!\w)(?:{longest_first})(?!\w)", text))
