"""`rasid deliveries`: every delivery and where it stands; `retry` makes dead and parked ones due again, `replay`
also those that were sent."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import click

from monitor import timing
from monitor.cli import _screen
from monitor.cli._app import App, pass_app
from monitor.cli._filters import ago, listing, shown_time
from monitor.cli._words import missing
from monitor.config import Config
from monitor.config.page import nearest
from monitor.errors import MonitorError
from monitor.model import DeliveryState
from monitor.store import send_intent

_UNFINISHED = {"pending", "leased", "held"}


@click.group(invoke_without_command=True)
@click.option("--state", type=click.Choice([state.value for state in DeliveryState]), help="Only in this state.")
@click.option("--channel", metavar="CHANNEL", help="Only of this channel.")
@click.option("--code", metavar="CODE", help="Only of the alerts with this code.")
@listing(200)
@click.pass_context
def command(
    ctx: click.Context,
    state: str | None,
    channel: str | None,
    code: str | None,
    since: datetime | None,
    limit: int,
    as_json: bool,
) -> None:
    """List deliveries, newest first, each with its state and the reason why it is not sent.

    Example: rasid deliveries --state parked
    """
    if ctx.invoked_subcommand is not None:
        return
    app = ctx.find_object(App) or App(None)
    config = app.config_in_use()
    with app.store(config) as store:
        rows = [
            row | {"waits_for": _obstacle(config, row)}
            for row in store.deliveries(state=state, channel=channel, code=code, since=since, limit=limit)
        ]
    if as_json:
        app.json(rows)
        return
    now = timing.now()
    _screen.table(
        ("created", "delivery", "code", "channel", "state", "tries", "what came of it", "headline"),
        (
            (
                shown_time(row["created"], config.timezone, now),
                row["id"][:9],
                row["code"],
                " ".join(filter(None, (row["channel"], row["recipient"]))),
                row["state"],
                str(row["attempts"]),
                app.redact(_result(row, shown_time(row["due"], config.timezone, now))),
                row["title"],
            )
            for row in rows
        ),
    )
    if not rows:
        app.say("no deliveries")


@command.command()
@click.option("--all", "everything", is_flag=True, help="All that are dead or parked.")
@click.option("--channel", metavar="CHANNEL", help="With --all: only of this channel.")
@click.argument("ids", nargs=-1, metavar="DELIVERY...")
@pass_app
def retry(app: App, ids: tuple[str, ...], everything: bool, channel: str | None) -> None:
    """Make dead and parked deliveries due again, under the same ids. DELIVERY is an id or the beginning of one.

    Example: rasid deliveries retry --all --channel desk
    """
    if bool(ids) == everything or (channel and not everything):
        raise click.UsageError("name deliveries, or write --all")
    config = app.config_in_use()
    with app.store(config) as store:
        rows = [
            row
            for state in (DeliveryState.DEAD, DeliveryState.PARKED)
            for row in store.deliveries(state=state.value, channel=channel, limit=1_000_000)
        ]
    known = [row["id"] for row in rows]
    wanted = known if everything else [_one(prefix, known) for prefix in ids]
    if not wanted:
        app.say("no delivery is dead or parked")
        return
    now = timing.now()
    intent = {"do": "replay", "at": timing.to_epoch(now), "deliveries": wanted}
    done = send_intent(config.database, intent, now)
    app.say(f"{_screen.count(done, 'delivery', 'deliveries')} due again; without a daemon, type: rasid run --once")


@command.command()
@click.option("--since", required=True, callback=ago, metavar="DURATION", help="What was made in the last 2h, 7d ...")
@click.option("--channel", required=True, metavar="CHANNEL", help="Of this channel.")
@pass_app
def replay(app: App, since: datetime, channel: str) -> None:
    """Send once more what a channel was told in that time, under the same ids: for a receiver that lost it.

    Who keeps the ids drops what it still has. What waits already is not touched. For example:

    \b
        rasid deliveries replay --channel cases --since 2d
    """
    config = app.config_in_use()
    if channel not in config.channel_names:
        raise click.UsageError(f"unknown channel {channel!r}{nearest(channel, config.channel_names)}")
    with app.store(config) as store:
        rows = [
            row["id"]
            for state in (DeliveryState.SENT, DeliveryState.DEAD, DeliveryState.PARKED)
            for row in store.deliveries(state=state.value, channel=channel, since=since, limit=1_000_000)
        ]
    now = timing.now()
    intent = {"do": "replay", "at": timing.to_epoch(now), "deliveries": rows[::-1], "also_sent": True}
    done = send_intent(config.database, intent, now) if rows else 0
    app.say(f"{_screen.count(done, 'delivery', 'deliveries')} due again; without a daemon, type: rasid run --once")


def _one(prefix: str, known: list[str]) -> str:
    found = [delivery for delivery in known if delivery.startswith(prefix)]
    if len(found) != 1:
        what = "no dead or parked delivery begins" if not found else f"{len(found)} deliveries begin"
        raise MonitorError(f"{what} with {prefix!r}; see: rasid deliveries")
    return found[0]


def _obstacle(config: Config, row: dict[str, Any]) -> str:
    """Why an unfinished delivery cannot even be tried: its channel is off or gone."""
    return missing(config, row["channel"]) if row["state"] in _UNFINISHED else ""


def _result(row: dict[str, Any], due: str) -> str:
    if row["waits_for"]:
        return str(row["waits_for"])
    if row["state"] in _UNFINISHED:
        return f"{row['last_error']}; next try {due}" if row["last_error"] else f"due {due}"
    return str(row["receipt"] if row["state"] == DeliveryState.SENT else row["last_error"])
