"""Any drop-folder file to items, by its name's ending: pages, JSON, e-mails, feeds, and `.gz` of each."""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable

from monitor.errors import SourceError
from monitor.sources.parsing import jsonfeed, mail, markdown, page, scraped, syndication
from monitor.sources.parsing.items import Parsed
from monitor.xmltext.decoding import decode_plain

_GZIP = b"\x1f\x8b"
_FEED = re.compile(rb"<(?:\?xml\s|!--|(?:rss|feed|rdf:rdf)[\s>])")


def parse_file(name: str, body: bytes, max_size: int) -> Parsed:
    """The items of one file; a name without ending is judged by its content.

    `max_size` bounds what a packed file may unpack to, in bytes. Raises SourceError with a reason in words.
    """
    name = name.rpartition("/")[2]
    ending = _ending(name)
    if ending == "gz" or (not ending and body.startswith(_GZIP)):
        body = _unpacked(body, max_size)
        ending = _ending(name[: -len(".gz")]) if ending else ""
    if not body.strip():
        raise SourceError("the file is empty")
    form = ending or _sniffed(body)
    if form not in _READERS:
        known = ", ".join(f".{word}" for word in (*_READERS, "gz"))
        raise SourceError(f"unknown kind of file {'.' + form!r}; expected one of {known}")
    return _READERS[form](body)


def _ending(name: str) -> str:
    stem, dot, ending = name.rpartition(".")
    return ending.lower() if stem and dot else ""


def _unpacked(body: bytes, max_size: int) -> bytes:
    """The content of a gzip file of one or more members. Raises SourceError."""
    content = b""
    while body:
        member = zlib.decompressobj(wbits=31)
        try:
            content += member.decompress(body, max_size + 1 - len(content))
        except zlib.error as error:
            raise SourceError("not a whole gzip file") from error
        if len(content) > max_size:
            raise SourceError(f"unpacks to more than {max_size} bytes (max_size)")
        if not member.eof:
            raise SourceError("not a whole gzip file")
        body = member.unused_data.lstrip(b"\0")
    return content


def _sniffed(body: bytes) -> str:
    start = body[:1000].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"{", b"[")):
        first, _, rest = body.strip().partition(b"\n")
        is_lines = first.rstrip().endswith(b"}") and rest.lstrip().startswith(b"{")
        return "ndjson" if is_lines else "json"
    if start.startswith(b"<"):
        return "xml" if _FEED.match(start) and b"<html" not in start else "html"
    return "txt"


def _text(body: bytes) -> Parsed:
    return Parsed(items=(scraped.read_page(decode_plain(body)),))


def _json(body: bytes) -> Parsed:
    return jsonfeed.parse_articles(decode_plain(body))


def _lines(body: bytes) -> Parsed:
    return jsonfeed.parse_articles(decode_plain(body), lines=True)


def _feed(body: bytes) -> Parsed:
    parsed = syndication.parse_feed(body, strict=True)
    if not parsed.complete:
        raise SourceError("the document breaks off before its end")
    return parsed


_READERS: dict[str, Callable[[bytes], Parsed]] = {
    "txt": _text,
    "text": _text,
    "md": markdown.parse_page,
    "markdown": markdown.parse_page,
    "html": page.parse_page,
    "htm": page.parse_page,
    "xhtml": page.parse_page,
    "json": _json,
    "ndjson": _lines,
    "jsonl": _lines,
    "eml": mail.parse_letter,
    "xml": _feed,
    "rss": _feed,
    "atom": _feed,
    "rdf": _feed,
}
