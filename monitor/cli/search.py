"""`rasid search`: articles that hold all the words of a query, in any of their spellings."""

from __future__ import annotations

from datetime import datetime

import click

from monitor import timing
from monitor.cli import _screen
from monitor.cli._app import App, pass_app
from monitor.cli._filters import listing, shown_time


@click.command()
@click.option("--source", metavar="SOURCE", help="Only articles of this source.")
@listing(50)
@click.argument("words", nargs=-1, required=True)
@pass_app
def command(
    app: App, words: tuple[str, ...], source: str | None, since: datetime | None, limit: int, as_json: bool
) -> None:
    """Find stored articles by their words, newest first. Quote a phrase: rasid search '"rocket attack"'."""
    config = app.config()
    with app.store(config) as store:
        rows = store.search(" ".join(words), source=source, since=since, limit=limit)
    if as_json:
        app.json(list(rows))
        return
    now = timing.now()
    _screen.table(
        ("seen", "article", "publisher", "rules", "headline"),
        (
            (
                shown_time(row["seen"], config.timezone, now),
                row["id"][:8],
                row["publisher"] or row["source"],
                ", ".join(row["matches"]),
                row["title"],
            )
            for row in rows
        ),
    )
    if not rows:
        app.say("no article has all these words")
