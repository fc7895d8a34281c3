"""Google News sitemaps: the addresses, titles, dates and publishers of a site's latest articles; no text.

https://developers.google.com/search/docs/crawling-indexing/sitemaps/news-sitemap
"""

from __future__ import annotations

from typing import Any

from lxml import etree

from monitor.errors import SourceError
from monitor.sources.parsing.items import Item, Parsed
from monitor.xmltext.gate import Admitted

_NEWS = "{http://www.google.com/schemas/sitemap-news/0.9}"
_PARSER = etree.XMLParser(
    resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True, recover=True, collect_ids=False
)


def parse(document: Admitted) -> Parsed:
    """The items of a news sitemap. Raises SourceError for one that only lists pages or other sitemaps."""
    if document.root == "sitemapindex":
        raise SourceError("not a feed: an index of sitemaps; take the address of the news sitemap in it")
    root = etree.fromstring(document.text.encode("utf-8", "replace"), _PARSER)
    pages = [] if root is None else list(root.iterchildren("{*}url"))
    news = [(page, page.find(f"{_NEWS}news")) for page in pages]
    items = tuple(_item(page, found) for page, found in news if found is not None)
    if not items:
        raise SourceError("not a feed: a sitemap without news in it (<news:news>)")
    return Parsed(items=items, complete=document.complete)


def _item(page: Any, news: Any) -> Item:
    url = _text(page, "{*}loc")
    return Item(
        guid=url,
        url=url,
        title=_text(news, f"{_NEWS}title"),
        publisher=_text(news, f"{_NEWS}publication/{_NEWS}name"),
        language=_text(news, f"{_NEWS}publication/{_NEWS}language"),
        date=_text(news, f"{_NEWS}publication_date"),
    )


def _text(element: Any, path: str) -> str:
    return " ".join((element.findtext(path) or "").split())
