"""Sources: anything polled. One file per kind, found by scanning this package; third parties by entry point.

A kind validates its own options and has one verb, `fetch`, which gives what is new since a cursor and the cursor
for next time. It never stores anything: the cursor is saved with the articles it covers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal, Protocol

from monitor.errors import ConfigError, Problem
from monitor.kinds import scan, unknown
from monitor.model import Fetched, SourceSpec
from monitor.sources.files import read_file

if TYPE_CHECKING:
    from monitor.http.session import Session
    from monitor.sources.parser import Parser

__all__ = ["Source", "SourceKind", "Tools", "build", "check", "kinds", "read_file"]

ENTRY_POINTS = "rasid.sources"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """What sources share: the guarded session and the parser processes."""

    session: Session
    parser: Parser


class Source(Protocol):
    """A configured source. `since` admits articles of the first document that would otherwise be baseline.

    `host` is whose server is asked, "" where nobody is; `every`, `max_delay` and `backoff_scope` are the options of
    these names (None and "" where nothing is said).
    """

    id: str
    kind: str
    spec: SourceSpec
    has_baseline: bool
    since: timedelta | Literal["all"] | None
    every: timedelta | None
    max_delay: timedelta | None
    backoff_scope: str
    host: str

    def fetch(self, cursor: Mapping[str, Any], now: datetime) -> Fetched:
        """What is new since `cursor` ({} the first time). Raises SourceError."""

    def is_pending(self, cursor: Mapping[str, Any]) -> bool:
        """Whether another fetch with this cursor is owed soon: files still growing or not yet moved."""


class SourceKind(Protocol):
    """One kind of source. Its module holds it as `KIND`."""

    name: str

    def check(self, spec: SourceSpec) -> tuple[Problem, ...]:
        """Every fault of the options, and warnings about those that do nothing yet."""

    def build(self, spec: SourceSpec, tools: Tools) -> Source:
        """The source. Raises ConfigError with every error that `check` finds in the options."""


def kinds() -> Mapping[str, SourceKind]:
    """Every kind there is, by name: this package's own, then those of installed entry points."""
    return scan(__name__, tuple(__path__), ENTRY_POINTS)


def check(spec: SourceSpec) -> tuple[Problem, ...]:
    """Every problem of one source's configuration."""
    known = kinds()
    if spec.kind not in known:
        return (unknown(f"source {spec.id!r}", spec.kind, known, spec.where),)
    return known[spec.kind].check(spec)


def build(spec: SourceSpec, tools: Tools) -> Source:
    """The source of a specification. Raises ConfigError with every error of its options."""
    known = kinds()
    if spec.kind not in known:
        raise ConfigError(check(spec))
    return known[spec.kind].build(spec, tools)
