"""The pages behind a feed's teasers: fetched once for each item, within bounds, by the feed's own session and parser.

What a page gave is not fetched again while the feed says the same of its item: such an item is only named as present.
An item whose page cannot be had goes on with the feed's text and is tried again a few times.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, tzinfo

from monitor import timing
from monitor.errors import HttpError, SourceError
from monitor.http.session import Session
from monitor.model import Article
from monitor.sources import dates
from monitor.sources.articles import cleaned
from monitor.sources.parser import Parser
from monitor.sources.parsing.entries import contains
from monitor.sources.parsing.items import Item
from monitor.text.language import detect

MOST_PAGES = 20
"""Pages fetched for one document."""

WITHIN = timedelta(seconds=60)
"""For all pages of one document; the last one may take the session's timeout longer."""

ENOUGH = 2000
"""A feed's own text of so many characters is the full content, which is preferred to a page."""

TRIES = 3
_FAILED = "!"  # stands behind an item's mark, once for each try
_ACCEPT = "text/html, application/xhtml+xml, */*;q=0.1"


@dataclass(slots=True)
class Pages:
    """What came of one document: articles to hand on, ids of those that are as they were, marks for next time."""

    articles: list[Article] = field(default_factory=list)
    present: list[str] = field(default_factory=list)
    marks: dict[str, str] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)
    left: int = 0

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the operator should know."""
        found = []
        if self.failures:
            count = len(self.failures)
            found.append(f"the full text of {count} articles could not be had; the first: {self.failures[0]}")
        if self.left:
            found.append(f"the full text of {self.left} articles was not fetched: more than one poll may fetch")
        return tuple(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class FullText:
    """Reads pages for one source. `agent` is sent with each request, "" for the session's own."""

    session: Session
    parser: Parser
    zone: tzinfo | None = None
    agent: str = ""

    def read(
        self, found: Sequence[Article], marks: Mapping[str, str] | None, now: datetime, *, is_new: bool
    ) -> Pages:
        """The articles of a document with the text of their pages.

        `marks` are those of the last document, None before the first; `is_new` says that the source was never
        fetched, not even without full text. What an older source has brought already is left as it is.
        """
        pages = Pages()
        end = timing.monotonic() + WITHIN.total_seconds()
        fetched = 0
        for article in found:
            mark = _mark(article)
            known = (marks or {}).get(article.id, "")
            tries = known.count(_FAILED) if known.startswith(mark) else 0
            if known == mark or tries >= TRIES:
                pages.present.append(article.id)
                pages.marks[article.id] = known
                continue
            pages.marks[article.id] = mark
            if not article.url or len(article.text) >= ENOUGH or (marks is None and not is_new):
                pages.articles.append(article)
                continue
            if fetched >= MOST_PAGES or timing.monotonic() >= end:
                pages.left += 1
                failed = mark + _FAILED * tries
            else:
                fetched += 1
                try:
                    pages.articles.append(self._with_page(article, now))
                    continue
                except (HttpError, SourceError) as error:
                    pages.failures.append(error.reason)
                    failed = mark + _FAILED * (tries + 1)
            if known and not tries:
                pages.present.append(article.id)  # an edit of what was read, which waits for its page
                pages.marks[article.id] = known
                continue
            if marks is not None:  # a first document tells nothing, and must not come back as edits
                pages.marks[article.id] = failed
            if tries:
                pages.present.append(article.id)
            else:
                pages.articles.append(article)
        return pages

    def _with_page(self, article: Article, now: datetime) -> Article:
        """An article with its page's text. Raises HttpError or SourceError."""
        headers = {"Accept": _ACCEPT} | ({"User-Agent": self.agent} if self.agent else {})
        response = self.session.get(article.url, headers=headers)
        if response.status != 200:
            raise SourceError(f"the server answered {response.status}")
        kind = response.headers.get("Content-Type", "text/html")
        if "html" not in kind.lower():
            raise SourceError(f"not a page but {kind[:60]!r}")
        (item,) = self.parser.page(response.body, kind).items
        page = cleaned(item)
        if len(page.text) <= len(article.text):
            return article
        text = page.text if contains(page.text, article.text) else f"{article.text}\n\n{page.text}"
        return replace(
            article,
            title=article.title or page.title,
            text=text,
            author=article.author or page.author,
            language=detect(f"{article.title}\n{text}", article.language),
            published=article.published or _published(page, now, self.zone),
        )


def _published(page: Item, now: datetime, zone: tzinfo | None) -> datetime | None:
    return dates.believable(page.date, page.moment, now, zone)


def _mark(article: Article) -> str:
    """What the feed itself says of an item, in short."""
    return hashlib.sha256(f"{article.title}\0{article.text}".encode()).hexdigest()[:12]
