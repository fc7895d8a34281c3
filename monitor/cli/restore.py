"""`rasid restore`: put a copy of the database back; the one it replaces stays beside it."""

from __future__ import annotations

from pathlib import Path

import click

from monitor import timing
from monitor.cli import _screen
from monitor.cli._app import App, pass_app
from monitor.store import copies


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@pass_app
def command(app: App, file: Path) -> None:
    """Put FILE, made by `rasid backup`, in the place of the database.

    It is verified first. Refused while Rasid runs (exit 75). The replaced database stays beside it under another
    name. For example:

    \b
        rasid restore /srv/backup/rasid-20261127T013000Z.db
    """
    config, now = app.config(), timing.now()
    found, aside = copies.put_back(file, config.database, now)
    held = f"{_screen.count(found.articles, 'article')}, {_screen.count(found.matches, 'match', 'matches')}"
    as_of = _screen.clock(found.newest, config.timezone, now)
    app.say(f"Restored {config.database}: {held}, as of {as_of}.")
    if aside is not None:
        app.say(f"The replaced database is {aside}; delete it when all is well.")
    app.say("What comes next, once Rasid runs again (rasid run):")
    if found.waiting:
        waiting = _screen.count(found.waiting, "delivery that was", "deliveries that were")
        app.say(f"- {waiting} unfinished then may be repeated, under the same id;")
    app.say(f"- what was published after {as_of} and is still in its feed is told again, under new ids;")
    app.say("- files that a folder took since then lie in its processed/: drop them again if you want them;")
    app.say("- silences, pauses and verdicts since then are gone.")
