"""`rasid test`: run examples and suites of tests, show what the failing ones found, and which guards none notices."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from monitor.cli import _junit, _screen, _suites
from monitor.cli._app import FAILED, App, pass_app
from monitor.config.page import nearest
from monitor.daemon import load_configured_pack
from monitor.errors import Level, MonitorError, Problem
from monitor.rulefiles import Pack, load_pack
from monitor.rulefiles.suites import find_suites
from monitor.rules.faults import Fault
from monitor.rules.guards import Guard, Verdict

FAILS = "example fails: "
"""What the loader writes between a rule's name and what its example came to."""

ADVICE = (
    "Nothing would tell you if one of these were wrong or lost. Add a miss that only this guard keeps away "
    "(because: and its name), or leave the guard out."
)


@click.command()
@click.option(
    "--rules",
    "paths",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="PATH",
    help="Rule files or folders, without a configuration.",
)
@click.option(
    "--guards",
    "with_guards",
    is_flag=True,
    help="Take out one guard at a time (none, within, not_part_of ...) and name those that no example notices.",
)
@click.option("--strict", is_flag=True, help="A guard that no example notices fails too (exit 1).")
@click.option(
    "--suite",
    "suites",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Only the tests of this suite, without examples and without a configuration. May be repeated.",
)
@click.option("--junit", type=click.Path(path_type=Path), metavar="FILE", help="Write the results as JUnit XML too.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
@click.argument("rule", required=False)
@pass_app
def command(
    app: App,
    paths: tuple[Path, ...],
    with_guards: bool,
    strict: bool,
    suites: tuple[Path, ...],
    junit: Path | None,
    as_json: bool,
    rule: str | None,
) -> None:
    """Run the examples of the rules, and the suites *.test.yaml below their folders. Exit 1 when one fails.

    With RULE only the examples of that rule, and the tests that expect it. For example:

    \b
        rasid test
        rasid test base-attacked
        rasid test --suite rules/tests/bases.test.yaml --junit report.xml
    """
    if suites and (paths or with_guards):
        raise click.UsageError("--suite names the rules itself; leave out --rules and --guards")
    if suites:
        _run_suites(app, _suites.run(suites, rule), junit, as_json=as_json)
        return
    if paths:
        pack = load_pack(*paths, strict_examples=False)
    else:
        paths = app.config().rules
        pack = load_configured_pack(app.config(), strict_examples=False)
    ruleset = pack.ruleset
    known = {*ruleset.cards, *ruleset.inactive}
    if rule is not None and rule not in known:
        raise MonitorError(f"there is no rule {rule!r}{nearest(rule, known)}")
    about = "rule " if rule is None else f"rule {rule!r}: "
    failed = [one for one in ruleset.warnings if one.message.startswith(about) and FAILS in one.message]
    tried = {name: len(one.examples) for name, one in ruleset.rules.items() if rule in (None, name)}
    found = pack.guards(rule) if with_guards else {}
    results = _suites.run(find_suites(paths), rule)
    unnoticed = _placed(pack, (guard for guard, verdict in found.items() if not verdict.is_noticed))
    if junit is not None:
        _junit.write(junit, [*_junit.of_examples(pack.ruleset, failed, rule), *map(_suites.reported, results)])
    if as_json:
        app.json(_document(pack, failed, tried, found) | {"suites": [_suites.as_json(one) for one in results]})
    else:
        for one in results:
            _suites.show(app, one)
        for problem in failed:
            app.say(str(replace(problem, level=Level.ERROR)))
            app.say(f"    {_source_line(problem)}\n")
        app.say(_summary(len(failed), tried))
        if results:
            app.say(_suites.summary(results))
        if with_guards:
            _show(app, len(found), unnoticed)
    if failed or (strict and unnoticed) or any(one.failed for one in results):
        raise click.exceptions.Exit(FAILED)


def _run_suites(app: App, results: Sequence[_suites.SuiteResult], junit: Path | None, *, as_json: bool) -> None:
    """The suites alone."""
    if junit is not None:
        _junit.write(junit, list(map(_suites.reported, results)))
    if as_json:
        app.json({"suites": [_suites.as_json(one) for one in results]})
    else:
        for one in results:
            _suites.show(app, one)
        app.say(_suites.summary(results))
    if any(one.failed for one in results):
        raise click.exceptions.Exit(FAILED)


def _placed(pack: Pack, guards: Iterable[Guard]) -> list[Problem]:
    """Each guard that no example notices, as a line with its place; those of rules first."""
    entries = pack.catalog.entries
    found = []
    for guard in guards:
        entry = entries[guard.id]
        message = f"{entry.sort} {guard.id!r}: without {guard.key} '{guard.what}' every example comes out the same"
        found.append((entry.sort != "rule", pack.problem(entry.file, Fault(guard.path, message))))
    return [problem for _, problem in sorted(found)]


def _show(app: App, count: int, unnoticed: list[Problem]) -> None:
    if not unnoticed:
        app.say(f"{_screen.count(count, 'guard')}: an example notices when any one of them is taken out")
        return
    app.say(f"{len(unnoticed)} of {_screen.count(count, 'guard')} are noticed by no example:\n")
    for problem in unnoticed:
        app.say(str(problem))
    app.say(f"\n{ADVICE}")


def _document(
    pack: Pack, failed: list[Problem], tried: dict[str, int], found: Mapping[Guard, Verdict]
) -> dict[str, Any]:
    """Everything for scripts; `guards` is empty unless it was asked for."""
    guards = []
    for guard, verdict in found.items():
        entry = pack.catalog.entries[guard.id]
        place = pack.problem(entry.file, Fault(guard.path, ""))
        guards.append(
            {
                "guard": guard.key,
                "what": guard.what,
                "of": entry.sort,
                "id": guard.id,
                "rules": list(verdict.rules),
                "noticed": verdict.is_noticed,
                "file": place.file,
                "line": place.line,
                "column": place.column,
            }
        )
    return {
        "examples": {
            "hold": sum(tried.values()),
            "failed": [
                {"file": one.file, "line": one.line, "column": one.column, "message": one.message} for one in failed
            ],
            "rules_without": [name for name, number in sorted(tried.items()) if not number],
        },
        "guards": guards,
    }


def _source_line(problem: Problem) -> str:
    """The line of the file in which the example begins."""
    lines = Path(problem.file).read_text(encoding="utf-8", errors="replace").splitlines()
    return lines[problem.line - 1].strip() if 0 < problem.line <= len(lines) else ""


def _summary(failed: int, tried: dict[str, int]) -> str:
    """How many examples failed and held, and which rules have none."""
    total = sum(tried.values())
    holding = _screen.count(total, "example")
    rules = _screen.count(sum(number > 0 for number in tried.values()), "rule")
    verb = "holds" if total == 1 else "hold"
    if failed:
        others = f"; {holding} of {rules} {verb}" if total else ""
        return f"{_screen.count(failed, 'example')} failed{others}"
    without = sorted(name for name, number in tried.items() if not number)
    none = f"; {_screen.count(len(without), 'rule has', 'rules have')} none: {', '.join(without)}" if without else ""
    return f"{holding} of {rules} {verb}{none}"
