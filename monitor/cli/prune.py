"""`rasid prune`: delete now what `keep` in the configuration lets go; a running Rasid does it by itself."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Mapping
from datetime import datetime

import click

from monitor import timing
from monitor.cli import _screen
from monitor.cli._app import App, pass_app
from monitor.config import Config
from monitor.daemon import limits
from monitor.errors import StoreLocked
from monitor.store import Limits, Store, send_intent, sweep
from monitor.store.retention import Step

_WORDS = {
    "articles": ("text of an article", "texts of articles"),
    "matches": ("match", "matches"),
    "alerts": ("alert", "alerts"),
    "groups": ("group", "groups"),
    "stories": ("story", "stories"),
    "files": ("file of a drop folder", "files of drop folders"),
    "silences": ("ended silence", "ended silences"),
    "fetches": ("record of a fetch", "records of fetches"),
    "pages": ("page of the file", "pages of the file"),
}


@click.command()
@click.option("--dry-run", is_flag=True, help="Say what would go, and delete nothing.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout: how many of each kind.")
@pass_app
def command(app: App, dry_run: bool, as_json: bool) -> None:
    """Delete what is older than `keep` in the configuration says.

    Texts of articles go first, matches and what was told of them later; what waits or is undelivered stays, whatever
    its age. An article that is gone never comes back as new. Works in short steps, beside a running Rasid too, which
    does the same by itself every hour. For example:

    \b
        rasid prune --dry-run
    """
    config, now = app.config(), timing.now()
    with app.store(config) as store:
        found = limits(config, now)
        gone = store.prunable(found, now) if dry_run else _prune(config, store, found, now)
    if as_json:
        app.json({name: gone.get(name, 0) for name in _WORDS if name != "pages" or not dry_run})
        return
    said = [_screen.count(gone[name], *words) for name, words in _WORDS.items() if gone.get(name)]
    if not said:
        app.say("nothing is old enough to go")
        return
    app.say(("would go: " if dry_run else "gone: ") + ", ".join(said))
    if dry_run:
        app.say("and what nothing else holds once they are gone")


def _prune(config: Config, store: Store, found: Limits, now: datetime) -> Mapping[str, int]:
    """Step after step: by ourselves, or each by whoever holds the database."""
    with contextlib.suppress(StoreLocked), Store.open(config.database, write=True, now=now) as own:
        return own.prune(found, now)
    at = timing.to_epoch(now)

    def take(step: Step) -> int:
        return int(send_intent(config.database, {"do": "prune", "at": at, "kind": step.kind, "rows": step.rows}, now))

    gone: Counter[str] = sweep(lambda skip: store.next_step(found, now, skip), take, lambda: True)
    return gone
