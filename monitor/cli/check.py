"""`rasid check`: is the configuration valid, are the rules, do their examples hold? Every problem in one run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from monitor.cli import _screen
from monitor.cli._app import FAILED, INVALID, App, pass_app
from monitor.cli._sample import sample
from monitor.config import Config
from monitor.daemon import check_kinds, load_configured_pack
from monitor.errors import Level, Problem, RuleError
from monitor.rulefiles import Pack, load_pack
from monitor.rulefiles.suites import find_suites, load_suite


@click.command()
@click.option(
    "--rules",
    "paths",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="PATH",
    help="Only these rule files or folders, without a configuration.",
)
@click.option("--strict", is_flag=True, help="Warnings fail too (exit 1).")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
@pass_app
def command(app: App, paths: tuple[Path, ...], strict: bool, as_json: bool) -> None:
    """Check the configuration, the rules, their examples and whether suites of tests can be read; touch nothing.

    Prints a line `file:line:column: message` for each problem. Warnings are about what is allowed and probably not
    meant: a term that hits too many articles, a clause that can never hold, a look-alike letter. Exit 3 with errors,
    0 with warnings only (1 with --strict).

    Example: rasid check --strict
    """
    config: Config | None = None
    problems: list[Problem] = []
    if not paths:
        config, found = app.inspect()
        problems += found
        problems += check_kinds(config) if config is not None else ()
    pack: Pack | None = None
    try:
        if paths:
            pack = load_pack(*paths)
        elif config is not None and (not config.rules or any(path.exists() for path in config.rules)):
            pack = load_configured_pack(config, strict_examples=True)
    except RuleError as error:
        if not error.problems:
            raise
        problems += error.problems
    where = paths or (config.rules if config is not None else ())
    suites = find_suites(where) if pack is not None else ()
    problems += _suite_faults(suites)
    if pack is not None:
        articles = sample(app, config)
        problems += (*pack.ruleset.warnings, *pack.lint(), *pack.wide(articles.in_time(), articles.name))
    problems.sort()
    errors = sum(problem.level is Level.ERROR for problem in problems)
    warnings = len(problems) - errors
    if as_json:
        app.json([_row(problem) for problem in problems])
    else:
        for problem in problems:
            app.say(str(problem))
        app.say(_summary(config, pack, len(suites), errors, warnings))
    if errors:
        raise click.exceptions.Exit(INVALID)
    if warnings and strict:
        raise click.exceptions.Exit(FAILED)


def _row(problem: Problem) -> dict[str, str | int]:
    return {
        "file": problem.file,
        "line": problem.line,
        "column": problem.column,
        "level": problem.level.value,
        "message": problem.message,
    }


def _suite_faults(suites: Sequence[Path]) -> Iterator[Problem]:
    """What is wrong with suites of tests, each fault once; the tests themselves are not run."""
    found: dict[Problem, None] = {}
    for suite in suites:
        try:
            load_suite(suite)
        except RuleError as error:
            found |= dict.fromkeys(error.problems)
    return iter(found)


def _summary(config: Config | None, pack: Pack | None, suites: int, errors: int, warnings: int) -> str:
    if errors:
        rest = f", {_screen.count(warnings, 'warning')}" if warnings else ""
        return f"{_screen.count(errors, 'error')}{rest}"
    assert pack is not None  # without errors it was read
    parts = [
        _screen.count(len(pack.ruleset.cards), "rule"),
        _screen.count(len(pack.ruleset.examples()), "example"),
    ]
    parts += [_screen.count(suites, "suite")] if suites else []
    if config is not None:
        parts += [_screen.count(len(config.sources), "source"), _screen.count(len(config.channels), "channel")]
    verdict = f"{_screen.count(warnings, 'warning')} and no error" if warnings else "all fine"
    return f"{verdict}: {', '.join(parts)}"
