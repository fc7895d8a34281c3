"""YAML as Rasid reads it: text, lists and mappings, each with its place. Nothing else.

Every scalar stays the text that was typed (`no`, `12:30`, `010`). Aliases, anchors, merge keys, tags, duplicate keys,
directives and a second document are refused; so is whatever YAML would silently read otherwise than it looks. All
problems of a file are found in one run and never raised. Nodes are built from events: depth costs no recursion.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import yaml

from monitor.errors import Level, Problem
from monitor.yamltext.syntax import Spot, plain_words

KEY = "~key"
"""Last element of the path at which a key's own place is kept."""

MOST_BYTES = 4_000_000
MOST_DEPTH = 20

Path = tuple[str | int, ...]

_BREAK = re.compile(r"\r\n|\r|\n")
_FORBIDDEN = re.compile("[^\t\n\r\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]|[\u2028\u2029]")
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_MARKS = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff"
_SPACES = "\u00a0\u1680\u2000-\u200b\u202f\u205f\u3000"
_MARK = re.compile(f"[{_MARKS}]")
_NAME = re.compile(r"[$A-Za-z0-9٠-٩۰-۹_./:@+-]+(?: words?)?")
_ODD_INDENT = re.compile(f"[ \t{_MARKS}]*[{_SPACES}]|[ \t]*[{_MARKS}]+(?=[ \t]|-[ \t])")
_ODD_GAP = re.compile(f"[ {_MARKS}]*(?:-|[\\w-]+:)(?=[{_SPACES}])")
_GLUED = re.compile(r"[ \t]+#(?=\w)")
_NAMES = {"\u00a0": "a no-break space (U+00A0)", "\ufeff": "a byte order mark (U+FEFF)"}


@dataclass(frozen=True, slots=True)
class Located:
    """One document. `data` is made of dict, list and str only; an empty value is "".

    `places` maps a key path to (line, column) of the value, counted from 1; (*path, KEY) is the place of the key.
    `flow` holds the paths of texts written without quotes inside [...] or {...}, where YAML splits at commas,
    `wrapped` those of texts written without quotes over several lines, which YAML joins.
    """

    data: Any
    places: Mapping[Path, Spot]
    flow: frozenset[Path] = frozenset()
    wrapped: frozenset[Path] = frozenset()
    lines: Sequence[str] = ()

    def at(self, path: Path) -> Any:
        """The value at `path`, "" when there is none (below a key that stands twice)."""
        found = self.data
        for step in path:
            try:
                found = found[step]
            except (KeyError, IndexError, TypeError):
                return ""
        return found

    def spot(self, path: Path, *, at_key: bool = False) -> Spot:
        """Where the value at `path` (or its key) stands, else the nearest thing around it; (0, 0) if none does.

        A number below a text counts its characters: (..., "query", 17) is the eighteenth.
        """
        if at_key and (own := self.places.get((*path, KEY))):
            return own
        below: str | int = ""
        while path and path not in self.places:
            *before, below = path
            path = tuple(before)
        spot = self.places.get(path, (0, 0))
        text = self.at(path)
        return _inside(self.lines, spot, text[:below]) if isinstance(text, str) and isinstance(below, int) else spot


def parse(source: bytes, name: str) -> tuple[Located | None, tuple[Problem, ...]]:
    """Read one file's bytes; `name` stands in the problems.

    Returns the document, or None when the file cannot be read to its end, and every problem found, sorted. A document
    that came with an error is only good for finding more of them.
    """
    found = _Problems(name)
    text = _decode(source, found, MOST_BYTES)
    if text is None:
        return None, found.sorted()
    located = _Composer(found, _BREAK.split(text)).compose(text)
    return located, found.sorted()


def _inside(lines: Sequence[str], spot: Spot, before: str) -> Spot:
    """The place behind `before`, which begins a text written at `spot`, whatever its quotes and line breaks."""
    row, column = spot[0] - 1, spot[1] - 1
    sign = lines[row][column : column + 1]
    if sign in ("|", ">"):
        row, column = _next_line(lines, row)
    elif sign in ("'", '"'):
        column += 1
    for char in before:
        line = lines[row]
        if line[column : column + 1] == char:
            column += 1
        elif not char.isspace():  # a doubled quote or an escape lies between
            column = max(column, line.find(char, column) + 1)
        elif not line[column:].strip():
            row, column = _next_line(lines, row)
    return row + 1, column + 1


def _next_line(lines: Sequence[str], row: int) -> Spot:
    """The next line that is not blank, and where it begins, counted from 0."""
    below = next((at for at in range(row + 1, len(lines)) if lines[at].strip()), row)
    return below, len(lines[below]) - len(lines[below].lstrip())


def decode(source: bytes, name: str, most: int) -> tuple[str | None, tuple[Problem, ...]]:
    """Return the text of a file that is UTF-8 (with or without a byte order mark) and at most `most` bytes, else why
    it is none.
    """
    found = _Problems(name)
    text = _decode(source, found, most)
    return text, found.sorted()


def strip_marks(text: str) -> str:
    """`text` without direction marks and byte order marks."""
    return _MARK.sub("", text)


class _Problems:
    """The problems of one file; at most one of a kind in a line."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.items: dict[tuple[int, str], Problem] = {}

    def add(self, line: int, column: int, message: str, level: Level = Level.ERROR) -> None:
        """Note a problem; line and column from 1."""
        problem = Problem(file=self.name, line=line, column=column, message=message, level=level)
        self.items.setdefault((line, message), problem)

    def sorted(self) -> tuple[Problem, ...]:
        return tuple(sorted(self.items.values()))


def _decode(source: bytes, found: _Problems, most: int) -> str | None:
    """The text of the file, or None with a problem when it is too large, not UTF-8 or holds forbidden characters."""
    if len(source) > most:
        found.add(0, 0, f"the file has {len(source):,} bytes; at most {most:,} are read. Split it")
        return None
    if source.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        found.add(1, 1, "the file is UTF-16; save it as UTF-8")
        return None
    source = source.removeprefix(codecs.BOM_UTF8)
    try:
        text = source.decode()
    except UnicodeDecodeError as error:
        message = f"not UTF-8 (byte 0x{source[error.start]:02X}); save the file as UTF-8"
        found.add(*_spot(source[: error.start].decode()), message)
        return None
    for hit in _FORBIDDEN.finditer(text):
        if hit[0] in "\u2028\u2029\x85":
            message = f"a line separator (U+{ord(hit[0]):04X}) that editors do not show; replace it by a space"
        else:
            message = f"a control character (U+{ord(hit[0]):04X}); remove it"
        found.add(*_spot(text[: hit.start()]), message)
        if len(found.items) >= 20:  # a binary file: enough said
            break
    return None if found.items else text


def _spot(before: str) -> Spot:
    lines = _BREAK.split(before)
    return len(lines), len(lines[-1]) + 1


@dataclass(slots=True)
class _Frame:
    """A list or mapping under construction."""

    node: dict[str, Any] | list[Any]
    path: Path
    is_flow: bool
    key: str | None = None
    is_repeated: bool = False


@dataclass(slots=True)
class _Composer:
    """Builds one document from the events of the C parser."""

    found: _Problems
    lines: list[str]
    places: dict[Path, Spot] = field(default_factory=dict)
    flow: set[Path] = field(default_factory=set)
    wrapped: set[Path] = field(default_factory=set)
    stack: list[_Frame] = field(default_factory=list)
    literal: set[int] = field(default_factory=set)
    root: Any = ""
    documents: int = 0

    def compose(self, text: str) -> Located | None:
        """Read every event; None when the syntax is broken or too deep."""
        try:
            whole = all(map(self._take, yaml.parse(text, Loader=yaml.CSafeLoader)))
        except yaml.MarkedYAMLError as error:
            line, column, message = plain_words(error, self.lines)
            if not self._indentation(line):
                self.found.add(line, column, message)
            return None
        if self._indentation(len(self.lines)) or not whole:  # what stands where is not known
            return None
        return Located(self.root, self.places, frozenset(self.flow), frozenset(self.wrapped), self.lines)

    def _take(self, event: Any) -> bool:
        """Use one event. False: nothing behind it can be read."""
        if isinstance(event, yaml.DocumentStartEvent):
            self.documents += 1
            if event.version or event.tags:
                self._fault(event, "a line that begins with '%' is a directive, which is not supported; remove it")
            if self.documents > 1:
                self._fault(event, "a second document begins here; put it into a file of its own")
                return False
        elif isinstance(event, yaml.NodeEvent):
            self._refuse(event)
            if isinstance(event, yaml.ScalarEvent):
                self._scalar(event)
            elif isinstance(event, yaml.AliasEvent):
                self._place("", event)
            else:
                return self._open(event)
        elif isinstance(event, yaml.CollectionEndEvent):
            self.stack.pop()
        return True

    def _fault(self, event: Any, message: str, level: Level = Level.ERROR) -> None:
        self.found.add(event.start_mark.line + 1, event.start_mark.column + 1, message, level)

    def _refuse(self, event: Any) -> None:
        """Say what of a node YAML reads as something else than text."""
        if isinstance(event, yaml.AliasEvent):
            self._fault(event, "a value that begins with '*' is an alias, which is not supported; put text in quotes")
            return
        if event.anchor:
            self._fault(
                event, "a value that begins with '&' is an anchor, which is not supported; put text in quotes"
            )
        if event.tag:
            self._fault(event, "a value that begins with '!' is a tag, which is not supported; put text in quotes")

    def _open(self, event: Any) -> bool:
        if len(self.stack) >= MOST_DEPTH:
            self._fault(event, f"nested deeper than {MOST_DEPTH} levels")
            return False
        node: dict[str, Any] | list[Any] = [] if isinstance(event, yaml.SequenceStartEvent) else {}
        path = self._place(node, event)
        self.stack.append(_Frame(node, path, bool(event.flow_style)))
        return True

    def _scalar(self, event: Any) -> None:
        text = event.value
        first, last = event.start_mark.line, event.end_mark.line
        if not event.style:
            self._cut_by_comment(event)
        else:
            self.literal.update(range(first + 1, last + 1))
            if control := _CONTROL.search(text):
                self._fault(
                    event,
                    f'"\\..." made a control character (U+{ord(control[0]):04X}); in double quotes a backslash '
                    "begins an escape. Write a pattern in single quotes or without quotes",
                )
                text = _CONTROL.sub(" ", text)
        plain = strip_marks(text)
        if plain != text and not self._is_key() and _NAME.fullmatch(plain.strip()):
            self._fault(event, f"invisible direction marks in {plain!r} are ignored", Level.WARNING)
            text = plain
        path = self._place(text, event)
        if not event.style and last > first:
            self.wrapped.add(path)
        if not event.style and self.stack and self.stack[-1].is_flow and path in self.places:
            self.flow.add(path)

    def _is_key(self) -> bool:
        """Whether the next node is a key."""
        return bool(self.stack) and isinstance(self.stack[-1].node, dict) and self.stack[-1].key is None

    def _cut_by_comment(self, event: Any) -> None:
        mark = event.end_mark
        line = self.lines[mark.line] if mark.line < len(self.lines) else ""
        if glued := _GLUED.match(line, mark.column):
            rest = line[glued.end() - 1 :].rstrip()
            self.found.add(
                mark.line + 1,
                glued.end(),
                f"{rest!r} is a comment, not part of the text before it; put the whole text in quotes, or write "
                "'# ' with a space if a comment is meant",
            )

    def _place(self, node: Any, event: Any) -> Path:
        """Hang a node where it belongs; returns its path (of a key: the path of its value)."""
        spot = (event.start_mark.line + 1, event.start_mark.column + 1)
        if not self.stack:
            self.root = node
            self.places[()] = spot
            return ()
        frame = self.stack[-1]
        if isinstance(frame.node, list):
            path: Path = (*frame.path, len(frame.node))
            frame.node.append(node)
        elif frame.key is None:
            return self._key(frame, node, event, spot)
        else:
            path = (*frame.path, frame.key)
            if not frame.is_repeated:
                frame.node[frame.key] = node
            frame.key = None
        self.places.setdefault(path, spot)
        return path

    def _key(self, frame: _Frame, node: Any, event: Any, spot: Spot) -> Path:
        assert isinstance(frame.node, dict)
        if not isinstance(node, str):
            self._fault(event, "a key must be a plain word, not a list or mapping")
        key = strip_marks(node) if isinstance(node, str) else f"(key at {spot[0]}:{spot[1]})"
        if key != node and isinstance(node, str) and key == key.strip():  # else it is told among the spaces
            self._fault(event, f"invisible direction marks in the key {key!r} are ignored", Level.WARNING)
        if key == "<<" and not event.style:
            self._fault(event, "merge keys ('<<') are not supported; write the keys out")
        path = (*frame.path, key)
        frame.key = key
        frame.is_repeated = key in frame.node
        if frame.is_repeated:
            first = self.places[(*path, KEY)]
            self._fault(event, f"duplicate key {key!r}; it stands already in line {first[0]}")
        else:
            frame.node[key] = ""
            self.places[(*path, KEY)] = spot
        return path

    def _indentation(self, stop: int) -> bool:
        """Find invisible characters among the spaces before or behind '-' and 'key:'. Whether there were any."""
        bad = [
            (number, hit)
            for number, line in enumerate(self.lines[:stop])
            if number not in self.literal
            for hit in (_ODD_INDENT.match(line) or _ODD_GAP.match(line),)
            if hit
        ]
        for number, hit in bad:
            line = self.lines[number]
            odd = next((i for i, char in enumerate(line[: hit.end()]) if not char.isascii()), hit.end())
            what = _NAMES.get(line[odd], f"an invisible character (U+{ord(line[odd]):04X})")
            self.found.add(number + 1, odd + 1, f"{what} among the spaces; use plain spaces")
        return bool(bad)
