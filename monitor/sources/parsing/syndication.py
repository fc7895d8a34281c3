"""A feed document in any format to items: who reads it, and what is no feed although it was served as one.

RSS, Atom and RDF are read quickly where they can only be read in one way, else by feedparser; JSON Feed and Google
News sitemaps by readers of their own.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TypeVar

from monitor.errors import SourceError
from monitor.sources import dates
from monitor.sources.parsing import challenge, jsonfeed, quick, reference, sitemap
from monitor.sources.parsing.entries import Entry
from monitor.sources.parsing.items import Item, Parsed
from monitor.xmltext import gate
from monitor.xmltext.decoding import decode

MOST_ITEMS = 2000
"""Items taken of one document: the newest where all are dated, else the first."""

Dated = TypeVar("Dated", Entry, Item)
_FEEDS = {"rss", "feed", "rdf", "channel", "entry", "redirect"}
_PAGES = {"html", "head", "body", "div", "script", "p", "meta", "title"}
# A server that wraps everything it sends into a page, a feed too.
_EMBEDDED = re.compile(r"<(feed|rss)\s[^<>]{0,500}(?:xmlns=[\"']http://www\.w3\.org/2005/Atom|version=[\"'][0-9])")
_SITEMAPS = {"urlset", "sitemapindex"}
# What RSS-Bridge writes into a feed when a site has changed under it.
_BRIDGE_ERROR = re.compile(r"Bridge returned error -?\d+!(?: \(\d+\))?")


def parse_feed(body: bytes, content_type: str = "", url: str = "", *, strict: bool = False) -> Parsed:
    """The items of a feed document in any format. Raises SourceError with a plain reason."""
    if not body.strip():
        raise SourceError("an empty body instead of a feed")
    text = decode(body, content_type, strict=strict)
    if text.lstrip("\ufeff \t\r\n")[:1] in ("{", "["):
        return _judged(jsonfeed.parse_feed(text, url))
    return _judged(_markup(text, url))


def _markup(text: str, url: str) -> Parsed:
    document = gate.admit(text)
    if document.root in _PAGES and (inside := _EMBEDDED.search(document.text)):
        whole, mark, _ = document.text[inside.start() :].rpartition(f"</{inside[1]}>")
        document = gate.admit(whole + mark) if mark else document
    if document.root in _PAGES:
        asker = challenge.asked_by(text)
        raise SourceError(f"a challenge page of {asker} instead of a feed" if asker else "not a feed: an HTML page")
    if document.root in _SITEMAPS:
        return sitemap.parse(document)
    if document.root not in _FEEDS:
        raise SourceError(f"not a feed: an XML document of another kind (<{document.root[:40]}>)")
    feed = _read(document.text)
    if not feed.is_feed:
        raise SourceError("not a feed: nothing in it that a feed has")
    entries = _newest(feed.entries)  # before their texts are made
    return Parsed(
        items=tuple(entry.item(url) for entry in entries),
        language=feed.language,
        complete=document.complete,
        dropped=len(feed.entries) - len(entries),
    )


def _read(text: str) -> reference.Feed:
    try:
        return quick.read(text)
    except quick.Doubtful:
        return reference.read(text)


def _newest(dated: tuple[Dated, ...]) -> tuple[Dated, ...]:
    """At most MOST_ITEMS of them, in their order."""
    if len(dated) <= MOST_ITEMS:
        return dated
    moments = [dates.read(one.date, one.moment) for one in dated]
    known = [(moment, -place) for place, moment in enumerate(moments) if moment is not None]
    if len(known) < len(dated):
        return dated[:MOST_ITEMS]
    return tuple(dated[place] for place in sorted(-place for _, place in sorted(known)[-MOST_ITEMS:]))


def _judged(parsed: Parsed) -> Parsed:
    """Not too many items, and no failure of a bridge among them. Raises SourceError when there is nothing else."""
    items = _newest(parsed.items)
    errors = tuple(item.title for item in items if _BRIDGE_ERROR.fullmatch(item.title))
    kept = tuple(item for item in items if item.title not in errors)
    if errors and not kept:
        raise SourceError(f"a failure of the bridge instead of a feed: {errors[0]}")
    dropped = parsed.dropped + len(parsed.items) - len(items)
    return replace(parsed, items=kept, errors=errors, dropped=dropped)
