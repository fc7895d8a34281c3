"""Decide which story an article joins, by the open stories that hold an article like it. Pure.

Equal texts are one story; others by what `likeness` says of them. A missed join is better than a false one, and
stories are never merged.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256

from monitor.model import Article, Relation, StoryDecision
from monitor.stories.fingerprint import Fingerprint
from monitor.stories.index import Index
from monitor.stories.likeness import Likeness, compare, is_the_same, judge, obstacle, ways
from monitor.timing import format_duration

WINDOW = timedelta(hours=72)
"""How long after its first article a story takes in others."""

_CLOSEST_FIRST = (Relation.COPY, Relation.TRIM, Relation.UPDATE, Relation.REWRITE, Relation.SEPARATE)
_ORDER = {relation: place for place, relation in enumerate(_CLOSEST_FIRST)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """An article of a story: when it and the first of the story were seen, and the article whose text it carries.

    `fingerprint` is as the store keeps it; None when its text is the very text of the article to be placed.
    """

    story_id: str
    first_seen: datetime
    article_id: str
    seen: datetime
    wire: str
    fingerprint: bytes | None = None


@dataclass(frozen=True, slots=True)
class _Finding:
    """What the article to be placed is to a candidate; without likeness, when the texts are equal."""

    candidate: Candidate
    apart: timedelta
    relation: Relation
    likeness: Likeness | None


def place(
    article: Article, fingerprint: Fingerprint, candidates: Iterable[Candidate], now: datetime
) -> StoryDecision:
    """Join the story of the candidate that is most like the article, of equals the oldest; else begin a story."""
    seen = article.seen or now
    best = _best(fingerprint, (one for one in candidates if abs(seen - one.first_seen) <= WINDOW), seen)
    if best is None:
        return StoryDecision(story_id=story_id(article.id), joined=False, reason="the first of its story")
    this, apart = best.candidate, format_duration(best.apart)
    if best.relation is Relation.SEPARATE:
        assert best.likeness is not None
        near = obstacle(best.likeness)
        told = f"; article {this.article_id} reads like it, but {near}, {apart} apart" if near else ""
        return StoryDecision(story_id=story_id(article.id), joined=False, reason=f"the first of its story{told}")
    words = ways(best.relation, best.likeness) if best.likeness else "the same text as article {}"
    return StoryDecision(
        story_id=this.story_id,
        joined=True,
        reason=f"{words.format(this.article_id)}, {apart} apart",
        relation=best.relation,
        wire="" if best.relation is Relation.REWRITE else this.wire or this.article_id,
        is_known=best.likeness is None or is_the_same(best.relation, best.likeness),
    )


def _best(fingerprint: Fingerprint, candidates: Iterable[Candidate], seen: datetime) -> _Finding | None:
    """What is closest to an article: its very text, the closer relation, the more of the wording, the older."""
    oldest_first = sorted(candidates, key=lambda one: (one.first_seen, one.story_id, one.seen, one.article_id))
    kept = []
    for candidate in oldest_first:
        if candidate.fingerprint is None:
            return _Finding(candidate, abs(seen - candidate.seen), Relation.COPY, None)
        kept.append(candidate.fingerprint)
    best = None
    for number, likeness in compare(fingerprint, kept):
        candidate = oldest_first[number]
        apart = abs(seen - candidate.seen)
        relation = judge(likeness, apart)
        if best is None or _ORDER[relation] < _ORDER[best.relation]:
            best = _Finding(candidate, apart, relation, likeness)
            if relation is Relation.COPY:
                break  # nothing that follows is closer
    return best


def story_id(article_id: str) -> str:
    """The id of the story that an article begins: always the same, so that a repeated ingest repeats it."""
    return "s" + sha256(article_id.encode()).hexdigest()[:16]


class Recent:
    """The articles placed so far while one fetch is judged: candidates that no store knows yet."""

    def __init__(self) -> None:
        self._index = Index()
        self._candidates: list[Candidate] = []
        self._by_text: defaultdict[str, list[Candidate]] = defaultdict(list)

    def add(self, candidate: Candidate, fingerprint: Fingerprint, *, is_known: bool) -> None:
        """Remember an article by its text, and by its likeness unless one like it is known."""
        same_text = self._by_text[fingerprint.text_key]
        if all(one.story_id != candidate.story_id for one in same_text):
            same_text.append(replace(candidate, fingerprint=None))
        if not is_known:
            self._index.add(len(self._candidates), fingerprint.keys)
            self._candidates.append(replace(candidate, fingerprint=fingerprint.to_bytes()))

    def like(self, fingerprint: Fingerprint) -> Iterator[Candidate]:
        """Those that have the same text, and those that share keys."""
        if fingerprint.text_key:
            yield from self._by_text.get(fingerprint.text_key, ())
        for number in self._index.find(fingerprint.keys):
            yield self._candidates[number]
