"""Entries of a feed by feedparser: the reference, patient with everything, and slow.

Whether a document is "bozo" says nothing: most good feeds are. The feed's own address is not given to it: it would
be resolved into guids too, which must not change with it.
"""

from __future__ import annotations

import io
import re
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import feedparser

from monitor.errors import SourceError
from monitor.sources.parsing import markup
from monitor.sources.parsing.entries import HTML, PLAIN, SIGNED, Entry, Link, Text

MOST_ATTRIBUTES = 1000
_LONG_TAG = re.compile(r"<[A-Za-z_][^<>]{8000,}")
_ATTRIBUTE = re.compile(r"=\s*[\"']")
_HEADERS = {"content-type": "application/xml; charset=utf-8"}


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed's entries in its order. `is_feed` is False when nothing in the document belongs to a feed."""

    entries: tuple[Entry, ...]
    language: str = ""
    is_feed: bool = True


def read(text: str) -> Feed:
    """Read an admitted document. Raises SourceError."""
    for tag in _LONG_TAG.finditer(text):
        if len(_ATTRIBUTE.findall(tag.group())) > MOST_ATTRIBUTES:  # the time they take grows with their square
            raise SourceError(f"refused: an element with more than {MOST_ATTRIBUTES} attributes")
    try:
        found = feedparser.parse(
            io.BytesIO(text.encode("utf-8", "replace")),
            response_headers=_HEADERS,
            sanitize_html=False,
            resolve_relative_uris=False,
        )
    except (OverflowError, UnicodeError) as error:
        raise SourceError("not well-formed: it refers to a character that does not exist") from error
    guesses = not found.version.startswith("atom")
    return Feed(
        entries=tuple(_entry(entry, guesses) for entry in found.entries),
        language=str(found.feed.get("language") or ""),
        is_feed=bool(found.entries or found.version or found.feed),
    )


def _entry(entry: Any, guesses: bool) -> Entry:
    moment, date = _date(entry)
    authors = [str(author.get("name") or author.get("email") or "") for author in entry.get("authors", ())]
    written = str(entry.get("author") or "")
    return Entry(
        guid=str(entry.get("id") or "").strip(),
        links=[
            Link(str(link.get("href") or "").strip(), str(link.get("rel", "alternate")), str(link.get("type", HTML)))
            for link in entry.get("links", ())
        ],
        link=str(entry.get("link") or "").strip(),
        origin=str(entry.get("feedburner_origlink") or "").strip(),
        title=_text(entry, "title", guesses),
        summary=_text(entry, "summary", guesses),
        contents=[_detail(part) for part in entry.get("content", ())],
        # feedparser cuts addresses after a top-level domain of four letters, and the rest becomes the name
        authors=[written] if not authors or SIGNED.match(written[:1000]) else authors,
        publisher=str(entry.get("source", {}).get("title") or entry.get("publisher") or ""),
        language=str(entry.get("language") or ""),
        date=date,
        moment=moment,
    )


def _text(entry: Any, name: str, guesses: bool) -> Text:
    """A title or summary. Its detail may be that of a picture that came later; RSS titles are told by their looks."""
    value = str(entry.get(name) or "")
    text = _detail(entry.get(f"{name}_detail") or {})
    if text.value != value:
        text = Text(value)
    if guesses and text.kind in (HTML, PLAIN) and name == "title":
        return Text(value, HTML if markup.reads_as_html(value) else PLAIN, text.language)
    return text


def _detail(detail: Any) -> Text:
    return Text(str(detail.get("value") or ""), str(detail.get("type") or HTML), str(detail.get("language") or ""))


def _date(entry: Any) -> tuple[str, str]:
    """What the parser made of the date (ISO 8601 in UTC or ""), and the date as written."""
    for name in ("published", "created", "updated"):
        raw = str(dict.get(entry, name) or "").strip()
        if raw:
            return _iso(dict.get(entry, f"{name}_parsed")), raw
    return "", ""


def _iso(parsed: time.struct_time | None) -> str:
    try:
        return datetime(*parsed[:6], tzinfo=UTC).isoformat() if parsed else ""
    except (ValueError, OverflowError):  # second 60, year 0
        return ""
