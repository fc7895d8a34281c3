"""`rasid search`: articles of the archive that a one-line query matches, as a rule with it would."""

from __future__ import annotations

from datetime import datetime

import click
from rich.text import Text

from monitor import timing
from monitor.cli import _screen
from monitor.cli._app import App, pass_app
from monitor.cli._filters import ago, listing, shown_time
from monitor.config import Config
from monitor.daemon import load_configured_pack
from monitor.rulefiles.asked import load_query
from monitor.rules.engine import Ruleset
from monitor.search import Row, search


@click.command()
@click.option("--source", metavar="SOURCE", help="Only articles of this source.")
@click.option("--until", callback=ago, metavar="DURATION", help="Only what is older than 2h, 7d ...")
@click.option("--offset", default=0, show_default=True, type=click.IntRange(0), help="Leave out the first of them.")
@listing(20)
@click.argument("query", nargs=-1, required=True)
@pass_app
def command(
    app: App,
    query: tuple[str, ...],
    source: str | None,
    since: datetime | None,
    until: datetime | None,
    limit: int,
    offset: int,
    as_json: bool,
) -> None:
    """Find stored articles by a query, the newest first, with what was found in [brackets].

    QUERY is the one-line language of rules: words with their clitics, "quoted phrases", AND OR NOT, NEAR/5, ~word for
    every form, =word for this form only, explo* for a beginning, title: lead: body: lang: source: publisher:, and the
    $names of the rules. For example:

    \b
        rasid search 'هجوم NOT title:مناورة' --since 30d
        rasid search '(SABIC OR سابك) NEAR/15 boycott lang:en'
    """
    config = app.config_in_use()
    wanted = _query(" ".join(query), config)
    app.problems(wanted.warnings)
    with app.store(config) as store:
        rows = search(store, wanted, source=source, since=since, until=until, limit=limit, offset=offset)
    if as_json:
        app.json(list(rows))
        return
    out, now = _screen.console(), timing.now()
    for row in rows:
        names = ", ".join(row["matches"])
        about = (
            shown_time(row["seen"], config.timezone, now),
            row["id"][:8],
            row["publisher"] or row["source"],
            names,
        )
        out.print(Text("  ".join(filter(None, map(_screen.plain, about))), style="dim"))
        for text, marks in _shown(row):
            out.print(Text("  ").append_text(_screen.marked(app.redact(text), marks)))
    if not rows:
        app.say("no article is found" if not offset else "no more articles are found")
    elif len(rows) == limit:
        app.say(f"There may be more: --offset {offset + limit}", err=True)


def _query(text: str, config: Config) -> Ruleset:
    pack = load_configured_pack(config, strict_examples=False) if "$" in text else None
    return load_query(text, pack, sources=config.source_tags)


def _shown(row: Row) -> list[tuple[str, list[tuple[int, int]]]]:
    """The title and the excerpt with the places of the hits in each."""
    hits = [(span["start"], span["end"]) for span in row["spans"] if span["field"] == "title"]
    lines = [(row["title"], hits)]
    if row["excerpt"]:
        lines.append((row["excerpt"], [(start, end) for start, end in row["marks"]]))
    return lines
