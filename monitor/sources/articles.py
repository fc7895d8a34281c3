"""The door: items become articles here, every field cleaned, identified, dated and signed with its publisher."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, tzinfo
from urllib.parse import urlsplit

from monitor.model import Article
from monitor.sources import dates, identity
from monitor.sources.parsing.items import Item, Parsed
from monitor.text.addresses import without_tracking
from monitor.text.clean import clean
from monitor.text.language import detect

_FIRST_LABELS = ("www.", "m.", "amp.", "mobile.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """What a source says of all its articles. `host` names the publisher where nothing else does."""

    source: str
    tags: tuple[str, ...] = ()
    language: str = ""
    publisher: str = ""
    zone: tzinfo | None = None
    host: str = ""


def articles(parsed: Parsed, origin: Origin, now: datetime) -> tuple[Article, ...]:
    """The articles of one document, in its order. An item that stands in it twice counts once."""
    found: dict[str, Article] = {}
    items = tuple(map(cleaned, parsed.items))
    for item, key in zip(items, identity.keys(items), strict=True):
        if not (item.title or item.text or item.url or item.guid):
            continue
        article_id = identity.article_id(origin.source, key)
        url = without_tracking(item.url) if _is_web(item.url) else ""
        language = origin.language or item.language or clean(parsed.language)
        found[article_id] = Article(
            id=article_id,
            source=origin.source,
            title=item.title,
            text=item.text,
            url=url,
            author=item.author,
            publisher=origin.publisher or item.publisher or domain(url) or origin.host,
            language=detect(f"{item.title}\n{item.text}", language),
            tags=origin.tags,
            published=dates.believable(item.date, item.moment, now, origin.zone),
            seen=now,
            boilerplate=item.boilerplate,
        )
    return tuple(found.values())


def warnings(parsed: Parsed) -> tuple[str, ...]:
    """What the operator should know of a document that was read nevertheless."""
    found = []
    if not parsed.complete:
        found.append("the document breaks off before its end; what could be read of it was taken")
    if parsed.dropped:
        taken = len(parsed.items) + len(parsed.errors)
        found.append(
            f"{parsed.dropped} of {parsed.dropped + taken} items were dropped: more than one document may bring"
        )
    if parsed.errors:
        found.append(f"the bridge failed for some of it: {parsed.errors[0]}")
    return tuple(found)


def cleaned(item: Item) -> Item:
    """An item whose every field has passed `clean`; all but the texts on one line."""
    return Item(
        guid=_line(item.guid),
        url=_line(item.url),
        title=_line(item.title),
        text=clean(item.text).strip(),
        author=_line(item.author),
        publisher=_line(item.publisher),
        language=_line(item.language),
        date=item.date,
        moment=item.moment,
        boilerplate=clean(item.boilerplate).strip(),
    )


def _line(text: str) -> str:
    return " ".join(clean(text).split())


def _is_web(url: str) -> bool:
    return url[:8].lower().startswith(("http://", "https://"))


def domain(url: str) -> str:
    """The host of a URL without `www.` and its like, or ""."""
    try:
        host = (urlsplit(url).hostname or "").rstrip(".")
    except ValueError:
        return ""
    for label in _FIRST_LABELS:
        if host.startswith(label) and host.count(".") > 1:
            return host[len(label) :]
    return host
