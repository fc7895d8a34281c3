"""A Markdown page to one item: the front matter's fields, the first heading as its title, the rest as text."""

from __future__ import annotations

import re

from markdown_it import MarkdownIt

from monitor.sources.parsing import markup
from monitor.sources.parsing.items import Item, Parsed
from monitor.xmltext.decoding import decode_plain

_FRONT = re.compile(r"---[ \t]*\n(.*?)\n(?:---|\.\.\.)[ \t]*(?:\n|$)", re.DOTALL)
_LONGEST_FRONT = 20_000  # characters
_FIELD = re.compile(r"([A-Za-z_]{1,40})[ \t]*:[ \t]+(.+)")
_NAMES = {
    "title": ("title",),
    "date": ("published", "date"),
    "author": ("author", "byline"),
    "url": ("url", "link", "canonical"),
    "publisher": ("publisher", "source"),
    "language": ("language", "lang"),
    "guid": ("id", "guid"),
}
_READER = MarkdownIt("commonmark").enable("table")


def parse_page(body: bytes) -> Parsed:
    """The article of a Markdown file. Raises SourceError for bytes that are no text."""
    text = decode_plain(body).replace("\r\n", "\n")
    fields, text = _front(text)
    tokens = _READER.parse(text)
    title = fields.pop("title", "")
    if len(tokens) > 2 and tokens[0].type == "heading_open":
        heading = markup.to_line(_READER.renderer.render(tokens[1:2], _READER.options, {}))
        if not title or heading == title:
            title, tokens = heading, tokens[3:]
    html = _READER.renderer.render(tokens, _READER.options, {})
    return Parsed(items=(Item(title=title, text=markup.to_text(html), **fields),))


def _front(text: str) -> tuple[dict[str, str], str]:
    """The known fields of the front matter, and the text after it."""
    found = _FRONT.match(text, 0, _LONGEST_FRONT)
    if found is None:
        return {}, text
    written = {name.lower(): value.strip().strip("\"'") for name, value in _FIELD.findall(found[1])}
    fields = {
        field: next((written[name] for name in names if written.get(name)), "") for field, names in _NAMES.items()
    }
    return fields, text[found.end() :]
