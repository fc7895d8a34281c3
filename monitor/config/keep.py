"""Read `keep: {articles: 180d, matches: 2y}`, how long things are kept, and the `keep` of one source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from monitor.config.page import KeyPath, Page, duration, size, words
from monitor.timing import format_duration, parse_duration

ARTICLES = timedelta(days=180)
MATCHES = timedelta(days=730)
LEAST = timedelta(days=4)
"""A text is needed for as long as articles like it may come: 72 hours, and a day for clocks and weekends."""

FREE = 200 * 10**6
"""Bytes of the disk that ingest leaves free, so that deliveries can still be written down."""

FOR_EVER = "forever"


@dataclass(frozen=True, slots=True, kw_only=True)
class Keep:
    """How long texts of articles, and matches with what was told of them, are kept; None for ever.

    `sources` keep their articles for another time, by id. `free` is how many bytes of the disk stay free.
    """

    articles: timedelta | None = ARTICLES
    matches: timedelta | None = MATCHES
    sources: Mapping[str, timedelta | None] = field(default_factory=dict)
    free: int = FREE


def read_keep(page: Page, top: Mapping[str, Any]) -> Keep:
    """The configured `keep`."""
    path: KeyPath = ("keep",)
    data = page.mapping(path, top.get("keep"), "keep")
    page.known_keys(path, data, ("articles", "matches", "free"))
    usual: timedelta | None = ARTICLES
    longest: timedelta | None = MATCHES
    keep = Keep(
        articles=page.value((*path, "articles"), data, _span, usual),
        matches=page.value((*path, "matches"), data, _span, longest),
        free=page.value((*path, "free"), data, size, FREE),
    )
    if not _is_shorter(keep.articles, keep.matches):
        message = (
            f"keep: matches ({_shown(keep.matches)}) must be kept at least as long as articles"
            f" ({_shown(keep.articles)}): else what was told of an article could be told again"
        )
        page.fault((*path, "matches" if "matches" in data else "articles"), message)
    return keep


def read_source_keep(page: Page, path: KeyPath, options: Mapping[str, Any], keep: Keep) -> Keep | None:
    """The `keep` of a source: a time, or `forever`. None without one, and where it is the folder's `keep: yes`."""
    text = options.get("keep")
    if not isinstance(text, str) or not (text.strip().lower() == FOR_EVER or _is_duration(text)):
        return None
    span = page.value((*path, "keep"), options, _span, keep.articles)
    if not _is_shorter(span, keep.matches):
        page.fault((*path, "keep"), f"keep: {text} is longer than matches are kept ({_shown(keep.matches)})")
    return Keep(articles=span)


def _span(data: Any) -> timedelta | None:
    text = words(data)
    if text.lower() == FOR_EVER:
        return None
    found = duration(text)
    if found < LEAST:
        raise ValueError(f"{text!r} is too short: new articles are held against those of the last days; at least 4d")
    return found


def _is_duration(text: str) -> bool:
    try:
        parse_duration(text)
    except ValueError:
        return False
    return True


def _is_shorter(one: timedelta | None, other: timedelta | None) -> bool:
    return other is None or (one is not None and one <= other)


def _shown(span: timedelta | None) -> str:
    return FOR_EVER if span is None else format_duration(span)
