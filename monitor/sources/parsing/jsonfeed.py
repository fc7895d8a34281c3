"""JSON: feeds (JSON Feed 1.0 and 1.1) and the articles that other programs put into drop folders.

Numbers of a million digits and nesting of a million levels are refused; lone surrogates pass through, since
the door cleans every field.
"""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urljoin

from monitor.errors import SourceError
from monitor.sources.parsing import markup
from monitor.sources.parsing.items import Item, Parsed

_FEED = "https://jsonfeed.org/version/"


def parse_feed(text: str, url: str = "") -> Parsed:
    """The items of a JSON Feed. Raises SourceError."""
    document = _load(text, "the document")
    if not _is_feed(document):
        raise SourceError("not a feed: JSON, but not a JSON Feed (no 'version' that names jsonfeed.org)")
    return _feed(document, url)


def parse_articles(text: str, *, lines: bool = False) -> Parsed:
    """Articles of a drop file: one, a list of them, one a line (`lines`), or a JSON Feed. Raises SourceError."""
    text = text.lstrip("\ufeff")
    if not text.strip():
        raise SourceError("the file is empty")
    if lines:
        places = [(f"line {n}", line) for n, line in enumerate(text.split("\n"), 1) if line.strip()]
        return Parsed(items=tuple(_article(_load(line, place), place) for place, line in places))
    document = _load(text, "the file")
    if _is_feed(document):
        return _feed(document, "")
    if isinstance(document, list):
        return Parsed(items=tuple(_article(value, f"article {n}") for n, value in enumerate(document, 1)))
    return Parsed(items=(_article(document, "the article"),))


def _load(text: str, place: str) -> Any:
    try:
        return json.loads(text.lstrip("\ufeff"))
    except json.JSONDecodeError as error:
        raise SourceError(f"{place} is not JSON: {error.msg} at line {error.lineno}, column {error.colno}") from error
    except ValueError as error:
        raise SourceError(f"{place} is refused: a number with too many digits") from error
    except RecursionError as error:
        raise SourceError(f"{place} is refused: nested too deeply") from error


def _is_feed(document: Any) -> bool:
    return isinstance(document, dict) and _FEED in str(document.get("version", ""))


def _feed(document: dict[str, Any], url: str) -> Parsed:
    items = document.get("items", [])
    if not isinstance(items, list):
        raise SourceError("the JSON Feed's 'items' is not a list")
    found = tuple(_feed_item(item, url) for item in items if isinstance(item, dict))
    return Parsed(items=found, language=_word(document, "language"))


def _feed_item(item: dict[str, Any], url: str) -> Item:
    html = _word(item, "content_html")
    text = markup.to_text(html) if html else markup.plain(_word(item, "content_text"))
    summary = markup.plain(_word(item, "summary"))
    if summary and " ".join(summary.split()) not in " ".join(text.split()):
        text = f"{summary}\n\n{text}".strip()
    authors = item.get("authors")
    people = authors if isinstance(authors, list) else [item.get("author")]
    link = _word(item, "url") or _word(item, "external_url")
    date = _word(item, "date_published") or _word(item, "date_modified")
    return Item(
        guid=_word(item, "id"),
        url=joined(url, link),
        title=" ".join(_word(item, "title").split()),
        text=text,
        author=", ".join(_word(person, "name") for person in people if isinstance(person, dict)),
        language=_word(item, "language"),
        date=date,
    )


def _article(value: Any, place: str) -> Item:
    if not isinstance(value, dict):
        raise SourceError(f"{place} is not a JSON object with 'title' and 'text'")
    for name in ("title", "text", "url", "published", "author", "language", "publisher"):
        if not isinstance(value.get(name), str | None) and name != "published":
            raise SourceError(f"{place}: {name!r} must be text, not {type(value[name]).__name__}")
    if not _word(value, "title") and not _word(value, "text"):
        raise SourceError(f"{place} has neither 'title' nor 'text'")
    return Item(
        guid=_word(value, "id"),
        url=_word(value, "url"),
        title=" ".join(_word(value, "title").split()),
        text=markup.plain(_word(value, "text")),
        author=_word(value, "author"),
        publisher=_word(value, "publisher"),
        language=_word(value, "language"),
        date=_word(value, "published"),
    )


def _word(value: dict[str, Any], name: str) -> str:
    """A field as text: strings and numbers, anything else is absent."""
    found = value.get(name)
    if isinstance(found, bool) or not isinstance(found, str | int | float):
        return ""
    return str(found).strip()


def joined(base: str, link: str) -> str:
    """`link` resolved against `base`; "" when there is none or it cannot be."""
    if not link or link.startswith(("http://", "https://")):
        return link
    try:
        return urljoin(base, link)
    except ValueError:
        return ""
