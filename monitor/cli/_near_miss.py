"""Which article came nearest to an alert without one, and what single clause of the rule stood in the way. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from monitor.model import Article
from monitor.rules.engine import Ruleset
from monitor.rules.explain import Explanation, Finding

KINDS = ("none", "nowhere", "within")
"""The clauses that can stand alone in a rule's way, the most telling first."""

_WORDS = {
    "none": "but stood back: beside them stands what it excludes ({words})",
    "nowhere": "but stood back: the article holds what it excludes anywhere ({words})",
    "within": "but stood back: {note}",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class NearMiss:
    """An article, the rule that nearly told it, what the rule found, and in words what was in the way."""

    article: Article
    rule: str
    found: tuple[str, ...]
    obstacle: str


def nearest(articles: Iterable[Article], rules: Ruleset) -> NearMiss | None:
    """The nearest miss of these articles, or None when none came near."""
    best: tuple[int, NearMiss] | None = None
    for article in articles:
        if rules.match(article):
            continue
        for rule in rules.cards:
            explanation = rules.explain(article, rule)
            kinds = [kind for kind in explanation.because if kind != "query"]  # it fails by what stands in it
            kind = kinds[0] if len(kinds) == 1 else ""
            if kind in KINDS and (best is None or KINDS.index(kind) < best[0]) and (found := _found(explanation)):
                miss = NearMiss(article=article, rule=rule, found=found, obstacle=_obstacle(explanation, kind))
                best = (KINDS.index(kind), miss)
    return best[1] if best else None


def _all(findings: Iterable[Finding]) -> Iterator[Finding]:
    for finding in findings:
        yield finding
        yield from _all(finding.children)


def _found(explanation: Explanation) -> tuple[str, ...]:
    """What the rule found, each condition by its first hit."""
    terms = [one for one in _all(explanation.clauses) if one.kind == "term" and one.holds and one.hits]
    return tuple(dict.fromkeys(one.hits[0].text for one in terms))[:3]


def _obstacle(explanation: Explanation, kind: str) -> str:
    (blocking, *_) = [one for one in _all(explanation.clauses) if one.kind == kind and not one.holds]
    words = ", ".join(dict.fromkeys(hit.text for hit in blocking.hits))
    return _WORDS[kind].format(words=words, note=blocking.note)
