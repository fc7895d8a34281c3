"""`rasid matches`: every match with what became of it on each channel."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import click

from monitor import timing
from monitor.cli import _screen
from monitor.cli._app import App, pass_app
from monitor.cli._filters import listing, shown_time
from monitor.model import Disposition


@click.command()
@click.option("--rule", metavar="RULE", help="Only this rule.")
@click.option("--source", metavar="SOURCE", help="Only articles of this source.")
@click.option("--channel", metavar="CHANNEL", help="Only what went to this channel.")
@click.option("--disposition", type=click.Choice([word.value for word in Disposition]), help="Only what became this.")
@listing(200)
@pass_app
def command(
    app: App,
    rule: str | None,
    source: str | None,
    channel: str | None,
    disposition: str | None,
    since: datetime | None,
    limit: int,
    as_json: bool,
) -> None:
    """List matches, newest first, and what became of each.

    Example: rasid matches --rule base-attacked --json
    """
    config = app.config_in_use()
    with app.store(config) as store:
        rows = store.matches(
            rule=rule, source=source, channel=channel, disposition=disposition, since=since, limit=limit
        )
    if as_json:
        app.json(list(rows))
        return
    now = timing.now()
    _screen.table(
        ("matched", "article", "rule", "severity", "what became of it", "headline"),
        (
            (
                shown_time(row["matched"], config.timezone, now),
                row["article"][:8],
                row["rule"],
                row["severity"],
                ", ".join(map(_fate, row["channels"])),
                row["title"],
            )
            for row in rows
        ),
    )
    if not rows:
        app.say("no matches")


def _fate(channel: dict[str, Any]) -> str:
    states = {delivery["state"] for delivery in channel["deliveries"]}
    word = channel["disposition"]
    if word == Disposition.ALERTED and states:
        word = "told" if states == {"sent"} else "partly told" if "sent" in states else "/".join(sorted(states))
    where = f" on {channel['channel']}" if channel["channel"] else ""
    code = f" ({channel['code']})" if channel["code"] else ""
    return f"{word}{where}{code}"
