"""Decide which known article an item is: new, the same, an edit, or a known one under a new id.

Pure. Takes the items of one document and what the store knows of them; never drops a piece of news in doubt: what
is not surely known is new. An id once seen is known for ever, also when its text has been pruned.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from hashlib import sha256

from monitor.model import Article
from monitor.text.addresses import canonical_url, is_root
from monitor.text.fingerprint import jaccard
from monitor.text.fold import folded

NEAR = 0.8
"""From this Jaccard similarity of words two texts are nearly the same (DESIGN 6)."""


class Kind(StrEnum):
    """What an item is to the store."""

    NEW = "new"
    EDIT = "edit"
    SAME = "same"
    ALIAS = "alias"


class Reason(StrEnum):
    """Why an item was taken for what it is."""

    UNKNOWN = "not seen before"
    PARTED = "taken for a known article before, which now stands beside it with other words"
    UNCHANGED = "title and text are as known"
    TITLE_CHANGED = "the title changed"
    TEXT_CHANGED = "the text changed"
    BOTH_CHANGED = "title and text changed"
    PRUNED = "known, and its text deleted by retention"
    OLDER = "fetched before the version that is known"
    SAME_ADDRESS = "a known article of this source that left the document: same address, nearly the same words"
    SAME_TITLE_AND_DATE = (
        "a known article of this source that left the document: same title and date, nearly the same text"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownArticle:
    """The current version of an article the store knows; of a pruned one only the identity is left."""

    id: str
    version: int
    title: str
    text: str
    url: str = ""
    published: datetime | None = None
    seen: datetime | None = None
    is_pruned: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownArticles:
    """What one source is known to have had, as far as one document may touch it.

    `ids` leads from the items' ids (aliases included) to articles; `by_url` from canonical addresses and
    `by_title` from (title key, date) to all articles with them, of which two mean "not telling".
    """

    ids: Mapping[str, KnownArticle]
    by_url: Mapping[str, tuple[KnownArticle, ...]]
    by_title: Mapping[tuple[str, datetime], tuple[KnownArticle, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """The document an item stands in: ids of the articles present, addresses that several items share.

    `complete` is false when absence from it means nothing. `owners` are the items that stand for known articles in
    it, by the article's id: that with its own id, else the first of its aliases.
    """

    present: AbstractSet[str]
    shared_urls: frozenset[str]
    complete: bool = True
    owners: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityDecision:
    """What an item is. `article_id` and `version` are those under which it is known from now on.

    `previous` is the version that was current until now, None for a new article. A new id of a known article is an
    edit as well when `version` is above the previous one's.
    """

    kind: Kind
    article_id: str
    version: int
    reason: Reason
    previous: KnownArticle | None = None

    @property
    def has_news(self) -> bool:
        """Whether the item is to be stored and matched."""
        return self.previous is None or self.version > self.previous.version


def decide(article: Article, known: KnownArticles, listing: Listing) -> IdentityDecision:
    """Decide about one item of a document."""
    old = known.ids.get(article.id)
    if old is not None:
        decision = _seen_before(article, old)
        if decision.has_news and listing.owners.get(old.id, article.id) != article.id:
            return IdentityDecision(kind=Kind.NEW, article_id=article.id, version=1, reason=Reason.PARTED)
        return decision
    for old, reason in _candidates(article, known, listing):
        if old.id not in listing.present:
            decision = _seen_before(article, old)
            return replace(decision, kind=Kind.ALIAS, reason=reason)
    return IdentityDecision(kind=Kind.NEW, article_id=article.id, version=1, reason=Reason.UNKNOWN)


def decide_all(
    articles: Sequence[Article], known: KnownArticles, *, complete: bool, others: Collection[str] = ()
) -> tuple[IdentityDecision, ...]:
    """Decide about the items of one document in their order; each decision is known to those after it.

    `others` are ids of items of the document that need no decision: what they stand for is present in it too.
    """
    ids = dict(known.ids)
    names = [name for name in (*(article.id for article in articles), *others) if name in ids]
    present = {ids[name].id for name in names}
    owners = {ids[name].id: name for name in (*reversed(names), *(name for name in names if ids[name].id == name))}
    urls = Counter(
        canonical_url(url) for _, url in {(article.id, article.url) for article in articles if article.url}
    )
    shared = frozenset(url for url, count in urls.items() if count > 1)
    listing = Listing(present=present, shared_urls=shared, complete=complete, owners=owners)
    decisions = []
    latest: dict[str, KnownArticle] = {}  # what was decided here of articles, by their ids
    for article in articles:
        if (old := ids.get(article.id)) is not None:
            ids[article.id] = latest.get(old.id, old)
        decision = decide(article, replace(known, ids=ids), listing)
        decisions.append(decision)
        present.add(decision.article_id)  # for those that come after
        if decision.has_news or article.id not in ids:
            ids[article.id] = latest[decision.article_id] = _as_known(article, decision)
    return tuple(decisions)


def _seen_before(article: Article, old: KnownArticle) -> IdentityDecision:
    def is_(kind: Kind, reason: Reason, version: int = old.version) -> IdentityDecision:
        return IdentityDecision(kind=kind, article_id=old.id, version=version, reason=reason, previous=old)

    if old.is_pruned:
        return is_(Kind.SAME, Reason.PRUNED)
    title_changed, text_changed = article.title != old.title, article.text != old.text
    if not (title_changed or text_changed):
        return is_(Kind.SAME, Reason.UNCHANGED)
    if article.seen is not None and old.seen is not None and article.seen < old.seen:
        return is_(Kind.SAME, Reason.OLDER)
    if title_changed and text_changed:
        reason = Reason.BOTH_CHANGED
    else:
        reason = Reason.TITLE_CHANGED if title_changed else Reason.TEXT_CHANGED
    return is_(Kind.EDIT, reason, old.version + 1)


def _candidates(article: Article, known: KnownArticles, listing: Listing) -> list[tuple[KnownArticle, Reason]]:
    """Known articles this unknown id may stand for, each found alone under its address or title and date."""
    found: list[tuple[KnownArticle, Reason]] = []
    if not listing.complete:
        return found
    url = canonical_url(article.url)
    same_url = known.by_url.get(url, ())
    if url and len(same_url) == 1 and url not in listing.shared_urls and not is_root(url):
        old = same_url[0]
        if _near(article.title, old.title) or _near(article.text, old.text):
            found.append((old, Reason.SAME_ADDRESS))
    if article.published is not None:
        same_title = known.by_title.get((title_key(article.title), article.published), ())
        if len(same_title) == 1 and _near(article.text, same_title[0].text):
            found.append((same_title[0], Reason.SAME_TITLE_AND_DATE))
    return found


def _near(one: str, other: str) -> bool:
    """Whether two texts are nearly the same; the absence of words proves nothing."""
    return bool(one and other) and (one == other or jaccard(one, other) >= NEAR)


def _as_known(article: Article, decision: IdentityDecision) -> KnownArticle:
    if not decision.has_news and decision.previous is not None:
        return decision.previous
    return KnownArticle(
        id=decision.article_id,
        version=decision.version,
        title=article.title,
        text=article.text,
        url=article.url,
        published=article.published,
        seen=article.seen,
    )


def title_key(title: str) -> str:
    """A short key equal for titles that differ only in folding and spaces."""
    return sha256(" ".join(folded(title).split()).encode()).hexdigest()[:16]
