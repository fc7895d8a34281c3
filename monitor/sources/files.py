"""Any drop-folder file to articles, by its name's ending: scraped .txt, .html, .json, .ndjson, feeds.

Takes bytes, never opens anything: who reads the file decides what may be read.
"""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from monitor.errors import SourceError
from monitor.model import Article
from monitor.sources import scraped
from monitor.sources.articles import Origin, articles
from monitor.sources.parsing import jsonfeed
from monitor.sources.parsing.decoding import decode_plain
from monitor.sources.parsing.items import Parsed

_FORMATS = {
    "txt": "text",
    "text": "text",
    "html": "page",
    "htm": "page",
    "xhtml": "page",
    "json": "json",
    "ndjson": "lines",
    "jsonl": "lines",
    "xml": "feed",
    "rss": "feed",
    "atom": "feed",
    "rdf": "feed",
}


class DocumentParser(Protocol):
    """What is needed of `parser.Parser` here."""

    def feed(self, body: bytes, content_type: str = "", url: str = "", *, strict: bool = False) -> Parsed:
        """The items of a feed."""

    def page(self, body: bytes, content_type: str = "") -> Parsed:
        """The article of an HTML page."""


def read_file(
    name: str, body: bytes, *, source: str, parser: DocumentParser, now: datetime, origin: Origin | None = None
) -> tuple[Article, ...]:
    """The articles of one file in any drop-folder format; a name without ending is judged by its content.

    `origin` says more of the source than its id. Raises SourceError with a reason in words.
    """
    if not body.strip():
        raise SourceError("the file is empty")
    found = articles(_parsed(_format(name, body), body, parser), origin or Origin(source=source), now)
    if not found:
        raise SourceError("no article in it")
    return found


def _format(name: str, body: bytes) -> str:
    _, dot, ending = name.rpartition("/")[2].rpartition(".")
    if not dot:
        return _sniffed(body)
    try:
        return _FORMATS[ending.lower()]
    except KeyError:
        known = ", ".join(f".{word}" for word in _FORMATS)
        raise SourceError(f"unknown kind of file {'.' + ending!r}; expected one of {known}") from None


def _sniffed(body: bytes) -> str:
    start = body[:1000].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"{", b"[")):
        first, _, rest = body.strip().partition(b"\n")
        is_lines = first.rstrip().endswith(b"}") and rest.lstrip().startswith(b"{")
        return "lines" if is_lines else "json"
    if start.startswith((b"<!doctype html", b"<html")):
        return "page"
    return "feed" if start.startswith(b"<") else "text"


def _parsed(form: str, body: bytes, parser: DocumentParser) -> Parsed:
    if form == "page":
        return parser.page(body)
    if form == "feed":
        parsed = parser.feed(body, strict=True)
        if not parsed.complete:
            raise SourceError("the document breaks off before its end")
        return parsed
    text = decode_plain(body)
    if form == "text":
        return Parsed(items=(scraped.read_page(text),))
    return jsonfeed.parse_articles(text, lines=form == "lines")
