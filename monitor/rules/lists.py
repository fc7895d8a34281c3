"""What stands in files beside rule files: word lists, one term a line, and tables of entities (CSV).

Reads texts that a door has brought; what is wrong is noted at the line of the file it stands in.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from monitor.errors import did_you_mean
from monitor.rules.faults import Faults, Path
from monitor.rules.schema import EntitySpec, RuleFile, TableSpec, check

MOST_LINES = 200_000
"""Lines of a word list, and rows of a table, that are read."""

FILED = ("forms", "words", "exact", "starts", "patterns")
"""Keys of a list that may name a file instead of holding terms."""

_MARKS = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff"
_EDGES = re.compile(f"^[\\s{_MARKS}]+|[\\s{_MARKS}]+$")
_NO_ID = re.compile("[^a-z0-9]+")


@dataclass(frozen=True, slots=True)
class Beside:
    """A file that a rule file names: its number among all files, its name as it was written, and its text."""

    index: int
    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Row:
    """One entity of a table: its id, where it stands, and its keys."""

    id: str
    path: Path
    spec: EntitySpec


def named(file: RuleFile) -> Iterator[tuple[Path, str]]:
    """Yield the files that a rule file wants read, each with the key that names it."""
    for id, table in file.tables.items():
        if table is not None and table.csv:
            yield ("entities_from", id, "csv"), table.csv
    for id, spec in file.lists.items():
        for key in FILED:
            data = None if spec is None else getattr(spec, key)
            if isinstance(data, dict) and isinstance(data.get("file"), str) and data["file"].strip():
                yield ("lists", id, key, "file"), data["file"].strip()


def terms(beside: Beside, faults: Faults) -> Iterator[tuple[Path, str]]:
    """Yield the terms of a word list with their lines; empty lines and those that begin with '#' are passed over."""
    for number, line in enumerate(beside.text.splitlines(), 1):
        if number > MOST_LINES:
            faults.add(("line", number), f"at most {MOST_LINES:,} lines are read; split the file")
            return
        term = _EDGES.sub("", line)
        if term and term[0] != "#":
            yield ("line", number), term


def rows(id: str, table: TableSpec, beside: Beside, mine: Faults, faults: Mapping[int, Faults]) -> Iterator[Row]:
    """Yield the entities of a table. `mine` are the faults of the rule file, where the columns are named."""
    theirs = faults[beside.index]
    path: Path = ("entities_from", id)
    before = len(mine.items)
    common = _specs({"set": table.set} if table.set is not None else {}, path, mine).get("set", {})
    override = _specs(table.override or {}, (*path, "override"), mine)
    if len(mine.items) > before:
        return
    reader = _cells(beside, theirs)
    header = next(reader, (0, []))[1]
    columns = {name: place for place, name in reversed(list(enumerate(header)))}
    if not _has_columns(table, columns, beside.name, path, mine):
        return
    unused = dict.fromkeys(override)
    seen: dict[str, int] = {}
    for line, cells in reader:
        at: Path = ("line", line)
        if line > MOST_LINES:
            theirs.add(at, f"at most {MOST_LINES:,} lines are read; split the file")
            return
        if len(cells) > len(header):
            theirs.add(at, f"the row has {len(cells)} cells, the header only {len(header)}; put quotes around commas")
            continue
        row = {name: cells[place] for name, place in columns.items() if place < len(cells)}
        key = row.get(table.id, "")
        own = _NO_ID.sub("-", key.lower()).strip("-")
        if not own:
            theirs.add(at, f"column {table.id!r}: expected an id with a letter a-z or a digit, not {key!r}")
        elif own in seen:
            theirs.add(at, f"the id {key!r} stands already in line {seen[own]}")
        else:
            seen[own] = line
            unused.pop(key, None)
            data = {**_mapped(table, row), **common, **override.get(key, {})}
            spec = check(EntitySpec, data, at, f"entity {own!r}: ", theirs)
            assert spec is not None
            yield Row(own, at, spec)
    for key in unused:
        mine.add((*path, "override", key), f"no row of {beside.name} has the id {key!r}", at_key=True)


def _specs(data: Any, path: Path, faults: Faults) -> dict[str, Mapping[str, Any]]:
    """Keys of entities by name, checked where they stand."""
    about = faults.about
    if not isinstance(data, dict):
        faults.add(path, f"{path[-1]}: expected a mapping of keys")
        return {}
    for key, item in data.items():
        check(EntitySpec, item, (*path, key), f"{about}{key}: ", faults)
    faults.about = about
    return data


def _has_columns(table: TableSpec, columns: Mapping[str, int], name: str, path: Path, faults: Faults) -> bool:
    complete = True
    for key, wanted in table.columns():
        for column in wanted:
            if column not in columns:
                known = did_you_mean(column, columns) or f"; it has {', '.join(columns) or 'none'}"
                faults.add((*path, key), f"{name} has no column {column!r}{known}")
                complete = False
    return complete


def _mapped(table: TableSpec, row: Mapping[str, str]) -> dict[str, Any]:
    """A row's cells as keys of an entity; a cell may hold several names or tags, separated by '|'."""
    found: dict[str, Any] = {}
    for key, columns in table.columns():
        cells = [row.get(column, "") for column in columns]
        if key in ("names", "tags"):
            parts = (_EDGES.sub("", part) for cell in cells for part in cell.split("|"))
            found[key] = list(dict.fromkeys(part for part in parts if part))
        elif key != "id" and cells[0]:
            found[key] = cells[0]
    return found


def _cells(beside: Beside, faults: Faults) -> Iterator[tuple[int, list[str]]]:
    """Yield each row that is not blank with the line it begins in."""
    reader = csv.reader(io.StringIO(beside.text, newline=""), strict=True)
    line = 1
    try:
        for cells in reader:
            plain = [_EDGES.sub("", cell) for cell in cells]
            if any(plain):
                yield line, plain
            line = reader.line_num + 1
    except csv.Error as error:
        faults.add(("line", line), f"not a table of values separated by commas: {error}")
