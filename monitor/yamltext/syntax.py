"""Where and how the syntax of a file is broken, in plain words instead of the parser's."""

from __future__ import annotations

import re
from collections.abc import Iterator

import yaml

Spot = tuple[int, int]

MOST_SHOWN = 40
"""Letters of a line that a message repeats."""

_KEY = re.compile(r"\s*(?:- +)?[^\s:#]+:(?:\s|$)")
_WORD = re.compile(r"[\w-]+")
_PAIR = re.compile(r"(?:- +)?[\w-]+: +[^\s#|>&*!]")


def plain_words(error: yaml.MarkedYAMLError, lines: list[str]) -> tuple[int, int, str]:
    """Where and how the syntax is broken, in plain words."""
    mark, start = error.problem_mark, error.context_mark
    problem, context = str(error.problem), str(error.context)
    assert mark is not None
    line = lines[mark.line] if mark.line < len(lines) else ""
    char = line[mark.column : mark.column + 1]
    here = (mark.line + 1, mark.column + 1)
    there = (start.line + 1, start.column + 1) if start is not None else here
    if "mapping values are not allowed" in problem and (found := _above(lines, mark.line)):
        return found
    shown = lines[there[0] - 1][there[1] - 1 :].strip()[:MOST_SHOWN] if there[0] <= len(lines) else ""
    for sign, place, message in _sayings(char, line[: mark.column].rstrip()[-1:], shown, here, there):
        if sign in problem or sign in context:
            return *place, message
    return *here, f"not valid YAML: {problem}" + (f", {context}" if error.context else "")


def _above(lines: list[str], number: int) -> tuple[int, int, str] | None:
    """What the line above does to a key that is not expected: it lacks its ':', or has its value already."""
    at = next((at for at in range(number - 1, -1, -1) if lines[at].strip()), 0)
    above, this = lines[at], lines[number] if number < len(lines) else ""
    text = above.strip()
    indent = len(above) - len(above.lstrip())
    if indent >= len(this) - len(this.lstrip()) or not _KEY.match(this):
        return None
    if _WORD.fullmatch(text):
        return at + 1, indent + 1, f"{text!r} lacks its ':', or the line below is indented too far"
    if _PAIR.match(text):
        shown = f"{text[:MOST_SHOWN]!r} has its value already, and the line below is indented deeper; "
        return at + 1, indent + 1, shown + "check the indentation of both"
    return None


def _sayings(char: str, before: str, shown: str, here: Spot, there: Spot) -> Iterator[tuple[str, Spot, str]]:
    """What libyaml says, where to point, and what we say; the first that fits counts."""
    quotes = "put the text in quotes"
    yield "scanning a block scalar", there, f"behind a value's first '|' or '>' its line must end; {quotes}"
    if before in ("'", '"'):
        message = "text goes on behind a closing quote; put all of it in quotes, and write a quote inside it twice"
        yield "did not find expected", here, message
    if char == "\t":
        yield "cannot start any token", here, "a tab cannot indent; use spaces"
    yield "a tab character that violates", here, "a tab cannot indent; use spaces"
    yield "cannot start any token", here, f"a value cannot begin with {char!r}; {quotes}"
    yield "scanning an alias", there, f"a value that begins with '*' is an alias, which is not supported; {quotes}"
    yield "scanning an anchor", there, f"a value that begins with '&' is an anchor, which is not supported; {quotes}"
    yield "a tag", there, f"a value that begins with '!' is a tag, which is not supported; {quotes}"
    yield "a directive", there, f"a line that begins with '%' is a directive, which is not supported; {quotes}"
    yield (
        "mapping values are not allowed",
        here,
        f"': ' is not expected here; if it belongs to a text, {quotes}; if this is a key, check the indentation",
    )
    yield (
        "expected ':'",
        there,
        f"{shown!r} is neither 'key: value' nor '- item': the ':' or '- ' is missing, or the space behind it; else "
        "check the indentation",
    )
    yield (
        "expected ',' or",
        here if here[0] == there[0] else there,
        f"the bracket opened in line {there[0]}, column {there[1]} is not closed properly; inside [...] and "
        "{...} a text with , : # [ ] { } must be in quotes, also a regular expression. One item a line needs none",
    )
    yield (
        "unknown escape character",
        here,
        "in double quotes a backslash begins an escape; write a pattern in single quotes or without quotes",
    )
    yield "Unicode character escape", here, "this escape stands for no character; write the character itself"
    yield "unexpected end of stream", there, "the quote opened here is never closed"
    yield "block sequence entries", here, "a list item '- ' must begin on a line of its own"
    yield (
        "expected node content",
        here,
        "nothing stands here, where a value is expected; a comma or bracket too many?",
    )
    yield "expected key", here, "this line does not fit the keys above it; check the indentation"
    yield "'-' indicator", here, "this line does not fit the list above it; check the indentation and the '- '"
