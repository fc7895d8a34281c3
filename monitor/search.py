"""The flow of a search: what the query must find, the articles that may hold it, each judged as a rule judges.

What is found is therefore what a rule with the same query would find.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from typing import Any

from monitor.alerting.excerpt import excerpt
from monitor.model import Article, Match
from monitor.rulefiles.asked import QUERY
from monitor.rules.engine import Ruleset
from monitor.rules.lookup import lookup
from monitor.store import Store

TOGETHER = 200
"""Articles read at once."""

Row = dict[str, Any]


def search(
    store: Store,
    query: Ruleset,
    *,
    source: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    limit: int = 50,
    offset: int = 0,
) -> tuple[Row, ...]:
    """Articles that a query (`rulefiles.asked`) matches, the newest first, without the first `offset` of them.

    `since` and `until` (exclusive) bound when they were first seen. Each row: id, title, url, source, publisher,
    language, published, seen, version, story, matches (rule ids), spans ({field, start, end, term, text}) and
    excerpt, with `marks`, the places of the hits in it.
    """
    found = _found(store, query, source, since, until)
    return tuple(_row(article, more, match) for article, more, match in islice(found, offset, offset + limit))


def _found(
    store: Store, query: Ruleset, source: str | None, since: datetime | None, until: datetime | None
) -> Iterator[tuple[Article, Row, Match]]:
    rows = store.candidates(lookup(query.compiled, QUERY))
    for start in range(0, len(rows), TOGETHER):
        for article, more in store.articles(rows[start : start + TOGETHER], source, since, until):
            for match in query.match(article):
                yield article, more, match


def _row(article: Article, more: Row, match: Match) -> Row:
    fields = {"title": article.title, "text": article.text}
    cut = excerpt(article.text, [(span.start, span.end) for span in match.spans if span.field == "text"])
    return {
        "id": article.id,
        "title": article.title,
        "url": article.url,
        "source": article.source,
        "publisher": article.publisher,
        "language": article.language,
        "version": article.version,
        **more,
        "spans": [
            {
                "field": span.field,
                "start": span.start,
                "end": span.end,
                "term": span.term,
                "text": fields[span.field][span.start : span.end],
            }
            for span in match.spans
        ],
        "excerpt": cut.text,
        "marks": [list(hit) for hit in cut.hits],
    }
