"""`rasid test`: run the examples that rules bring, and show what the failing ones found."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import click

from monitor.cli import _screen
from monitor.cli._app import FAILED, App, pass_app
from monitor.config.page import nearest
from monitor.daemon import load_configured_rules
from monitor.errors import Level, MonitorError, Problem
from monitor.rulefiles import load_rules

FAILS = "example fails: "
"""What the loader writes between a rule's name and what its example came to."""


@click.command()
@click.option(
    "--rules",
    "paths",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="PATH",
    help="Rule files or folders, without a configuration.",
)
@click.argument("rule", required=False)
@pass_app
def command(app: App, paths: tuple[Path, ...], rule: str | None) -> None:
    """Run the examples of the rules (or of one RULE). Exit 1 when one fails."""
    if paths:
        ruleset = load_rules(*paths, strict_examples=False)
    else:
        ruleset = load_configured_rules(app.config(), strict_examples=False)
    known = {*ruleset.cards, *ruleset.inactive}
    if rule is not None and rule not in known:
        raise MonitorError(f"there is no rule {rule!r}{nearest(rule, known)}")
    about = "rule " if rule is None else f"rule {rule!r}: "
    failed = [one for one in ruleset.warnings if one.message.startswith(about) and FAILS in one.message]
    for problem in failed:
        app.say(str(replace(problem, level=Level.ERROR)))
        app.say(f"    {_source_line(problem)}\n")
    tried = Counter({name: len(one.examples) for name, one in ruleset.rules.items() if rule in (None, name)})
    app.say(_summary(len(failed), tried))
    if failed:
        raise click.exceptions.Exit(FAILED)


def _source_line(problem: Problem) -> str:
    """The line of the file in which the example begins."""
    lines = Path(problem.file).read_text(encoding="utf-8", errors="replace").splitlines()
    return lines[problem.line - 1].strip() if 0 < problem.line <= len(lines) else ""


def _summary(failed: int, tried: Counter[str]) -> str:
    """How many examples failed and held, and which rules have none."""
    holding = _screen.count(tried.total(), "example")
    rules = _screen.count(sum(number > 0 for number in tried.values()), "rule")
    if failed:
        return f"{_screen.count(failed, 'example')} failed; {holding} of {rules} hold"
    without = sorted(name for name, number in tried.items() if not number)
    none = f"; {_screen.count(len(without), 'rule has', 'rules have')} none: {', '.join(without)}" if without else ""
    verb = "holds" if tried.total() == 1 else "hold"
    return f"{holding} of {rules} {verb}{none}"
