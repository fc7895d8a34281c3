"""One HTML page to one item: the article's text by trafilatura, the rest from the page's own declarations."""

from __future__ import annotations

from typing import Any

import trafilatura

from monitor.errors import SourceError
from monitor.sources.parsing import challenge, markup
from monitor.sources.parsing.items import Item, Parsed
from monitor.xmltext.decoding import cleaned, decode


def parse_page(body: bytes, content_type: str = "") -> Parsed:
    """The article of a web page. Raises SourceError, also for a page that only asks for a browser."""
    if not body.strip():
        raise SourceError("the file is empty")
    html = cleaned(decode(body, content_type, strict=True))
    if asker := challenge.asked_by(html):
        raise SourceError(f"a challenge page of {asker} instead of the article")
    tree = markup.to_tree(html)
    if tree is None:
        raise SourceError("no markup in the page")
    text = trafilatura.extract(html, fast=True, include_comments=False) or ""
    heading = _first(tree, "string(//h1)")
    title = _meta(tree, "og:title") or heading or _first(tree, "string(//title)")
    paragraphs = [line.strip() for line in text.split("\n") if line.strip()]
    if paragraphs and paragraphs[0] in (title, heading):
        del paragraphs[0]  # the title is a field of its own, and the lead is what follows it
    item = Item(
        url=_first(tree, "string(//link[@rel='canonical']/@href)") or _meta(tree, "og:url"),
        title=title,
        author=_meta(tree, "author"),
        publisher=_meta(tree, "og:site_name"),
        language=_first(tree, "string(/html/@lang)"),
        date=_meta(tree, "article:published_time"),
        text="\n\n".join(paragraphs) or markup.tree_text(tree),
    )
    if not item.title and not item.text:
        raise SourceError("no article in the page: neither a title nor text")
    return Parsed(items=(item,))


def _meta(tree: Any, name: str) -> str:
    return _first(tree, "string(//meta[@property=$name or @name=$name]/@content)", name=name)


def _first(tree: Any, path: str, **values: str) -> str:
    """The first of what an XPath finds, on one line."""
    return " ".join(str(tree.xpath(path, **values)).split())
