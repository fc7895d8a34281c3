"""Add an entry to the configuration's `sources`, leaving every other character of the file as it is.

Finds places by the events of the YAML parser and inserts text; never writes a document anew. The caller checks the
result by reading it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence

import yaml

_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")
_WORDS = {"yes", "no", "on", "off", "true", "false", "null"}


def entry(name: str, options: Mapping[str, str | Sequence[str]]) -> str:
    """One source on one line, as it stands in the configuration."""
    return f"{name}: {{{', '.join(f'{key}: {_written(value)}' for key, value in options.items())}}}"


def _written(value: str | Sequence[str]) -> str:
    if not isinstance(value, str):
        return f"[{', '.join(map(_written, value))}]"
    is_plain = _PLAIN.fullmatch(value) and value.lower() not in _WORDS
    return value if is_plain else json.dumps(value, ensure_ascii=False)


def add_source(text: str, line: str) -> str:
    """`text` with the entry `line` at the end of `sources`. Raises ValueError where there is no place for it."""
    newline = "\r\n" if "\r\n" in text else "\n"
    root = yaml.compose(text, Loader=yaml.CSafeLoader)
    if root is None:
        return _appended(text, f"sources:{newline}  {line}", newline)
    if not isinstance(root, yaml.MappingNode) or root.flow_style:
        raise ValueError("the file is not a mapping with a key on each line")
    sources = next((value for key, value in root.value if key.value == "sources"), None)
    if sources is None:
        return _appended(text, f"sources:{newline}  {line}", newline)
    if isinstance(sources, yaml.MappingNode):
        return _into_flow(text, sources, line) if sources.flow_style else _into_block(text, sources, line, newline)
    if sources.value:
        raise ValueError("'sources' is not a mapping")
    key = next(key for key, _ in root.value if key.value == "sources")
    return _after_line(text, key.start_mark.line, f"  {line}", newline)


def _appended(text: str, block: str, newline: str) -> str:
    end = "" if not text or text.endswith("\n") else newline
    return f"{text}{end}{block}{newline}"


def _into_flow(text: str, sources: yaml.MappingNode, line: str) -> str:
    """Behind the last entry between the braces; a comma that follows it already follows the new one then."""
    if not sources.value:
        place = sources.start_mark.index + 1
        return f"{text[:place]}{line}{text[place:]}"
    place = sources.value[-1][1].end_mark.index
    return f"{text[:place]}, {line}{text[place:]}"


def _into_block(text: str, sources: yaml.MappingNode, line: str, newline: str) -> str:
    """Behind the last entry and the comments that are indented as if they belonged to it."""
    indent = sources.value[0][0].start_mark.column
    last = _last_line(sources.value[-1][1])
    lines = text.splitlines()
    while last + 1 < len(lines) and re.match(rf" {{{indent + 1},}}#", lines[last + 1]):
        last += 1
    return _after_line(text, last, " " * indent + line, newline)


def _last_line(node: yaml.Node) -> int:
    """The last line that holds something of a node, counted from 0."""
    if isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        return _last_line(last[1] if isinstance(last, tuple) else last)
    mark = node.end_mark
    # The end of a block of text is the beginning of what follows it.
    return int(mark.line) - 1 if mark.column == 0 and mark.line > node.start_mark.line else int(mark.line)


def _after_line(text: str, number: int, line: str, newline: str) -> str:
    lines = text.splitlines(keepends=True)
    if not lines[number].endswith("\n"):
        lines[number] += newline
    return "".join([*lines[: number + 1], line + newline, *lines[number + 1 :]])
