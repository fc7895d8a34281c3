"""`rasid reload`: have the running daemon reread configuration and rules."""

from __future__ import annotations

import click

from monitor import timing
from monitor.cli._app import FAILED, INVALID, App, pass_app
from monitor.store import ask_holder


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
@pass_app
def command(app: App, as_json: bool) -> None:
    """Have the running Rasid reread configuration and rules at once, as SIGHUP does.

    What is faulty is held back, and the last good goes on in its place (exit 3). Exit 1 if no Rasid is running.

    Example: rasid reload
    """
    config, problems = app.inspect_running()
    if config is None:
        app.problems(problems)
        raise click.exceptions.Exit(INVALID)
    outcome = ask_holder(config.database, {"do": "reload", "at": timing.to_epoch(timing.now())})
    if outcome is None:
        app.say(f"no Rasid is running on {config.database}; to start one: rasid run", err=True)
        raise click.exceptions.Exit(FAILED)
    if as_json:
        app.json(outcome)
    elif outcome["ok"]:
        app.say("\n".join(["Reloaded.", *outcome["lines"]]))
    else:
        app.say("\n".join(["Not all of it is taken.", *outcome["lines"]]), err=True)
    if not outcome["ok"]:
        raise click.exceptions.Exit(INVALID)
