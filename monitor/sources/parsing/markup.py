"""HTML to plain text: block elements end paragraphs, which a blank line separates; scripts and styles are dropped.


Plain HTML is read by its tags alone, anything else through the tree that lxml builds, without recursion. Never
fetches, resolves or keeps a link.
"""

from __future__ import annotations

import re
from html import unescape
from html.entities import name2codepoint
from typing import Any

from lxml import etree
from lxml.html import defs

from monitor.xmltext.decoding import encoded

_BLOCKS = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "body",
        "caption",
        "center",
        "dd",
        "details",
        "dialog",
        "dir",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figcaption",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hgroup",
        "hr",
        "html",
        "legend",
        "li",
        "main",
        "menu",
        "nav",
        "ol",
        "p",
        "pre",
        "section",
        "summary",
        "table",
        "tbody",
        "tfoot",
        "thead",
        "tr",
        "ul",
    ]
)
# What stands in them is no text. Others (object, iframe) are often left open, and their article is not to be lost.
_DROPPED = frozenset(
    [
        "script",
        "style",
        "head",
        "title",
        "template",
        "noscript",
        "svg",
        "math",
        "canvas",
        "audio",
        "video",
        "select",
        "textarea",
        "button",
        "input",
    ]
)
# What stands at the edges of an element: before its text, and before what follows it.
_EDGES = dict.fromkeys(_BLOCKS, ("\n\n", "\n\n")) | {"br": ("", "\n"), "td": ("", " "), "th": ("", " ")}
_TREE = "\x00"
# The same by tag, and what makes a tree necessary.
_BREAKS = (
    {f"{end}{tag}": "\n\n" for tag in _BLOCKS for end in ("", "/")}
    | {"br": "\n"}
    | {f"{end}{tag}": " " for tag in ("td", "th") for end in ("", "/")}
    | {f"{end}{tag}": _TREE for tag in _DROPPED for end in ("", "/")}
)
_ELEMENT = re.compile(r"""<(/?[A-Za-z][\w:.-]*)(?:[\s/](?:[^<>"']++|"[^"]*+"|'[^']*+')*+)?>""")
_OPEN = re.compile("<[A-Za-z/!?]")
_BLANK = re.compile(r"\n\s*\n\s*")
_TAG = re.compile(r"</?[A-Za-z][^<>]*>|<!--|&(?:#\d+|#x[0-9a-f]+|[A-Za-z]{2,8});", re.I)
_SIGN = re.compile(r"</\w+>|&#?\w+;")
_NAME = re.compile(r"</?(\w+)")
_ENTITY = re.compile(r"&(\w+);")
_KNOWN = defs.tags - _DROPPED | _BLOCKS
_SPACES = bytes.maketrans(b"\t\n\r", b"   ")
_PARSER = etree.HTMLParser(encoding="utf-8", no_network=True, collect_ids=False)
_ALL_TEXT = etree.XPath("string()", smart_strings=False)


def looks_marked_up(text: str) -> bool:
    """Whether `text` holds tags or character references."""
    return bool(_TAG.search(text))


def reads_as_html(text: str) -> bool:
    """Whether a text of unknown kind is HTML: it closes an element or refers to a character, and knows HTML's names.

    In doubt it is plain text, of which nothing is taken away.
    """
    if not _SIGN.search(text):
        return False
    names = _NAME.findall(text)
    return all(name.lower() in _KNOWN for name in names) and all(
        name in name2codepoint for name in _ENTITY.findall(text)
    )


def to_text(html: str) -> str:
    """The readable text of an HTML document or fragment, its paragraphs separated by blank lines."""
    if not looks_marked_up(html):
        return plain(html)
    text = _without_tags(html)
    if text is not None:
        return text
    tree = to_tree(f"<html><body>{html}</body></html>")
    return plain(_TAG.sub(" ", html)) if tree is None else tree_text(tree)


def _without_tags(html: str) -> str | None:
    """The text of plain HTML by its tags alone; None when a tree is needed to tell what is text."""
    source = encoded(html).translate(_SPACES).decode()
    text = _ELEMENT.sub(lambda tag: _BREAKS.get(tag[1].lower(), ""), source)
    if _TREE in text or _OPEN.search(text):
        return None
    return _tidy(unescape(text))


def to_tree(html: str) -> Any:
    """The lxml tree of an HTML document, its white space all spaces; None when no markup can be made out."""
    try:
        return etree.fromstring(encoded(html).translate(_SPACES), _PARSER)
    except etree.XMLSyntaxError:
        return None


def to_line(html: str) -> str:
    """The readable text of a fragment on one line, for titles and names."""
    return " ".join(to_text(html).split())


def tree_text(tree: Any) -> str:
    """The readable text of a tree made by `to_tree`, which is used up: its line breaks are written into it."""
    dropped: dict[str, None] = {}
    for element in tree.iter():
        before, after = _EDGES.get(element.tag, ("", ""))
        if before:
            element.text = before + (element.text or "")
        if after:
            element.tail = after + (element.tail or "")
        elif element.tag in _DROPPED:
            dropped[element.tag] = None
    if dropped:
        etree.strip_elements(tree, *dropped, with_tail=False)
    return _tidy(str(_ALL_TEXT(tree)))


def _tidy(text: str) -> str:
    """At most one space between words, one blank line between paragraphs."""
    text = _squeezed(text.replace("\xa0", " "), "  ", " ")
    return _squeezed(text.replace(" \n", "\n").replace("\n ", "\n"), "\n\n\n", "\n\n").strip()


def _squeezed(text: str, run: str, by: str) -> str:
    """`text` in which every run is replaced until none is left: a pass for each doubling of the longest."""
    while run in text:
        text = text.replace(run, by)
    return text


def plain(text: str) -> str:
    """Plain text with tidy paragraphs: blank lines separate them, lines within keep their breaks."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    blocks = ("\n".join(line for raw in block.split("\n") if (line := raw.strip())) for block in _BLANK.split(text))
    return "\n\n".join(block for block in blocks if block)
