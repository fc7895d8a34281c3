"""One entry of a feed as its parser read it, and the item it makes: the same for whichever parser that was.

The text is the full content, else the summary; a summary that the text does not contain becomes its first paragraph.
Links are resolved against the feed's own address.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NamedTuple

from monitor.sources.parsing import jsonfeed, markup
from monitor.sources.parsing.items import Item

HTML, PLAIN, BYTES = "text/html", "text/plain", "application/octet-stream"
SIGNED = re.compile(r"\S*@\S*\s*\(([^()]{1,200})\)\s*$")
_ADDRESSED = re.compile(r"([^<>()@]{1,200}?)\s*(?:<[^<>\s]*@[^<>\s]*>|\([^()\s]*@[^()\s]*\))\s*$")
# What a summary that was cut ends with.
_CUT = ".\u2026[]()" + "".join(char for char in map(chr, range(0x3001)) if char.isspace())


class Text(NamedTuple):
    """A text construct: its value, its media type and the language it is declared in."""

    value: str = ""
    kind: str = HTML
    language: str = ""

    @property
    def readable(self) -> str:
        """The text without markup, in paragraphs."""
        return markup.plain(self.value) if self.kind == PLAIN else markup.to_text(self.value)

    @property
    def is_readable(self) -> bool:
        """Whether it is text at all, not a picture in base 64; of what is only called bytes, what reads so."""
        if self.kind == BYTES:
            return self.value.replace("\n", "").isprintable() and " " in self.value
        return self.kind.startswith("text/") or "html" in self.kind or self.kind.endswith("xml")


NO_TEXT = Text()


class Link(NamedTuple):
    """A link of an entry, with the relation and media type that its format gives it."""

    href: str
    rel: str = "alternate"
    kind: str = HTML


@dataclass(slots=True, kw_only=True)
class Entry:
    """One entry. `link` is where it points when no link is an alternate, `origin` what a proxy says it was."""

    guid: str = ""
    links: list[Link]
    link: str = ""
    origin: str = ""
    title: Text = NO_TEXT
    summary: Text = NO_TEXT
    contents: list[Text]
    authors: list[str]
    publisher: str = ""
    language: str = ""
    date: str = ""
    moment: str = ""

    def item(self, base: str) -> Item:
        """The item it makes, in a feed at the address `base`."""
        return Item(
            guid=self.guid,
            url=jsonfeed.joined(base, self._url()),
            title=title_line(self.title),
            text=self._text(),
            author=markup.to_line(", ".join(dict.fromkeys(filter(None, map(author_name, self.authors))))),
            publisher=markup.to_line(self.publisher),
            language=self._language(),
            date=self.date,
            moment=self.moment,
        )

    def _url(self) -> str:
        if self.origin:
            return self.origin
        for link in self.links:
            if link.rel == "alternate" and "html" in link.kind and link.href:
                return link.href
        # A guid that claims to be a link, and is none: every second feed forgets isPermaLink="false".
        return "" if self.link == self.guid and not self.link.lower().startswith("http") else self.link

    def _text(self) -> str:
        bodies = [(text.kind != PLAIN, text.readable) for text in self.contents if text.is_readable]
        _, body = max(bodies, key=lambda pair: (bool(pair[1]), pair[0], len(pair[1])), default=(False, ""))
        if not body:
            return self.summary.readable
        if any(self.summary.value == text.value for text in self.contents):
            return body  # read once is enough
        summary = self.summary.readable
        return body if contains(body, summary) else f"{summary}\n\n{body}"

    def _language(self) -> str:
        texts = (*self.contents, self.summary, self.title)
        return next((text.language for text in texts if text.language), self.language)


def title_line(title: Text) -> str:
    """A title on one line."""
    return " ".join(title.value.split()) if title.kind == PLAIN else markup.to_line(title.value)


def author_name(written: str) -> str:
    """The name in what an author element holds: `a@b.example (Name)`, `Name <a@b.example>`, the name alone."""
    text = " ".join(written[:1000].split())
    if "@" not in text:
        return text
    found = SIGNED.match(text) or _ADDRESSED.match(text)
    return found[1].strip() if found else text


def contains(body: str, summary: str) -> bool:
    """Whether the summary tells nothing that the body does not: it is a piece of it, perhaps cut with dots."""
    bare = summary.rstrip(_CUT)
    return bare in body or " ".join(bare.split()) in " ".join(body.split())
