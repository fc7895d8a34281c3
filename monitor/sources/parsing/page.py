"""One HTML page to one item: the article's text by trafilatura, the rest from the page's own declarations."""

from __future__ import annotations

from typing import Any

import trafilatura
from lxml import etree

from monitor.errors import SourceError
from monitor.sources.parsing import markup
from monitor.sources.parsing.decoding import decode
from monitor.sources.parsing.items import Item, Parsed


def parse_page(body: bytes, content_type: str = "") -> Parsed:
    """The article of a saved web page. Raises SourceError."""
    if not body.strip():
        raise SourceError("the file is empty")
    html = markup.without_controls(decode(body, content_type, strict=True))
    parser = etree.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, no_network=True)
    tree = etree.fromstring(html.encode("utf-8", "replace"), parser)
    if tree is None:
        raise SourceError("no markup in the page")
    text = trafilatura.extract(html, fast=True, include_comments=False) or ""
    heading = _line(tree, "//h1")
    title = _meta(tree, "og:title") or heading or _line(tree, "//title")
    paragraphs = [line.strip() for line in text.split("\n") if line.strip()]
    if paragraphs and paragraphs[0] in (title, heading):
        del paragraphs[0]  # the title is a field of its own, and the lead is what follows it
    item = Item(
        url=_first(tree, "//link[@rel='canonical']/@href") or _meta(tree, "og:url"),
        title=title,
        text="\n\n".join(paragraphs) or markup.tree_text(tree),
        author=_meta(tree, "author"),
        publisher=_meta(tree, "og:site_name"),
        language=_first(tree, "/html/@lang"),
        date=_meta(tree, "article:published_time"),
    )
    if not item.title and not item.text:
        raise SourceError("no article in the page: neither a title nor text")
    return Parsed(items=(item,))


def _meta(tree: Any, name: str) -> str:
    return _first(tree, "//meta[@property=$name or @name=$name]/@content", name=name)


def _first(tree: Any, path: str, **values: str) -> str:
    found = tree.xpath(path, **values)
    return " ".join(str(found[0]).split()) if found else ""


def _line(tree: Any, path: str) -> str:
    found = tree.xpath(path)
    return " ".join("".join(found[0].itertext()).split()) if found else ""
