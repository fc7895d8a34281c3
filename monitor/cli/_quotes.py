"""What shows why an article matches: its headline and the part of its text with the first hits. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from monitor.alerting.excerpt import excerpt
from monitor.backtest import Sample


def quotes(sample: Sample) -> Iterator[tuple[str, list[tuple[int, int]]]]:
    """The headline, and the part of the text with the first hits, each with the ranges of its hits."""
    hits = {
        field: [(span.start, span.end) for span in sample.match.spans if span.field == field]
        for field in ("title", "text")
    }
    if sample.article.title:
        yield sample.article.title, hits["title"]
    if hits["text"] or not sample.article.title:
        piece = excerpt(sample.article.text, hits["text"])
        yield piece.text, list(piece.hits)
