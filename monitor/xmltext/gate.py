"""The gate before an XML parser: refuses what only an attack contains, repairs what only a careless program writes.

An internal DTD subset is where entities are defined, and entities are how a kilobyte becomes a gigabyte, a file's
content or a crash of the parser. Real feeds have none (4 of 5,587); a plain DOCTYPE is fine.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from monitor.errors import SourceError
from monitor.xmltext.decoding import cleaned

_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>", re.I)
_MARKUP = re.compile(r"<(?=[A-Za-z_!?])")
_NAME = re.compile(r"<([A-Za-z_][\w.-]*:)?([A-Za-z_][\w.-]*)")
# Both cases are spelled out, so that a document without references is passed over at once.
_PAIR = re.compile(
    r"&#(?:[xX]([dD][89abAB][0-9a-fA-F]{2})|(5[5-6][0-9]{3}));&#(?:[xX]([dD][c-fC-F][0-9a-fA-F]{2})|(5[6-7][0-9]{3}));"
)


@dataclass(frozen=True, slots=True)
class Admitted:
    """A document that may be parsed: its text without XML declaration, its root's local name, and whether it ends."""

    text: str
    root: str
    complete: bool


def admit(text: str) -> Admitted:
    """Judge and repair the text of an XML document. Raises SourceError with a plain reason."""
    text = cleaned(text).lstrip("\ufeff")
    if declaration := _DECLARATION.match(text):
        text = text[declaration.end() :]
    text = text.lstrip()
    text = _PAIR.sub(_join_pair, text)
    if not text:
        raise SourceError("the document is empty")
    root = _root(text)
    if root is None:
        raise SourceError("not a feed: no markup in it")
    if re.search(r"<!\s*entity", text[: root.start()], re.I):
        raise SourceError("refused: the document defines entities (an internal DTD subset), as no real feed does")
    name = root.group(2).lower()
    ends = list(re.finditer(rf"</{re.escape(root.group()[1:])}\s*>", text[-20_000:], re.I))
    return Admitted(text=text, root=name, complete=bool(ends) or _is_self_closed(text, root))


def _root(text: str) -> re.Match[str] | None:
    """The first element of the document, past comments, instructions and a plain DOCTYPE."""
    start = _MARKUP.search(text)
    while start is not None:
        position = start.start()
        if text.startswith("<!--", position):
            position = _after(text, "-->", position + 4)
        elif text.startswith("<?", position):
            position = _after(text, "?>", position + 2)
        elif text.startswith("<!", position):
            position = _after_doctype(text, position + 2)
        else:
            return _NAME.match(text, position)
        start = _MARKUP.search(text, position)
    return None


def _after(text: str, mark: str, position: int) -> int:
    end = text.find(mark, position)
    return len(text) if end < 0 else end + len(mark)


def _after_doctype(text: str, position: int) -> int:
    quote = ""
    while position < len(text):
        character = text[position]
        if quote:
            quote = "" if character == quote else quote
        elif character in "\"'":
            quote = character
        elif character == "[":
            raise SourceError("refused: the document has an internal DTD subset, as no real feed does")
        elif character == ">":
            return position + 1
        position += 1
    return position


def _is_self_closed(text: str, root: re.Match[str]) -> bool:
    end = text.find(">", root.end())
    return end > 0 and text[end - 1] == "/"


def _join_pair(match: re.Match[str]) -> str:
    """A character written as two surrogate references, as programs that think in UTF-16 do."""
    high = int(match[1], 16) if match[1] else int(match[2])
    low = int(match[3], 16) if match[3] else int(match[4])
    if not (0xD800 <= high <= 0xDBFF and 0xDC00 <= low <= 0xDFFF):
        return match.group()
    return chr(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00))
