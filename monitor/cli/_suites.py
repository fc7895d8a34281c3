"""Run suites of rule tests for the screen: which tests hold, and what a failing one found, clause by clause."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from monitor import timing
from monitor.cli import _screen, _tree
from monitor.cli._app import App
from monitor.cli._junit import Case, Report
from monitor.errors import Problem, RuleError
from monitor.model import Alert
from monitor.rulefiles.suites import LoadedSuite, load_suite
from monitor.rules.suite import RuleTest
from monitor.ruletest import Explained, Failure, Result, offset
from monitor.ruletest import run as run_test


@dataclass(frozen=True, slots=True)
class SuiteResult:
    """A suite with what came of its tests, and how many seconds each took."""

    loaded: LoadedSuite
    results: tuple[tuple[Result, float], ...]

    @property
    def failed(self) -> int:
        """How many tests failed."""
        return sum(bool(result.failures) for result, _ in self.results)


def run(paths: Iterable[Path], rule: str | None = None) -> tuple[SuiteResult, ...]:
    """Run the tests of suites, or those that expect one rule. Raises RuleError with the faults of every suite."""
    loaded: list[LoadedSuite] = []
    problems: list[Problem] = []
    for path in paths:
        try:
            loaded.append(load_suite(path))
        except RuleError as error:
            problems += error.problems
    if problems:
        raise RuleError(dict.fromkeys(problems))
    found = (SuiteResult(one, tuple(_results(one, rule))) for one in loaded)
    return tuple(one for one in found if one.results or rule is None)


def _results(loaded: LoadedSuite, rule: str | None) -> Iterator[tuple[Result, float]]:
    for test in loaded.suite.tests:
        if rule is None or _names(test, rule):
            started = timing.monotonic()
            yield run_test(test, loaded.rules, loaded.suite.floors), timing.monotonic() - started


def _names(test: RuleTest, rule: str) -> bool:
    return any(rule in (one.rules or ()) for one in test.expected)


def show(app: App, suite: SuiteResult) -> None:
    """Every failure: its line, and below it each rule that it is about, on each article, as a tree."""
    for result, _ in suite.results:
        for failure in result.failures:
            app.say(str(_problem(suite, result, failure)))
            for line in _lines(result, failure):
                app.say(line)
            app.say()


def summary(suites: Sequence[SuiteResult]) -> str:
    """How many tests failed and hold."""
    total, failed = sum(len(one.results) for one in suites), sum(one.failed for one in suites)
    holding = f"{_screen.count(total - failed, 'test')} of {_screen.count(len(suites), 'suite')}"
    verb = "holds" if total - failed == 1 else "hold"
    return f"{_screen.count(failed, 'test')} failed; {holding} {verb}" if failed else f"{holding} {verb}"


def as_json(suite: SuiteResult) -> dict[str, Any]:
    """A suite for scripts: its tests, what each told, and its failures with their places."""
    return {
        "file": suite.loaded.name,
        "tests": [
            {
                "test": result.test.id,
                "title": result.test.title,
                "holds": not result.failures,
                "failures": [_place(suite, result, failure) for failure in result.failures],
                "alerts": [_alert(alert, result) for alert in result.alerts],
            }
            for result, _ in suite.results
        ],
    }


def reported(suite: SuiteResult) -> Report:
    """A suite as a report of CI has it."""
    cases = []
    for result, seconds in suite.results:
        failures = [
            (str(_problem(suite, result, failure)), "\n".join(_lines(result, failure))) for failure in result.failures
        ]
        cases.append(Case(result.test.id, suite.loaded.name, seconds, tuple(failures)))
    return Report(suite.loaded.name, tuple(cases))


def _problem(suite: SuiteResult, result: Result, failure: Failure) -> Problem:
    return suite.loaded.problem(failure.path, f"test {result.test.id!r}: {failure.message}")


def _place(suite: SuiteResult, result: Result, failure: Failure) -> dict[str, Any]:
    problem = _problem(suite, result, failure)
    return {"file": problem.file, "line": problem.line, "column": problem.column, "message": problem.message}


def _alert(alert: Alert, result: Result) -> dict[str, Any]:
    return {
        "at": offset(alert.created, result.test.start),
        "channel": alert.channel,
        "rules": list(alert.rules),
        "articles": [int(name.rpartition("-")[2]) for name in dict.fromkeys(m.article_id for m in alert.matches)],
        "sequence": alert.sequence,
        "severity": alert.severity.word,
    }


def _lines(result: Result, failure: Failure) -> Iterator[str]:
    article = ""
    for one in failure.explained:
        if one.article.id != article:
            article = one.article.id
            yield f"  {_headline(one, result)}"
        for line in _tree.verdict(one.explanation):
            yield f"    {line}"
        yield from (f"      {fate}" for fate in one.fates)
        yield from (f"    {line}" for line in _tree.tree(one.explanation))


def _headline(one: Explained, result: Result) -> str:
    seen = one.article.seen
    at = offset(seen, result.test.start) if seen is not None else ""
    words = _screen.plain(one.article.title or one.article.text)
    return f"{one.article.id.replace('-', ' ')}, at {at}: {words[:90]}{'…' if len(words) > 90 else ''}"
