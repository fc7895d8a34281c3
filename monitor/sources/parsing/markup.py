"""HTML to plain text: block elements end paragraphs, which a blank line separates; scripts and styles are dropped.

Walks the tree that lxml builds without recursion. Never fetches, resolves or keeps a link.
"""

from __future__ import annotations

import re
from typing import Any

from lxml import etree

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
_DROPPED = frozenset(
    [
        "script",
        "style",
        "head",
        "title",
        "template",
        "noscript",
        "iframe",
        "object",
        "embed",
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
_CELLS = frozenset({"td", "th"})
_SPACE = re.compile(r"[ \t\n\r\f\v\xa0]+")
_RUN = re.compile(r" {2,}")
_BLANK = re.compile(r"\n\s*\n\s*")
_TAG = re.compile(r"</?[A-Za-z][^<>]*>|<!--|&(?:#\d+|#x[0-9a-f]+|[A-Za-z]{2,8});", re.I)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_BREAK, _PARAGRAPH = "\x00", "\x01"  # stand for <br> and a block's edge; the input holds neither


def looks_marked_up(text: str) -> bool:
    """Whether `text` holds tags or character references."""
    return bool(_TAG.search(text))


def to_text(html: str) -> str:
    """The readable text of an HTML document or fragment, its paragraphs separated by blank lines."""
    if not looks_marked_up(html):
        return plain(html)
    parser = etree.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, no_network=True)
    source = without_controls(html).encode("utf-8", "replace")
    try:
        tree = etree.fromstring(b"<html><body>" + source + b"</body></html>", parser)
    except etree.XMLSyntaxError:
        return plain(_TAG.sub(" ", html))
    return "" if tree is None else tree_text(tree)


def to_line(html: str) -> str:
    """The readable text of a fragment on one line, for titles and names."""
    return " ".join(to_text(html).split())


def tree_text(tree: Any) -> str:
    """The readable text of an lxml tree."""
    parts: list[str] = []
    walker = etree.iterwalk(tree, events=("start", "end"))
    for event, element in walker:
        tag = element.tag if isinstance(element.tag, str) else ""
        if event == "start":
            if tag in _DROPPED or not tag:
                walker.skip_subtree()
                continue
            if tag in _BLOCKS:
                parts.append(_PARAGRAPH)
            elif tag == "br":
                parts.append(_BREAK)
            if element.text:
                parts.append(_SPACE.sub(" ", element.text))
        else:
            if tag in _BLOCKS:
                parts.append(_PARAGRAPH)
            elif tag in _CELLS:
                parts.append(" ")
            if element.tail:
                parts.append(_SPACE.sub(" ", element.tail))
    text = "".join(parts).replace(_BREAK, "\n")
    text = _RUN.sub(" ", text).replace(" \n", "\n").replace("\n ", "\n")
    paragraphs = (piece.strip() for block in text.split(_PARAGRAPH) for piece in re.split(r"\n{2,}", block))
    return "\n\n".join(piece for piece in paragraphs if piece)


def without_controls(text: str) -> str:
    """`text` without the C0 characters that a tree cannot hold (tab and line ends stay)."""
    return _CONTROL.sub("", text)


def plain(text: str) -> str:
    """Plain text with tidy paragraphs: blank lines separate them, lines within keep their breaks."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    blocks = ("\n".join(line for raw in block.split("\n") if (line := raw.strip())) for block in _BLANK.split(text))
    return "\n\n".join(block for block in blocks if block)
