"""Find and load suites of rule tests, `*.test.yaml`, with the rules that they name.

A fault of one is told with its place, as of a rule file.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from monitor.errors import Level, Problem, RuleError
from monitor.rulefiles import load_pack, reading
from monitor.rules.engine import Ruleset
from monitor.rules.faults import Fault, Faults
from monitor.rules.faults import Path as KeyPath
from monitor.rules.suite import Suite, read_suite
from monitor.yamltext import MOST_BYTES, Located, parse


@dataclass(frozen=True, slots=True)
class LoadedSuite:
    """A suite with its rules; `problem` says something of it at its place."""

    name: str
    suite: Suite
    rules: Ruleset
    _located: Located

    def problem(self, path: KeyPath, message: str) -> Problem:
        """An error at a key path."""
        return _problem(self.name, self._located, Fault(path, message))


def find_suites(paths: Iterable[str | Path]) -> tuple[Path, ...]:
    """The suites below folders of rules, and in the folder `tests` beside rule files."""
    found: dict[Path, None] = {}
    for path in map(Path, paths):
        where = (
            path.rglob(f"*{reading.SUITE}") if path.is_dir() else (path.parent / "tests").glob(f"*{reading.SUITE}")
        )
        hidden = len(path.parts)
        found |= {one: None for one in sorted(where) if not any(part.startswith(".") for part in one.parts[hidden:])}
    return tuple(found)


def load_suite(path: str | Path) -> LoadedSuite:
    """Read a suite and the rules it names, by paths relative to it. Raises RuleError with every fault of it."""
    file = Path(path)
    name = str(path)
    try:
        source = reading.read(file, MOST_BYTES)
    except (OSError, ValueError) as error:
        raise RuleError([Problem(file=name, message=f"cannot be read: {reading.why(error)}")]) from error
    located, problems = parse(source, name)
    if located is None:
        raise RuleError(problems)
    faults = Faults()
    suite = read_suite(located.data, faults)
    found = [*problems, *(_problem(name, located, fault) for fault in faults.items)]
    paths = [file.parent / rules for rules in suite.rules]
    for number, named in enumerate(paths):
        if not named.exists():
            fault = Fault(("rules", number), f"rules: there is no {suite.rules[number]!r} beside the suite")
            found.append(_problem(name, located, fault))
    if any(problem.level is Level.ERROR for problem in found):
        raise RuleError(dict.fromkeys(found))
    rules = load_pack(*paths, defaults=suite.defaults, strict_examples=False, timezone=suite.timezone).ruleset
    if unknown := list(_unknown(suite, rules)):
        raise RuleError([_problem(name, located, fault) for fault in unknown])
    return LoadedSuite(name, suite, rules, located)


def _unknown(suite: Suite, rules: Ruleset) -> Iterator[Fault]:
    """Expected rules and channels that there are not."""
    channels = {channel for card in rules.cards.values() for channel in card.notify}
    channels |= {channel for card in rules.cards.values() for step in card.alert.escalate for channel in step.notify}
    for test in suite.tests:
        for one in test.expected:
            about = f"test {test.id!r}: "
            for rule in one.rules or ():
                if rule not in rules.cards:
                    why = rules.inactive.get(rule)
                    reason = f"rule {rule!r} is not active: {why}" if why else f"unknown rule {rule!r}"
                    yield Fault((*one.path, "rules"), about + reason)
            if one.channel and one.channel not in channels:
                yield Fault((*one.path, "channel"), f"{about}no rule notifies a channel {one.channel!r}")


def _problem(name: str, located: Located, fault: Fault) -> Problem:
    line, column = located.spot(fault.path, at_key=fault.at_key)
    return Problem(file=name, line=line, column=column, message=fault.message, level=fault.level)
