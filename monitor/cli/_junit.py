"""Results as JUnit XML, as Jenkins, GitLab and others read it. Text is made fit for XML."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

from monitor.errors import MonitorError, Problem
from monitor.rules.engine import Ruleset

# What XML 1.0 cannot hold in any form.
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Case:
    """One test: its name within `group`, the seconds it took, and of each failure a line and what explains it."""

    name: str
    group: str
    seconds: float = 0.0
    failures: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """Tests that belong together."""

    name: str
    cases: tuple[Case, ...]


def of_examples(rules: Ruleset, failed: Sequence[Problem], only: str | None) -> tuple[Report, ...]:
    """The examples of all active rules, or of one, and those that failed; nothing when there are none."""
    cases = [
        Case(f"{example.kind} {example.index + 1}", id)
        for id, rule in rules.rules.items()
        if only in (None, id)
        for example in rule.examples
    ]
    for problem in failed:
        rule, _, message = problem.message.removeprefix("rule '").partition("'")
        place = f"{problem.file}:{problem.line}"
        cases.append(Case(f"example at {place}", rule, failures=((f"{place}: {message.strip(': ')}", ""),)))
    return (Report("examples", tuple(cases)),) if cases else ()


def write(path: Path, reports: Sequence[Report]) -> None:
    """Write the file. Raises MonitorError when it cannot be written."""
    try:
        path.write_text("\n".join(lines(reports)) + "\n", encoding="utf-8")
    except OSError as error:
        raise MonitorError(f"{path}: cannot be written: {error.strerror}") from error


def lines(reports: Sequence[Report]) -> Iterator[str]:
    """The document, line by line."""
    yield '<?xml version="1.0" encoding="UTF-8"?>'
    yield f"<testsuites{_attributes('rasid test', [case for report in reports for case in report.cases])}>"
    for report in reports:
        yield f'  <testsuite{_attributes(report.name, report.cases)} errors="0" skipped="0">'
        for case in report.cases:
            yield from _case(case)
        yield "  </testsuite>"
    yield "</testsuites>"


def _attributes(name: str, cases: Sequence[Case]) -> str:
    failures, seconds = sum(bool(case.failures) for case in cases), sum(case.seconds for case in cases)
    return f' name={_quoted(name)} tests="{len(cases)}" failures="{failures}" time="{seconds:.3f}"'


def _case(case: Case) -> Iterator[str]:
    head = f'    <testcase name={_quoted(case.name)} classname={_quoted(case.group)} time="{case.seconds:.3f}"'
    if not case.failures:
        yield f"{head}/>"
        return
    yield f"{head}>"
    # Readers show one failure a test: all of its lines are in it.
    messages = "\n".join(message for message, _ in case.failures)
    text = "\n\n".join(f"{message}\n{more}".rstrip() for message, more in case.failures)
    yield f'      <failure type="failure" message={_quoted(messages)}>{escape(_fit(text))}</failure>'
    yield "    </testcase>"


def _quoted(text: str) -> str:
    return quoteattr(_fit(text))


def _fit(text: str) -> str:
    return _FORBIDDEN.sub("\ufffd", text)
