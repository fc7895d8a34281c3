"""Rule files as the house writes them: two spaces, one script in a bracket, names and examples one a line, comments
kept. Knows YAML, and nothing of rules but the keys whose items stand one a line.
"""

from __future__ import annotations

import json
import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

import yaml

from monitor.yamltext import KEY, Located, Path

WIDTH = 100
ONE_A_LINE = ("names", "hit", "miss")
APART = ("lists", "entities", "rules")
"""Sections whose entries stand apart from each other."""
MOST_NEW = 2
"""Brackets within brackets where there were none before."""

_SECTIONS = tuple((name,) for name in APART)
_PLAIN = re.compile(r"(?![-?:](?:\s|$)|---|\.\.\.|<<$)[^\s,\[\]{}#&*!|>'\"%@`](?:.*\S)?")
_ODD = re.compile(r"[^\x20-\x7e\xa0-\U0010ffff]")
_NOT_PLAIN = re.compile(rf": |:$| #|{_ODD.pattern}")
_NOT_IN_BRACKETS = re.compile(r"[,\[\]{}:/()|?+*^\\]")
_LITERAL = re.compile(r"(?:[^\s][^\n]*\n+)(?:[^\n]*\n)*[^\n]*")
_REGEX = re.compile(r"[\\()\[\]{}|?*+^]")
_COMMENT = re.compile(r"(?:^|(?<=\s))#.*")


@dataclass(slots=True)
class Comments:
    """The comments of a file: above the line of a path, behind it (in which column), and those at the end.

    "" is a blank line.
    """

    above: dict[Path, list[str]] = field(default_factory=dict)
    behind: dict[Path, list[str]] = field(default_factory=dict)
    columns: dict[Path, int] = field(default_factory=dict)
    last: list[str] = field(default_factory=list)

    def __len__(self) -> int:
        places = (*self.above.values(), *self.behind.values(), self.last)
        return sum(comment != "" for comments in places for comment in comments)

    def lift(self, path: Path) -> None:
        """Put what stands inside `path`, whose value is about to change, above its line."""
        for place in (self.above, self.behind):
            for inner in [inner for inner in place if inner[: len(path)] == path]:
                if place is self.behind or inner != path:
                    self.above.setdefault(path, []).extend(place.pop(inner))


def read_comments(text: str, located: Located) -> Comments:
    """The comments of a file that could be read, each at the path of the line that it belongs to."""
    starts = sorted(_starts(located))
    found = Comments()
    lines = text.split("\n")
    for row, (line, masked) in enumerate(zip(lines, _masked(text).split("\n"), strict=True), 1):
        if comment := _COMMENT.search(masked):
            words = line[comment.start() :].rstrip()
            at = bisect_left(starts, ((row, comment.start() + 1), 0, ()))
            if line[: comment.start()].strip(" -") and at:
                first = bisect_left(starts, ((row, 0), 0, ()))  # what begins in this line, else what goes on in it
                path = starts[min(first, at - 1)][2]
                found.behind.setdefault(path, []).append(words)
                found.columns.setdefault(path, comment.start())
            elif at < len(starts):
                is_apart = row < len(lines) and not lines[row].strip()
                found.above.setdefault(starts[at][2], []).extend([words, ""] if is_apart else [words])
            else:
                found.last.append(words)
    return found


def _starts(located: Located) -> Iterator[tuple[tuple[int, int], int, Path]]:
    """Where the lines of a file begin, each with its path: keys, items, and texts behind keys."""
    for path, place in located.places.items():
        if path[-1:] == (KEY,):
            yield place, len(path) - 1, path[:-1]
        elif path and (isinstance(path[-1], int) or isinstance(located.at(path), str)):
            yield place, len(path), path


def _masked(text: str) -> str:
    """The text with every scalar blanked out, so that each # left begins a comment."""
    letters = list(text)
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        if isinstance(event, yaml.ScalarEvent):
            assert event.start_mark is not None
            assert event.end_mark is not None
            start, end = event.start_mark.index, event.end_mark.index
            if event.style in ("|", ">"):
                start = text.index("\n", start)
            letters[start:end] = [letter if letter == "\n" else "x" for letter in letters[start:end]]
    return "".join(letters)


def write(data: dict[str, Any], located: Located, comments: Comments) -> str:
    """A file in the house's style. A bracket stays one where `located` has one and the style allows it."""
    lines = _Writer(located, comments).mapping(data, (), 0)
    return "\n".join([*lines, *comments.last, ""])


def fragment(key: str, value: Any) -> str:
    """One key with its value in the house's style."""
    return "\n".join([*_Writer(Located({}, {}), Comments()).mapping({key: value}, ("",), 0), ""])


@dataclass(slots=True)
class _Writer:
    located: Located
    comments: Comments

    def mapping(self, data: dict[str, Any], path: Path, indent: int) -> Iterator[str]:
        """The lines of a mapping."""
        for number, (key, value) in enumerate(data.items()):
            inside = (*path, key)
            if number and (not path or (len(path) == 1 and path[0] in APART)):
                yield ""
            yield from self._above(inside, indent)
            yield from self._value(" " * indent + scalar(key) + ":", value, inside, indent)

    def items(self, data: list[Any], path: Path, indent: int) -> Iterator[str]:
        """The lines of a list."""
        for index, value in enumerate(data):
            inside = (*path, index)
            yield from self._above(inside, indent)
            yield from self._value(" " * indent + "-", value, inside, indent)

    def _above(self, path: Path, indent: int) -> Iterator[str]:
        yield from ((" " * indent + comment).rstrip() for comment in self.comments.above.get(path, ()))

    def _value(self, lead: str, value: Any, path: Path, indent: int) -> Iterator[str]:
        """A value behind its key or dash, on the same line where it may stand there."""
        if isinstance(value, str) and _LITERAL.fullmatch(value) and not re.search(r"[ \t](?:\n|$)|\n\n\Z", value):
            yield self._commented(lead + (" |" if value.endswith("\n") else " |-"), [path])
            yield from (" " * (indent + 2) + line if line else "" for line in value.rstrip("\n").split("\n"))
            return
        if (inline := self._inline(value, path, WIDTH - len(lead))) is not None:
            inner = [inner for inner in self.comments.behind if inner[: len(path)] == path]
            yield self._commented(f"{lead} {inline}".rstrip(), inner)
            return
        inner_lines = (self.mapping if isinstance(value, dict) else self.items)(value, path, indent + 2)
        if not lead.endswith("-"):
            yield self._commented(lead, [path])
        else:
            first = next(inner_lines)
            while first.lstrip().startswith("#"):  # a comment of the first key stands above its dash
                yield first[2:]
                first = next(inner_lines)
            yield self._commented(f"{lead} {first.lstrip()}", [path])
        yield from inner_lines

    def _commented(self, line: str, paths: list[Path]) -> str:
        """A line with the comments of its paths, in the column where the first of them stood."""
        comments = [comment for path in paths for comment in self.comments.behind.get(path, ())]
        if not comments:
            return line
        column = max(len(line) + 2, *(self.comments.columns.get(path, 0) for path in paths))
        return line.ljust(column) + " ".join(comments)

    def _inline(self, value: Any, path: Path, room: int) -> str | None:
        """A value for the line of its key; None when it needs lines of its own."""
        if isinstance(value, str):
            return scalar(value) if value else ("" if path and isinstance(path[-1], str) else "''")
        if not value:
            return "{}" if isinstance(value, dict) else "[]"
        start = self.located.places.get(path)
        was_block = start is not None and self.located.lines[start[0] - 1][start[1] - 1] not in "[{"
        is_one_a_line = path in _SECTIONS or path[-1] in ONE_A_LINE
        is_too_much = start is None and _depth(value) > MOST_NEW
        if was_block or is_one_a_line or is_too_much or self._has_comments(path) or len(_scripts(value)) > 1:
            return None
        text = _bracket(value)
        return text if text is not None and len(text) < room else None

    def _has_comments(self, path: Path) -> bool:
        """Whether more is said inside a value than one comment behind it."""
        above = any(inner[: len(path)] == path and inner != path for inner in self.comments.above)
        return above or sum(inner[: len(path)] == path for inner in self.comments.behind) > 1


def scalar(text: str, *, in_brackets: bool = False) -> str:
    """A text without line breaks, in quotes where it needs them."""
    is_plain = _PLAIN.fullmatch(text) and not _NOT_PLAIN.search(text) and unicodedata.category(text[0]) != "Cf"
    if is_plain and not (in_brackets and _NOT_IN_BRACKETS.search(text)):
        return text
    if _ODD.search(text):
        return json.dumps(text, ensure_ascii=False)
    if '"' in text or _REGEX.search(text):
        return "'" + text.replace("'", "''") + "'"
    return f'"{text}"'


def _bracket(value: Any) -> str | None:
    """A value as [...] or {...}; None when a text in it has lines."""
    if isinstance(value, str):
        return None if "\n" in value else scalar(value, in_brackets=True)
    if isinstance(value, list):
        texts = [_bracket(item) for item in value]
        return None if None in texts else f"[{', '.join(map(str, texts))}]"
    pairs = [(scalar(key, in_brackets=True), _bracket(item)) for key, item in value.items()]
    return (
        None
        if any(text is None for _, text in pairs)
        else f"{{{', '.join(f'{key}: {text}' for key, text in pairs)}}}"
    )


def _depth(value: Any) -> int:
    if isinstance(value, str):
        return 0
    return 1 + max(map(_depth, value if isinstance(value, list) else value.values()), default=0)


def _scripts(value: Any) -> set[str]:
    """The scripts of all letters in a value."""
    if isinstance(value, str):
        return {unicodedata.name(letter, "").split(" ")[0] for letter in value if letter.isalpha()}
    parts = value if isinstance(value, list) else chain.from_iterable(value.items())
    return set().union(*map(_scripts, parts))
