"""`rasid stories`: which articles tell the same news, who tells it, and why each was taken for part of it."""

from __future__ import annotations

from datetime import datetime

import click

from monitor import timing
from monitor.cli import _screen
from monitor.cli._app import App, pass_app
from monitor.cli._filters import listing, shown_time
from monitor.config import Config
from monitor.errors import MonitorError
from monitor.store.stories import Row


@click.command()
@click.argument("story", required=False)
@click.option(
    "--least", default=1, show_default=True, type=click.IntRange(1), help="Only stories of so many articles."
)
@listing(50)
@pass_app
def command(app: App, story: str | None, least: int, since: datetime | None, limit: int, as_json: bool) -> None:
    """List stories, the one that grew last first.

    With STORY (an id, the beginning of one, or an article's id) its articles, and why each joined. The number of
    publishers counts each once, by name or domain; of these are independent those that do not copy another's text.

    Example: rasid stories --least 3
    """
    config = app.config_in_use()
    with app.store(config) as store:
        rows = store.stories(since=since, least=least, limit=limit) if story is None else ()
        one = store.story(story) if story is not None else None
    if story is not None and one is None:
        raise MonitorError(f"there is no story or article {story!r}")
    if as_json:
        app.json(list(rows) if one is None else one)
    elif one is None:
        _list(app, config, rows)
    else:
        _show(app, config, one, limit)


def _list(app: App, config: Config, rows: tuple[Row, ...]) -> None:
    now = timing.now()
    _screen.table(
        ("story", "articles", "publishers", "independent", "first", "last", "headline"),
        (
            (
                row["id"][:9],
                str(row["size"]),
                str(row["publishers"]),
                str(row["independent"]),
                shown_time(row["first_seen"], config.timezone, now),
                shown_time(row["last_seen"], config.timezone, now),
                row["title"],
            )
            for row in rows
        ),
    )
    if not rows:
        app.say("no stories")


def _show(app: App, config: Config, story: Row, limit: int) -> None:
    now = timing.now()
    counts = [
        _screen.count(story["size"], "article"),
        _screen.count(story["publishers"], "publisher"),
        f"{story['independent']} independent",
    ]
    app.say(_screen.plain(story["title"]) or "(no headline)")
    app.say(f"  {story['id']} · {' · '.join(counts)}")
    for article in story["articles"][:limit]:
        about = (shown_time(article["seen"], config.timezone, now), article["id"], article["source"])
        app.say(f"{' · '.join(about)}: {article['reason']}")
        told = (_screen.plain(article["title"]), _screen.plain(article["publisher"]))
        app.say("  " + " · ".join(filter(None, told)))
    if story["size"] > limit:
        app.say(f"… and {story['size'] - limit} more: --limit {story['size']}")
