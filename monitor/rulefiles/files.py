"""One rule file: its text, what it says, and where things stand in it.

What a file says is read again when somebody asks after it was used: of very many files only the texts are held.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from pathlib import Path

from monitor.errors import Level, Problem
from monitor.rulefiles.directions import without_marks
from monitor.rules.faults import Fault, Faults
from monitor.rules.faults import Path as KeyPath
from monitor.rules.schema import DefaultsSpec
from monitor.yamltext import Located, parse

SECTIONS = ("lists", "entities", "rules")
"""Sections whose entries can be told apart by their prints."""


@dataclass(slots=True)
class File:
    """One file that could be parsed; `number` is that of the rule file that it is or that names it.

    `broken` are lines in which the syntax is faulty already, `defaults` those of its rules. `beside` are the files
    that it names, each with the digest of its text or the reason why it has none.
    """

    path: Path
    root: Path
    number: int
    source: bytes = b""  # nothing of a table or word list
    broken: frozenset[int] = frozenset()
    defaults: DefaultsSpec = field(default_factory=DefaultsSpec)
    beside: dict[str, str] = field(default_factory=dict)
    _located: Located | None = None

    @property
    def name(self) -> str:
        """As it is called in problems."""
        return str(self.path)

    @property
    def located(self) -> Located:
        """What it says and where."""
        if self._located is not None:
            return self._located
        located = parse(self.source, self.name)[0] if self.source else None
        return Located({}, {}) if located is None else _plain(located, Faults())

    def problem(self, fault: Fault) -> Problem:
        """A fault at its place; at the nearest place around it when it has none of its own."""
        if fault.path[:1] == ("line",):  # of a file that is no YAML
            return Problem(file=self.name, line=int(fault.path[1]), message=fault.message, level=fault.level)
        line, column = self.located.spot(fault.path, at_key=fault.at_key)
        return Problem(file=self.name, line=line, column=column, message=fault.message, level=fault.level)

    def hold(self) -> None:
        """Keep what it says for the questions that follow."""
        self._located = self.located

    def let_go(self) -> None:
        """Keep only its text."""
        self._located = None


def parsed(
    source: bytes, path: Path, root: Path, number: int, faults: Faults
) -> tuple[File | None, tuple[Problem, ...]]:
    """Parse one file, and hold what it says; None when it cannot be read to its end."""
    located, problems = parse(source, str(path))
    if located is None:
        return None, problems
    broken = frozenset(problem.line for problem in problems if problem.level is Level.ERROR)
    return File(path, root, number, source, broken, _located=_plain(located, faults)), problems


def prints(located: Located) -> dict[str, bytes]:
    """For each entry 16 bytes that change with what it says, or with the defaults it stands under."""
    data = located.data
    if not isinstance(data, dict):
        return {}
    flow: dict[tuple[str | int, ...], list[KeyPath]] = {}
    for path in located.flow:
        flow.setdefault(path[:2], []).append(path)
    under = repr(data.get("defaults"))
    return {
        id: hashlib.blake2b(
            repr((section, one, sorted(map(repr, flow.get((section, id), ()))), under)).encode(
                errors="surrogatepass"
            ),
            digest_size=16,
        ).digest()
        for section in SECTIONS
        if isinstance(data.get(section), dict)
        for id, one in data[section].items()
    }


def _plain(located: Located, faults: Faults) -> Located:
    return replace(located, data=without_marks(located.data, (), faults))
