"""Matches in the formats that other programs read: CSV, JSON lines, RSS 2.0, Atom, JSON Feed 1.1. Pure.

Text of articles is hostile: no cell is a formula to a spreadsheet, nothing that XML forbids is in an XML document,
links are http or https.
"""

from __future__ import annotations

import csv
import io
import json
import re
import uuid
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from email.utils import format_datetime
from typing import Any, NamedTuple

Row = Mapping[str, Any]

ATOM = "http://www.w3.org/2005/Atom"
DUBLIN_CORE = "http://purl.org/dc/elements/1.1/"
COLUMNS = (
    "matched", "rule", "severity", "title", "url", "source", "publisher", "language", "published", "seen", "entities",
    "found", "excerpt", "told", "article", "version", "story",
)  # fmt: skip
# Where a cell begins, also for a spreadsheet that separates by ; and so goes by no quotation mark.
_FORMULA = re.compile(r"(?:^|(?<=[;\t\r\n]))(?=\s*[=+@＝＋－＠-])|^(?=[\t\r\n])")
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_NAMESPACE = uuid.UUID("6b1d1a0e-5f0c-4b7e-9b52-7261736964aa")


class About(NamedTuple):
    """What a feed says of itself. `link` is the page it belongs to; `now` when it was made."""

    title: str
    link: str
    now: datetime


def cell(text: str) -> str:
    """A text that no spreadsheet takes for a formula, or for a cell and a formula after it."""
    return _FORMULA.sub("'", text)


def to_csv(rows: Iterable[Row], about: About) -> Iterator[str]:
    """RFC 4180, all quoted, a line of names first."""
    yield _line(COLUMNS)
    for row in rows:
        more = {
            "entities": ", ".join(row["entities"]),
            "found": ", ".join(dict.fromkeys(span["text"] for span in row["spans"])),
            "told": ", ".join(f"{one['channel'] or '-'}: {one['disposition']}" for one in row["channels"]),
        }
        yield _line(cell(str({**row, **more}[name] or "")) for name in COLUMNS)


def _line(cells: Iterable[str]) -> str:
    out = io.StringIO()
    csv.writer(out, quoting=csv.QUOTE_ALL).writerow(cells)
    return out.getvalue()


def to_jsonl(rows: Iterable[Row], about: About) -> Iterator[str]:
    """One match a line, as `rasid matches --json` has it."""
    for row in rows:
        yield json.dumps(row, ensure_ascii=False) + "\n"


def to_rss(rows: Iterable[Row], about: About) -> Iterator[str]:
    """RSS 2.0."""
    root = ET.Element("rss", {"version": "2.0", "xmlns:dc": DUBLIN_CORE})
    channel = ET.SubElement(root, "channel")
    _add(channel, "title", about.title)
    _add(channel, "link", about.link)
    _add(channel, "description", about.title)
    _add(channel, "lastBuildDate", format_datetime(about.now))
    for row in rows:
        item = ET.SubElement(channel, "item")
        _add(item, "title", _title(row))
        if url := _link(row):
            _add(item, "link", url)
        _add(item, "guid", _id(row), isPermaLink="false")
        _add(item, "pubDate", format_datetime(datetime.fromisoformat(row["matched"])))
        if row["publisher"]:
            _add(item, "dc:creator", row["publisher"])  # an <author> of RSS is an address
        _add(item, "description", _escaped(row["excerpt"]))
        for tag in _tags(row):
            _add(item, "category", tag)
    yield from _document(root)


def to_atom(rows: Iterable[Row], about: About) -> Iterator[str]:
    """Atom (RFC 4287)."""
    root = ET.Element("feed", xmlns=ATOM)
    _add(root, "id", uuid.uuid5(_NAMESPACE, about.link + about.title).urn)
    _add(root, "title", about.title)
    _add(root, "updated", about.now.isoformat())
    ET.SubElement(root, "link", href=about.link)
    _add(ET.SubElement(root, "author"), "name", "Rasid")
    for row in rows:
        entry = ET.SubElement(root, "entry")
        _add(entry, "id", _id(row))
        _add(entry, "title", _title(row))
        _add(entry, "updated", row["matched"])
        if row["published"]:
            _add(entry, "published", row["published"])
        if url := _link(row):
            ET.SubElement(entry, "link", href=url)
        if row["publisher"]:
            _add(ET.SubElement(entry, "author"), "name", row["publisher"])
        _add(entry, "summary", row["excerpt"])
        for tag in _tags(row):
            ET.SubElement(entry, "category", term=_clean(tag))
    yield from _document(root)


def to_jsonfeed(rows: Iterable[Row], about: About) -> Iterator[str]:
    """JSON Feed 1.1."""
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": about.title,
        "home_page_url": about.link,
        "items": [
            {
                "id": _id(row),
                **({"url": url} if (url := _link(row)) else {}),
                "title": _title(row),
                "content_text": row["excerpt"],
                "date_published": row["published"] or row["matched"],
                **({"authors": [{"name": row["publisher"]}]} if row["publisher"] else {}),
                **({"language": row["language"]} if row["language"] else {}),
                "tags": _tags(row),
            }
            for row in rows
        ],
    }
    yield json.dumps(feed, ensure_ascii=False, indent=2) + "\n"


def _add(parent: ET.Element, name: str, text: str, **attributes: str) -> None:
    ET.SubElement(parent, name, attributes).text = _clean(text)


def _clean(text: str) -> str:
    return _NOT_XML.sub("\ufffd", text)


def _escaped(text: str) -> str:
    """A text for where readers expect HTML."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _document(root: ET.Element) -> Iterator[str]:
    ET.indent(root)
    yield '<?xml version="1.0" encoding="utf-8"?>\n'
    yield ET.tostring(root, encoding="unicode") + "\n"


def _id(row: Row) -> str:
    """The same for one rule on one version of an article, whenever it is exported."""
    return uuid.uuid5(_NAMESPACE, f"{row['article']}\n{row['version']}\n{row['rule']}").urn


def _title(row: Row) -> str:
    return str(row["title"] or row["article"])


def _link(row: Row) -> str:
    url = str(row["url"])
    return url if url.lower().startswith(("http://", "https://")) else ""


def _tags(row: Row) -> list[str]:
    return [row["rule"], row["severity"], *row["entities"]]


FORMATS: Mapping[str, Callable[[Iterable[Row], About], Iterator[str]]] = {
    "csv": to_csv,
    "jsonl": to_jsonl,
    "rss": to_rss,
    "atom": to_atom,
    "jsonfeed": to_jsonfeed,
}
