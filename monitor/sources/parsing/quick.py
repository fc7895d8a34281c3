"""Entries of a well-formed RSS, Atom or RDF document in one pass over lxml's tree; in doubt none at all.

Reads what feedparser reads, some fifty times faster, and leaves to it whatever could be read in two ways: markup that
is not well-formed, an unknown vocabulary, an entry without id, title or date. The differential test holds the two
against each other over every corpus.
"""

from __future__ import annotations

import re
from enum import StrEnum
from html import escape
from typing import Any

from lxml import etree

from monitor.sources import dates
from monitor.sources.parsing import markup
from monitor.sources.parsing.entries import BYTES, HTML, NO_TEXT, PLAIN, Entry, Link, Text
from monitor.sources.parsing.reference import Feed

XHTML = "application/xhtml+xml"
_XML = "{http://www.w3.org/XML/1998/namespace}"
_ABOUT = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}about"
_CORE = {
    "",
    "http://backend.userland.com/rss",
    "http://blogs.law.harvard.edu/tech/rss",
    "http://purl.org/rss/1.0/",
    "http://my.netscape.com/rdf/simple/0.9/",
    "http://purl.org/atom/ns#",
    "http://www.w3.org/2005/atom",
}
_MODULES = {
    "http://purl.org/dc/elements/1.1/": "dc:",
    "http://purl.org/dc/terms/": "dcterms:",
    "http://purl.org/rss/1.0/modules/content/": "content:",
    "http://search.yahoo.com/mrss": "media:",
    "http://search.yahoo.com/mrss/": "media:",
    "http://www.itunes.com/dtds/podcast-1.0.dtd": "itunes:",
    "http://rssnamespace.org/feedburner/ext/1.0": "feedburner:",
    "http://www.w3.org/1999/xhtml": "xhtml:",
    "http://www.w3.org/1999/02/22-rdf-syntax-ns#": "rdf:",
}
# What an element of an entry tells, by its name in lower case: its part, and a kind of text or date.
_PARTS: dict[str, tuple[str, str]] = {
    "title": ("title", PLAIN),
    "dc:title": ("title", PLAIN),
    "media:title": ("media title", PLAIN),
    "description": ("description", HTML),
    "dc:description": ("description", HTML),
    "media:description": ("description", HTML),
    "abstract": ("description", PLAIN),
    "summary": ("description", PLAIN),
    "itunes:summary": ("description", PLAIN),
    "content": ("content", PLAIN),
    "content:encoded": ("content", HTML),
    "fullitem": ("content", HTML),
    "body": ("content", XHTML),
    "xhtml:body": ("content", XHTML),
    "published": ("date", "published"),
    "issued": ("date", "published"),
    "pubdate": ("date", "published"),
    "dcterms:issued": ("date", "published"),
    "created": ("date", "created"),
    "dcterms:created": ("date", "created"),
    "updated": ("date", "updated"),
    "modified": ("date", "updated"),
    "lastbuilddate": ("date", "updated"),
    "dc:date": ("date", "updated"),
    "dcterms:modified": ("date", "updated"),
    "guid": ("id", ""),
    "id": ("id", ""),
    "link": ("link", ""),
    "author": ("author", ""),
    "dc:creator": ("author", ""),
    "dc:author": ("author", ""),
    "itunes:author": ("author", ""),
    "source": ("source", ""),
    "dc:publisher": ("publisher", ""),
    "language": ("language", ""),
    "dc:language": ("language", ""),
    "feedburner:origlink": ("origin", ""),
}
# Read as a whole, whatever stands inside.
_WHOLE = {"title", "media title", "description", "content", "author", "source"}
_KINDS = {"text": PLAIN, "plain": PLAIN, "html": HTML, "xhtml": XHTML}
# Parsed strictly: what libxml2 would have to repair, feedparser repairs in its own way.
_PARSER = etree.XMLParser(
    resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True, collect_ids=False
)
_SLASHES = re.compile(r"^([A-Za-z][A-Za-z0-9+.-]*://)/+")
_ABSOLUTE = re.compile(r"$|[A-Za-z][A-Za-z0-9+.-]*:")
_BEYOND = re.compile("[^\0-\xff]")  # found at once in most texts that have one, where an exception is dear
_C1 = re.compile("[\x80-\x9f]")
# The same in a whole document, as it stands there or by its number. Apart: so each is found by how it begins.
_C1_BYTES = re.compile(rb"\xc2[\x80-\x9f]")
_C1_REFERENCE = re.compile(rb"&#(?:0*1[2-5][0-9]|[xX]0*[89][0-9a-fA-F]);")


class Doubt(StrEnum):
    """Why a document is left to feedparser."""

    MARKUP = "it is not well-formed"
    VOCABULARY = "it has elements of an unknown vocabulary"
    ENTITY = "it refers to an entity that is not defined"
    BASE = "its links have a base of their own"
    BASE64 = "it holds text in base 64"
    NESTING = "an entry holds an element whose parts could be the entry's own"
    NOTHING = "no entry was found"
    DATE = "an entry has a date in an unusual form"


class Doubtful(Exception):
    """A document that could be read in two ways."""

    def __init__(self, doubt: Doubt) -> None:
        self.doubt = doubt
        super().__init__(doubt.value)


def read(text: str) -> Feed:
    """Read an admitted document. Raises Doubtful."""
    document = text.encode()
    try:
        root = etree.fromstring(document, _PARSER)
    except etree.XMLSyntaxError as error:
        raise Doubtful(Doubt.MARKUP) from error
    if "<!doctype" in text[:5000].lower() and next(root.iter(etree.Entity), None) is not None:
        raise Doubtful(Doubt.ENTITY)
    has_c1 = bool(_C1_BYTES.search(document) or _C1_REFERENCE.search(document))
    reader = _Reader(root, has_languages=b"lang=" in document, has_bases=b"base=" in document, has_c1=has_c1)
    entries = tuple(reader.entry(item) for item in reader.items)
    if not entries:
        raise Doubtful(Doubt.NOTHING)
    if not all(dates.is_usual(entry.date) for entry in entries if entry.date):
        raise Doubtful(Doubt.DATE)
    return Feed(entries=entries, language=reader.language)


class _Reader:
    """Reads the entries of one document."""

    def __init__(self, root: Any, *, has_languages: bool, has_bases: bool, has_c1: bool) -> None:
        self._parts: dict[str, tuple[str, str] | None] = {}
        self._has_languages = has_languages
        self._has_bases = has_bases
        self._has_c1 = has_c1
        name = self._name(root)
        children = list(root)
        if name == "feed":
            self.is_atom, holders = True, [root]
        elif name in ("rss", "rdf:rdf"):
            self.is_atom, holders = False, [root, *(child for child in children if self._name(child) == "channel")]
        else:
            raise Doubtful(Doubt.VOCABULARY)
        self._is_based = self._have_bases(*holders)
        wanted = "entry" if self.is_atom else "item"
        inside = [child for holder in holders for child in holder]
        self.items = [child for child in inside if self._name(child) == wanted]
        strays = sum(1 for _ in root.iter("{*}item", "{*}entry"))
        if strays != len(self.items):
            raise Doubtful(Doubt.NESTING)
        self.language = self._language(root)
        for child in inside:
            if self._name(child) in ("language", "dc:language"):
                self.language = self._value(child) or self.language

    def entry(self, item: Any) -> Entry:
        """One entry. Raises Doubtful."""
        reading = _Reading(str(item.get(_ABOUT) or "").strip())
        reading.is_based = self._is_based or self._have_bases(item)
        for element in item:
            part = self._part(element)
            if part is not None:
                self._take(reading, element, part, 0)
            if len(element) and (part is None or part[0] not in _WHOLE):
                self._look_inside(reading, element)
        return reading.entry()

    def _look_inside(self, reading: _Reading, holder: Any) -> None:
        """Media may be grouped; what else holds parts of an entry inside could be read in two ways."""
        is_media = self._name(holder).startswith("media:")
        for element in holder.iterdescendants():
            part = self._part(element)
            if part is not None:
                if not is_media:
                    raise Doubtful(Doubt.NESTING)
                self._take(reading, element, part, 1)

    def _take(self, reading: _Reading, element: Any, part: tuple[str, str], depth: int) -> None:
        """Add what one element tells; `depth` is 0 for a child of the entry, 1 for what is grouped inside one."""
        what, kind = part
        if what == "title":
            reading.take_title(self._text(element, kind))
        elif what == "media title":
            reading.media_title = self._text(element, kind)
        elif what == "description":
            reading.take_description(self._text(element, kind), depth)
        elif what == "content":
            declared = _kind(element, kind)
            if not element.get("src") and (_is_text(declared) or declared == BYTES):  # no picture, not elsewhere
                reading.take_content(self._text(element, kind))
        elif what == "date":
            reading.dates[kind] = self._value(element)
        elif what == "id":
            reading.guid = self._value(element)
            flag = element.get("isPermaLink")
            if flag is None:
                flag = next((value for key, value in element.items() if key.lower() == "ispermalink"), "true")
            reading.is_link = flag == "true"
        elif what == "link":
            reading.is_based = reading.is_based or self._have_bases(element)
            reading.take_link(element, self._value(element))
        elif what == "author":
            reading.authors.append(self._value(element) or self._of(element, "name") or self._of(element, "email"))
        elif what == "source":
            titles = [self._text(child, PLAIN).value for child in element if self._name(child) == "title"]
            reading.source = titles[0] if titles else self._value(element)
        else:
            setattr(reading, what, self._value(element))

    def _text(self, element: Any, kind: str) -> Text:
        """A text construct, whose markup may be inside it as elements."""
        kind = _kind(element, kind)
        if element.get("mode") == "base64" or not _is_text(kind):
            raise Doubtful(Doubt.BASE64)
        if len(element):
            if kind != XHTML and next(element.iterdescendants("{*}div"), None) is not None:
                raise Doubtful(Doubt.NESTING)
            return Text(_inner(element), XHTML, self._language(element))
        value = self._value(element)
        if kind == XHTML:
            value = escape(value)
        elif not self.is_atom and kind == PLAIN and markup.reads_as_html(value):
            kind = HTML
        return Text(value, kind, self._language(element))

    def _value(self, element: Any) -> str:
        """An element's own text, two old accidents of encoding undone: UTF-8 read as Latin-1, and Windows-1252."""
        text = str(element.text or "").strip()
        if text.isascii():
            return text
        text = _mended(text)
        return _C1.sub(_windows, text) if self._has_c1 else text

    def _of(self, element: Any, name: str) -> str:
        return next((self._value(child) for child in element if self._name(child) == name), "")

    def _language(self, element: Any) -> str:
        """The language that an element or one around it declares."""
        while self._has_languages and element is not None:
            found = element.get(f"{_XML}lang", element.get("lang"))
            if found is not None:
                return str(found).replace("_", "-")
            element = element.getparent()
        return ""

    def _have_bases(self, *elements: Any) -> bool:
        return self._has_bases and any(_XML + "base" in one.attrib or "base" in one.attrib for one in elements)

    def _part(self, element: Any) -> tuple[str, str] | None:
        """What an element tells of an entry, if anything."""
        tag = element.tag
        if tag not in self._parts:
            self._parts[tag] = _PARTS.get(self._name(element))
        return self._parts[tag]

    def _name(self, element: Any) -> str:
        """An element's name as feedparser knows it: lower-case, with the usual prefix of its vocabulary."""
        namespace, _, local = str(element.tag).rpartition("}")
        namespace = namespace.removeprefix("{").lower()
        if namespace not in _CORE and namespace not in _MODULES and element.prefix is None:
            raise Doubtful(Doubt.VOCABULARY)  # feedparser goes by the bare name then
        return ("" if namespace in _CORE else _MODULES.get(namespace, "?:")) + local.lower()


class _Reading:
    """One entry while its elements come by, in the order in which they count."""

    def __init__(self, guid: str) -> None:
        self.guid = guid
        self.is_link = False
        self.is_based = False
        self.links: list[Link] = []
        self.link: str | None = None
        self.origin = ""
        self.title: Text | None = None
        self.media_title = NO_TEXT
        self.summary: Text | None = None
        self.summary_depth: int | None = None
        self.contents: list[Text] = []
        self.has_content = False
        self.authors: list[str] = []
        self.source = self.publisher = self.language = ""
        self.dates: dict[str, str] = {}

    def take_title(self, title: Text) -> None:
        """The first title counts."""
        if title.value and self.title is None:
            self.title = title

    def take_description(self, text: Text, depth: int) -> None:
        """The first description is the summary; one more is content."""
        if self.summary is not None and not self.has_content:
            self.take_content(text)
        elif self.summary_depth is None or depth <= self.summary_depth:
            self.summary, self.summary_depth = text, depth

    def take_content(self, text: Text) -> None:
        """Content also serves as the summary of an entry that has none."""
        self.has_content = True
        self.contents.append(text)
        if self.summary is None and text.kind in (PLAIN, HTML, XHTML):
            self.summary = Text(text.value)

    def take_link(self, element: Any, text: str) -> None:
        """A link of Atom by its attributes, one of RSS by its text."""
        rel = element.get("rel", "alternate").lower()
        kind = element.get("type", "application/atom+xml" if rel == "self" else HTML).lower()
        href = element.get("url") or element.get("uri") or element.get("href")
        if href:
            href = _SLASHES.sub(r"\1", href).strip()
            if rel == "alternate" and _KINDS.get(kind, kind) in (HTML, XHTML):
                self.link = href
        else:
            href = self.link = (_SLASHES.sub(r"\1", text) if "///" in text else text).replace("&amp;", "&")
        self.links.append(Link(href, rel, kind))

    def entry(self) -> Entry:
        """What was read. Raises Doubtful."""
        title = self.title or self.media_title
        hrefs = [link.href for link in self.links]
        date = next((self.dates[name] for name in ("published", "created", "updated") if self.dates.get(name)), "")
        link = self.link if self.link is not None else self.guid if self.is_link else ""
        if self.is_link and "[" in self.guid:
            raise Doubtful(Doubt.BASE)
        if self.is_based and not all(map(_ABSOLUTE.match, (self.guid if self.is_link else link, link, *hrefs))):
            raise Doubtful(Doubt.BASE)
        return Entry(
            guid=self.guid,
            links=self.links,
            link=link,
            origin=self.origin,
            title=title,
            summary=self.summary or NO_TEXT,
            contents=self.contents,
            authors=self.authors,
            publisher=self.source or self.publisher,
            language=self.language,
            date=date,
        )


def _kind(element: Any, default: str) -> str:
    """The media type of a text construct."""
    declared = element.get("type")
    if declared is None:
        return default
    declared = str(declared).lower()
    return _KINDS.get(declared, declared)


def _is_text(kind: str) -> bool:
    return kind.startswith("text/") or kind.endswith(("+xml", "/xml"))


def _mended(text: str) -> str:
    if _BEYOND.search(text):
        return text
    try:
        return text.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return text


def _windows(found: re.Match[str]) -> str:
    return bytes([ord(found[0])]).decode("cp1252", "ignore") or found[0]


def _inner(element: Any) -> str:
    """The markup inside an element, its names without prefixes."""
    for part in element.iterdescendants():
        part.tag = str(part.tag).rpartition("}")[2]
    etree.cleanup_namespaces(element)
    markup_of = etree.tostring(element, encoding="unicode", with_tail=False)
    return str(markup_of[markup_of.index(">") + 1 : markup_of.rindex("</")]).strip()
