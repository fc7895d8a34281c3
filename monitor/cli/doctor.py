"""`rasid doctor`: is everything around Rasid as it should be? Looks, tries, and says what to do."""

from __future__ import annotations

from collections.abc import Iterator

import click

from monitor.cli import _screen
from monitor.cli._app import FAILED, App, pass_app
from monitor.cli._checkup import CHECKS, Finding, State, bad, fine
from monitor.config import Config
from monitor.daemon import check_kinds, load_configured_rules
from monitor.errors import Level, MonitorError, RuleError

_SIGNS = {State.FINE: "ok", State.WARNING: "look", State.BAD: "BAD"}


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
@pass_app
def command(app: App, as_json: bool) -> None:
    """Look at everything Rasid stands on: versions, secrets, disk, database, names, feeds, clock, channels.

    Fetches at most 20 feeds and sends nothing. Exit 1 when something is bad; a warning alone exits 0.

    Example: rasid doctor --json | jq '.[] | select(.state != "fine")'
    """
    config, problems = app.inspect()
    if config is None:
        app.problems(problems)
        raise click.exceptions.Exit(3)
    found = []
    for finding in _all(app, config):
        found.append(finding)
        if not as_json:
            app.say(f"{_SIGNS[finding.state]:<5} {finding.area:<10}{finding.text}")
            if finding.advice:
                app.say(f"{'':<16}{finding.advice}")
    if as_json:
        app.json([{"area": f.area, "state": f.state.value, "text": f.text, "advice": f.advice} for f in found])
    else:
        app.say(f"\n{_verdict(found)}")
    if any(finding.state is State.BAD for finding in found):
        raise click.exceptions.Exit(FAILED)


def _all(app: App, config: Config) -> Iterator[Finding]:
    """Every finding, as it is made."""
    _, problems = app.inspect()
    errors = [p for p in (*problems, *check_kinds(config)) if p.level is Level.ERROR]
    yield _counted("config", [str(error) for error in errors], "the configuration can be used")
    try:
        rules = load_configured_rules(config, strict_examples=False)
    except RuleError as error:
        yield _counted("rules", str(error).splitlines(), "")
    else:
        yield fine("rules", f"{_screen.count(len(rules.cards), 'rule')} active")
    for check in CHECKS:
        try:
            yield from check(config)
        except MonitorError as error:
            yield bad(check.__name__, str(error))


def _counted(area: str, errors: list[str], text: str) -> Finding:
    if not errors:
        return fine(area, text)
    return Finding(
        area, State.BAD, f"{_screen.count(len(errors), 'error')}, first {errors[0]}", "all of them: rasid check"
    )


def _verdict(found: list[Finding]) -> str:
    wrong, open_ = (sum(finding.state is state for finding in found) for state in (State.BAD, State.WARNING))
    if not wrong and not open_:
        return "All is well."
    first = f"{_screen.count(wrong, 'thing does', 'things do')} not work" if wrong else "Nothing is broken"
    return f"{first}; {_screen.count(open_, 'thing', 'things')} to look at."
