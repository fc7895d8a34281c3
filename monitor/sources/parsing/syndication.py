"""RSS, Atom and RDF by feedparser, on bytes that have passed the gate.

Takes the text of each item from its full content, else from its summary; a summary that the text does not
contain becomes its first paragraph. Links are resolved against xml:base and the feed's own address. Whether a
document is "bozo" means nothing: most good feeds are.
"""

from __future__ import annotations

import io
import re
import time
from datetime import UTC, datetime
from typing import Any

import feedparser

from monitor.errors import SourceError
from monitor.sources.parsing import gate, jsonfeed, markup
from monitor.sources.parsing.decoding import decode
from monitor.sources.parsing.items import Item, Parsed

_ROOTS = {"rss", "feed", "rdf", "channel", "entry", "redirect"}
_HTML_ROOTS = {"html", "head", "body", "div", "script", "p", "meta", "title"}
_SIGNED = re.compile(r"\S*@\S*\s*\(([^()]{1,200})\)\s*$")
_ENDING = re.compile(r"[\s.\u2026\[\]()]+$|\s*(?:\[\.\.\.\]|\[\u2026\])\s*$")


def parse_feed(body: bytes, content_type: str = "", url: str = "", *, strict: bool = False) -> Parsed:
    """The items of a feed document in any format. Raises SourceError with a plain reason."""
    if not body.strip():
        raise SourceError("an empty body instead of a feed")
    text = decode(body, content_type, strict=strict)
    if text.lstrip("\ufeff \t\r\n")[:1] in ("{", "["):
        return jsonfeed.parse_feed(text, url)
    document = gate.admit(text)
    if document.root in _HTML_ROOTS:
        raise SourceError("not a feed: an HTML page")
    if document.root not in _ROOTS:
        raise SourceError(f"not a feed: an XML document of another kind (<{document.root[:40]}>)")
    found = _parse(document.text)
    language = str(found.feed.get("language") or "")
    items = tuple(_item(entry, url) for entry in found.entries)
    if not items and not found.version and not found.feed:
        raise SourceError("not a feed: nothing in it that a feed has")
    return Parsed(items=items, language=language, complete=document.complete)


def _parse(text: str) -> Any:
    # The feed's own address is left out: it would be resolved into guids too, which must not change with it.
    headers = {"content-type": "application/xml; charset=utf-8"}
    try:
        return feedparser.parse(
            io.BytesIO(text.encode("utf-8", "replace")),
            response_headers=headers,
            sanitize_html=False,
            resolve_relative_uris=False,
        )
    except (OverflowError, UnicodeError) as error:
        raise SourceError("not well-formed: it refers to a character that does not exist") from error


def _item(entry: Any, base: str) -> Item:
    moment, date = _date(entry)
    return Item(
        guid=str(entry.get("id") or "").strip(),
        url=jsonfeed.joined(base, _link(entry)),
        title=_title(entry),
        text=_text(entry),
        author=_author(entry),
        publisher=markup.to_line(str(entry.get("source", {}).get("title") or entry.get("publisher") or "")),
        language=_language(entry),
        date=date,
        moment=moment,
    )


def _link(entry: Any) -> str:
    """Where the article itself is: what a proxy of feeds says it was, the alternate link, or any."""
    original = str(entry.get("feedburner_origlink") or "")
    if original:
        return original.strip()
    for link in entry.get("links", ()):
        if link.get("rel", "alternate") == "alternate" and "html" in link.get("type", "html") and link.get("href"):
            return str(link["href"]).strip()
    link = str(entry.get("link") or "").strip()
    # A guid that claims to be a link, and is none: every second feed forgets isPermaLink="false".
    return "" if link == entry.get("id") and not link.lower().startswith("http") else link


def _title(entry: Any) -> str:
    detail = entry.get("title_detail") or {}
    value = str(detail.get("value") or entry.get("title") or "")
    return " ".join(value.split()) if detail.get("type") == "text/plain" else markup.to_line(value)


def _text(entry: Any) -> str:
    bodies = [
        (part.get("type") != "text/plain", _readable(part))
        for part in entry.get("content", ())
        if not _is_binary(part)
    ]
    _, body = max(bodies, key=lambda pair: (bool(pair[1]), pair[0], len(pair[1])), default=(False, ""))
    summary = _readable(entry.get("summary_detail") or {"value": entry.get("summary") or ""})
    if not body:
        return summary
    return body if _contains(body, summary) else f"{summary}\n\n{body}"


def _is_binary(part: Any) -> bool:
    kind = str(part.get("type") or "text/html")
    return not (kind.startswith("text/") or "html" in kind or kind.endswith("xml"))


def _readable(part: Any) -> str:
    value = str(part.get("value") or "")
    return markup.plain(value) if part.get("type") == "text/plain" else markup.to_text(value)


def _contains(body: str, summary: str) -> bool:
    """Whether the summary tells nothing that the body does not: it is a piece of it, perhaps cut with dots."""
    bare = _ENDING.sub("", " ".join(summary.split()))
    return not bare or bare in " ".join(body.split())


def _author(entry: Any) -> str:
    written = str(entry.get("author") or "")
    signed = _SIGNED.search(written[:1000])
    if signed:  # feedparser cuts addresses after a top-level domain of four letters, and the rest becomes the name
        return markup.to_line(signed[1])
    names = [author.get("name") or author.get("email") or "" for author in entry.get("authors", ())]
    names = [name for name in dict.fromkeys(str(name).strip() for name in names) if name]
    return markup.to_line(", ".join(names) or written)


def _language(entry: Any) -> str:
    for part in (*entry.get("content", ()), entry.get("summary_detail") or {}, entry.get("title_detail") or {}):
        if part.get("language"):
            return str(part["language"])
    return str(entry.get("language") or "")


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
