"""Decide which story an article joins. Pure.

For now a story is what shares one text within 72 hours, over all sources: near-copies and rewrites come with
their own issue. A missed join is better than a false one, and stories are never merged.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from monitor.model import Article, StoryDecision
from monitor.timing import format_duration

WINDOW = timedelta(hours=72)
"""How long after its first article a story takes in others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A story that holds a text with the same key, and when its first article was seen."""

    story_id: str
    head: str
    first_seen: datetime


def place(article: Article, text_key: str, candidates: Sequence[Candidate], now: datetime) -> StoryDecision:
    """Join the oldest candidate that is still open, else begin a story.

    `text_key` is empty for an article without words, which is alone in its story.
    """
    seen = article.seen or now
    open_ones = [c for c in candidates if text_key and abs(seen - c.first_seen) <= WINDOW]
    if open_ones:
        first = min(open_ones, key=lambda candidate: (candidate.first_seen, candidate.story_id))
        apart = format_duration(abs(seen - first.first_seen))
        return StoryDecision(
            story_id=first.story_id, joined=True, reason=f"the same text as article {first.head}, {apart} apart"
        )
    return StoryDecision(story_id=story_id(article.id), joined=False, reason="the first of its story")


def story_id(article_id: str) -> str:
    """The id of the story that an article begins: always the same, so that a repeated ingest repeats it."""
    return "s" + sha256(article_id.encode()).hexdigest()[:16]
