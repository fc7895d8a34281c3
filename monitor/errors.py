"""Every error Rasid raises on purpose, as one tree, and the form in which a fault of a file is told.

    MonitorError
     ├── ConfigError     config/monitor.yaml, its secrets or its paths
     ├── RuleError       a rule file, a term, an expression, a failing example
     ├── SourceError     a source that could not be fetched or understood
     │    └── ParserError    no parser runs, which says nothing of the document: it is to be read later
     ├── ChannelError    a channel whose options or secrets are unusable
     ├── StoreError      the database
     │    ├── StoreLocked    another process holds the lock: try again later (exit 75)
     │    ├── StoreFull      the disk has no room: try again once it has
     │    └── StoreConflict  what was to be written contradicts what is there: a fault of Rasid's own
     └── HttpError       the guarded session refused or lost a request; doors turn it into one of the above

A fault is wrapped where it enters (a door) and keeps its cause. No message ever contains a secret.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any


class Level(StrEnum):
    """How bad a problem is: an error stops what it is in, a warning does not."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Problem:
    """One fault in a file: where, what is wrong, what was expected and what to do.

    `line` and `column` count from 1; line 0 means that the fault concerns the whole file, column 0 the whole
    line.
    """

    file: str
    line: int = 0
    column: int = 0
    message: str
    level: Level = Level.ERROR

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        place += f":{self.column}" if self.column else ""
        sign = "warning: " if self.level is Level.WARNING else ""
        return f"{place}: {sign}{self.message}"


MOST_COMPARED = 2_000
"""Known words that a misspelt one is compared with."""


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """` (did you mean 'x'?)` for the known word most like `word`, else "". Case does not count.

    Of very many known words only those that begin alike and are about as long are compared.
    """
    spellings = {name.lower(): name for name in known}
    likely = list(spellings)
    if len(likely) > MOST_COMPARED:
        likely = [name for name in likely if name[:1] == word[:1].lower() and abs(len(name) - len(word)) < 3]
    close = difflib.get_close_matches(word.lower(), likely[:MOST_COMPARED], n=1, cutoff=0.6)
    return f" (did you mean {spellings[close[0]]!r}?)" if close else ""


class MonitorError(Exception):
    """Root of all errors that Rasid raises on purpose."""


class _ProblemsError(MonitorError):
    """An error made of problems; its text is one line each, in file order."""

    def __init__(self, problems: Iterable[Problem] | str) -> None:
        self.problems: tuple[Problem, ...] = () if isinstance(problems, str) else tuple(sorted(problems))
        super().__init__(problems if isinstance(problems, str) else "\n".join(map(str, self.problems)))


class ConfigError(_ProblemsError):
    """The configuration cannot be used. `problems` holds every fault found in one run."""


class RuleError(_ProblemsError):
    """Rules cannot be used. `problems` holds every fault of every file found in one run."""


class SourceError(MonitorError):
    """A source could not be fetched or understood; the rest of a `model.Failure` under the same names."""

    def __init__(
        self,
        reason: str,
        *,
        status: int = 0,
        host: str = "",
        is_unreachable: bool = False,
        not_before: datetime | None = None,
        cursor: Mapping[str, Any] | None = None,
    ) -> None:
        self.reason = reason
        self.status = status
        self.host = host
        self.is_unreachable = is_unreachable
        self.not_before = not_before
        self.cursor = cursor
        super().__init__(reason)


class ParserError(SourceError):
    """No parser can be had, so that nothing is known of the document; it is to be read later."""


class ChannelError(MonitorError):
    """A channel cannot be built from its options."""


class StoreError(MonitorError):
    """The database refused, is damaged, or was made by a newer Rasid."""


class StoreLocked(StoreError):
    """Another process holds the database's lock; the command may be tried again later (exit 75)."""


class StoreFull(StoreError):
    """The disk has no room for a change, of which nothing was kept."""


class StoreConflict(StoreError):
    """A change contradicts what is stored, and nothing of it was kept: a fault of Rasid's own, not the database's."""


class HttpError(MonitorError):
    """A request was refused by a guard or lost on the way.

    `kind` is one of refused (address, scheme, redirect), deadline, too-large, network, tls, truncated.
    """

    def __init__(self, kind: str, reason: str) -> None:
        self.kind = kind
        self.reason = reason
        super().__init__(reason)
