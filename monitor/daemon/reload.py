"""Try a new configuration and its rules as a whole, beside the set that is in use; say what came of it.

Nothing is changed here: the trial gives a new set or the reasons why the old one goes on.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from monitor.alerting.message import iso
from monitor.config import Config
from monitor.daemon.wiring import OFF, Installed, install
from monitor.errors import ConfigError, MonitorError, RuleError
from monitor.sources.parser import Parser

MOST_LINES = 50
"""Reasons kept of one refused reload; the rest is counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of one reload. `lines` say what changed, or why nothing did."""

    at: datetime
    is_good: bool
    lines: tuple[str, ...]

    def shown(self) -> dict[str, Any]:
        """As JSON values."""
        return {"at": iso(self.at), "ok": self.is_good, "lines": list(self.lines)}


class Refused(MonitorError):
    """The new set is not taken; the text says why, a reason a line."""


def try_new(load: Callable[[], Config], old: Installed, parser: Parser) -> Installed:
    """The new set. Raises MonitorError (ConfigError, RuleError, Refused) with every reason when it is not good."""
    config = load()
    if config.database != old.config.database:
        raise Refused("database: it cannot change while Rasid runs; restart")
    new = install(config, parser, old)
    # A failing example keeps a rule out; a rule that is at work now must not vanish that way.
    lost = [
        f"rule {rule!r}: {reason}; its last good version goes on"
        for rule, reason in new.rules.inactive.items()
        if reason != OFF and rule in old.rules.cards
    ]
    if lost:
        raise Refused("\n".join(lost))
    return new


def reasons(error: MonitorError) -> tuple[str, ...]:
    """Why a trial failed, a line each, the errors only."""
    if isinstance(error, ConfigError | RuleError):
        problems = getattr(error, "problems", ())
        lines = [str(problem) for problem in problems if problem.level.name == "ERROR"] or [str(error)]
    else:
        lines = str(error).splitlines()
    more = len(lines) - MOST_LINES
    return (*lines[:MOST_LINES], *([f"and {more} more"] if more > 0 else []))


def changes(old: Installed, new: Installed) -> tuple[str, ...]:
    """What a good reload changed, in words."""
    lines = []
    for what, before, after in (
        ("rule", {r: c.hash for r, c in old.rules.cards.items()}, {r: c.hash for r, c in new.rules.cards.items()}),
        ("source", dict.fromkeys(old.sources), dict.fromkeys(new.sources)),
        ("channel", dict.fromkeys(old.channels), dict.fromkeys(new.channels)),
    ):
        for word, names in (
            ("new", after.keys() - before.keys()),
            ("gone", before.keys() - after.keys()),
            ("changed", {name for name in before.keys() & after.keys() if before[name] != after[name]}),
        ):
            if names:
                shown = ", ".join(sorted(names)[:10]) + (f" and {len(names) - 10} more" if len(names) > 10 else "")
                lines.append(f"{word} {what}{'s' if len(names) > 1 else ''}: {shown}")
    return tuple(lines) or ("nothing changed in rules, sources or channels by name",)
