"""OPML: lists of feeds as other readers export and import them (http://opml.org/spec2.opml). Reads and writes.

Folders within folders are told for each feed, outermost first. Includes are not followed, programs not run. A file
that is not well-formed, as some readers write it, is read by its outlines and their attributes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from html import unescape
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from lxml import etree

from monitor.errors import SourceError
from monitor.text.clean import clean
from monitor.xmltext.decoding import decode
from monitor.xmltext.gate import admit

MOST_BYTES = 10_000_000
MOST_FEEDS = 50_000
MOST_FOLDERS = 8
"""Folders within each other that are told; outlines may be nested deeper."""

_PARSER = etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True)
_TAG = re.compile(r"<(/?)outline\b", re.I)
_ATTRIBUTE = re.compile(r"\s([A-Za-z][\w:.-]*)\s*=\s*([\"'])")


@dataclass(frozen=True, slots=True)
class Listed:
    """One feed of a list: its address as written, its title, the folders it lies in, and its line (from 1)."""

    url: str
    title: str = ""
    folders: tuple[str, ...] = ()
    line: int = 0


@dataclass(frozen=True, slots=True)
class FeedList:
    """What a file lists. An address that stands there twice is one feed, in all its folders.

    `refused` are lines with the reason why what stands there is no feed for us.
    """

    feeds: tuple[Listed, ...]
    refused: tuple[tuple[int, str], ...] = ()


def read(body: bytes) -> FeedList:
    """The feeds of an OPML file. Raises SourceError with a plain reason."""
    if len(body) > MOST_BYTES:
        raise SourceError(f"larger than {MOST_BYTES} bytes")
    if not body.strip():
        raise SourceError("the file is empty")
    written = decode(body)
    document = admit(written)
    if document.root != "opml":
        raise SourceError(f"not OPML: its root is <{document.root[:40]}>")
    # Lines are told as in the file: what the gate cut off its beginning counts.
    offset = written.count("\n") - document.text.count("\n")
    found: dict[str, Listed] = {}
    refused: list[tuple[int, str]] = []
    for outline in _outlines(document.text):
        line = outline.line + offset
        url = outline.attributes.get("xmlurl")
        if url is None:
            if outline.attributes.get("type", "").lower() in ("include", "link"):
                refused.append((line, "an include; what it leads to is not read"))
            continue
        if reason := _fault(url):
            refused.append((line, reason))
            continue
        title = outline.attributes.get("title") or outline.attributes.get("text", "")
        first = found.get(url, Listed(url, title, (), line))
        found[url] = Listed(url, first.title, tuple(dict.fromkeys((*first.folders, *outline.folders))), first.line)
        if len(found) > MOST_FEEDS:
            raise SourceError(f"more than {MOST_FEEDS} feeds")
    return FeedList(tuple(found.values()), tuple(refused))


def write(feeds: Iterable[Listed], title: str) -> bytes:
    """An OPML 2.0 file of feeds, those of the same folders together."""
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', '<opml version="2.0">']
    lines += [f"  <head><title>{escape(_line(title))}</title></head>", "  <body>"]
    by_folder: dict[tuple[str, ...], list[Listed]] = {}
    for feed in feeds:
        by_folder.setdefault(feed.folders, []).append(feed)
    for folders, listed in sorted(by_folder.items()):
        lines += [f"{'  ' * (depth + 2)}<outline text={_quoted(name)}>" for depth, name in enumerate(folders)]
        indent = "  " * (len(folders) + 2)
        lines += [
            f'{indent}<outline type="rss" text={_quoted(feed.title or feed.url)} xmlUrl={_quoted(feed.url)}/>'
            for feed in listed
        ]
        lines += [f"{'  ' * (depth + 2)}</outline>" for depth in reversed(range(len(folders)))]
    lines += ["  </body>", "</opml>", ""]
    return "\n".join(lines).encode()


@dataclass(frozen=True, slots=True)
class _Outline:
    """An outline: its attributes by lower-case name, the names of the outlines around it, its line (from 1)."""

    attributes: Mapping[str, str]
    folders: tuple[str, ...]
    line: int


def _outlines(text: str) -> Iterator[_Outline]:
    try:
        root = etree.fromstring(text.encode(), _PARSER)
    except etree.XMLSyntaxError:
        return _written(text)
    return _parsed(root)


def _parsed(root: Any) -> Iterator[_Outline]:
    """Every outline of a well-formed document, in its order."""
    inside: tuple[str, ...] = ()
    waiting: list[tuple[Any, tuple[str, ...]]] = [
        (body, inside) for body in root.iterchildren("{*}body", reversed=True)
    ]
    while waiting:
        element, folders = waiting.pop()
        inside = folders
        if etree.QName(element).localname == "outline":
            attributes = {str(name).lower(): _line(str(value)) for name, value in element.attrib.items()}
            yield _Outline(attributes, folders, element.sourceline)
            inside = _entered(folders, attributes)
        waiting.extend((inner, inside) for inner in element.iterchildren("{*}outline", reversed=True))


def _written(text: str) -> Iterator[_Outline]:
    """Every outline of a broken document: a value ends at the last quote before the next attribute."""
    line, counted = 1, 0
    around: list[tuple[str, ...]] = [()]
    for tag, following in _each_with_end(_TAG, text):
        line, counted = line + text.count("\n", counted, tag.start()), tag.start()
        if tag[1]:
            del around[max(1, len(around) - 1) :]
            continue
        end = text.rfind(">", tag.end(), following)
        body = text[tag.end() : following if end < 0 else end]
        attributes: dict[str, str] = {}
        for start, stop in _each_with_end(_ATTRIBUTE, body):
            value = body[start.end() : stop]
            attributes.setdefault(start[1].lower(), _line(unescape(value[: value.rfind(start[2])])))
        yield _Outline(attributes, around[-1], line)
        if not body.endswith("/"):
            around.append(_entered(around[-1], attributes))


def _each_with_end(pattern: re.Pattern[str], text: str) -> Iterator[tuple[re.Match[str], int]]:
    """Every match, and where the next one begins or the text ends."""
    last: re.Match[str] | None = None
    for found in pattern.finditer(text):
        if last is not None:
            yield last, found.start()
        last = found
    if last is not None:
        yield last, len(text)


def _entered(folders: tuple[str, ...], attributes: Mapping[str, str]) -> tuple[str, ...]:
    name = attributes.get("text") or attributes.get("title", "")
    return (*folders, name) if name and len(folders) < MOST_FOLDERS else folders


def _fault(url: str) -> str:
    """Why an address is no feed's, or ""."""
    if not url:
        return "an outline whose xmlUrl is empty"
    scheme = url.partition(":")[0].lower()
    if scheme in ("http", "https"):
        return ""
    is_program = url.startswith(("|", "exec:", "filter:"))
    return "a program instead of an address" if is_program else "an address that is neither http nor https"


def _line(text: str) -> str:
    return " ".join(clean(text).split())


def _quoted(text: str) -> str:
    return quoteattr(_line(text), {'"': "&quot;"})
