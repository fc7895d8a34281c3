"""`rasid check`: is the configuration valid, are the rules, do their examples hold? Every problem in one run."""

from __future__ import annotations

import click

from monitor.cli import _screen
from monitor.cli._app import FAILED, INVALID, App, pass_app
from monitor.config import Config
from monitor.daemon import check_kinds, load_configured_rules
from monitor.errors import Level, Problem, RuleError
from monitor.rules.engine import Ruleset


@click.command()
@click.option("--strict", is_flag=True, help="Warnings fail too (exit 1).")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
@pass_app
def command(app: App, strict: bool, as_json: bool) -> None:
    """Check the configuration, the rules and their examples; touch nothing.

    Prints a line `file:line:column: message` for each problem. Exit 3 with errors, 0 with warnings only (1 with
    --strict).
    """
    ruleset: Ruleset | None = None
    config, found = app.inspect()
    problems = list(found)
    if config is not None:
        problems += check_kinds(config)
        try:
            ruleset = load_configured_rules(config, strict_examples=True)
            problems += ruleset.warnings
        except RuleError as error:
            if not error.problems:
                raise
            problems += error.problems
    problems.sort()
    errors = sum(problem.level is Level.ERROR for problem in problems)
    warnings = len(problems) - errors
    if as_json:
        app.json([_row(problem) for problem in problems])
    else:
        for problem in problems:
            app.say(str(problem))
        app.say(_summary(config, ruleset, errors, warnings))
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


def _summary(config: Config | None, ruleset: Ruleset | None, errors: int, warnings: int) -> str:
    if errors:
        rest = f", {_screen.count(warnings, 'warning')}" if warnings else ""
        return f"{_screen.count(errors, 'error')}{rest}"
    assert config is not None  # without errors both were read
    assert ruleset is not None
    parts = [
        _screen.count(len(ruleset.cards), "rule"),
        _screen.count(len(ruleset.examples()), "example"),
        _screen.count(len(config.sources), "source"),
        _screen.count(len(config.channels), "channel"),
    ]
    verdict = f"{_screen.count(warnings, 'warning')} and no error" if warnings else "all fine"
    return f"{verdict}: {', '.join(parts)}"
