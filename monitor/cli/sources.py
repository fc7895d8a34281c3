"""`rasid sources`: every source, how its polls went, when it is polled next; add, test, pause and resume them."""

from __future__ import annotations

import getpass
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import click

from monitor import timing
from monitor.cli import _screen
from monitor.cli._add_source import add
from monitor.cli._app import App, pass_app
from monitor.cli._filters import shown_time
from monitor.cli._sources import Row, rows
from monitor.cli._test_source import test
from monitor.config import Config
from monitor.config.page import nearest
from monitor.store import send_intent


@click.group(invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
@click.pass_context
def command(ctx: click.Context, as_json: bool) -> None:
    """List sources with their state; those no longer configured too.

    Example: rasid sources errors
    """
    if ctx.invoked_subcommand is not None:
        return
    app = ctx.find_object(App) or App(None)
    config, now = app.config_in_use(), timing.now()
    found = _read(app, config, now)
    if as_json:
        app.json(found)
        return
    _screen.table(
        ("source", "kind", "state", "articles", "matches", "usual gap", "last success", "next poll", "why"),
        (
            (
                row["id"],
                row["kind"],
                row["state"],
                str(row["articles"]),
                str(row["matches"]),
                _gap(row),
                shown_time(row["last_success"], config.timezone, now),
                _next(row, config, now),
                app.redact(_why(row)),
            )
            for row in found
        ),
    )


command.add_command(add)
command.add_command(test)


@command.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
@pass_app
def errors(app: App, as_json: bool) -> None:
    """List only sources in trouble: failing, silent, gone, moved, with since when and why.

    Example: rasid sources errors
    """
    config, now = app.config_in_use(), timing.now()
    found = [row for row in _read(app, config, now) if row["failures"] or row["troubles"]]
    if as_json:
        app.json(found)
        return
    _screen.table(
        ("source", "trouble", "since", "in a row", "next poll", "what"),
        (
            (
                row["id"],
                ", ".join(row["troubles"]) or row["state"],
                shown_time(min(row["troubles"].values(), default=row["failing_since"]), config.timezone, now),
                str(row["failures"] or ""),
                _next(row, config, now),
                app.redact(_what(row)),
            )
            for row in found
        ),
    )
    if not found:
        app.say("no source is in trouble")


@command.command()
@click.option("--reason", default="no reason given", show_default=True, help="Why, for those who look later.")
@click.argument("ids", nargs=-1, required=True, metavar="SOURCE...")
@pass_app
def pause(app: App, ids: tuple[str, ...], reason: str) -> None:
    """Poll these sources no more until they are resumed, also after a restart.

    Example: rasid sources pause rafidain --reason "moves to another address"
    """
    config = app.config_in_use()
    done = _change(config, "pause", ids, by=f"paused by {getpass.getuser()}: {reason}")
    said = f"{_screen.count(done, 'source')} paused" if done else "paused already"
    app.say(f"{said}. To go on: rasid sources resume {' '.join(ids)}")


@command.command()
@click.argument("ids", nargs=-1, required=True, metavar="SOURCE...")
@pass_app
def resume(app: App, ids: tuple[str, ...]) -> None:
    """Poll these sources again, at once when they are due.

    Example: rasid sources resume rafidain
    """
    done = _change(app.config_in_use(), "resume", ids)
    app.say(f"{_screen.count(done, 'source')} resumed" if done else "not paused by anybody")


def _change(config: Config, deed: str, ids: tuple[str, ...], **more: str) -> int:
    known = {spec.id for spec in config.sources} | {one.name for one in config.disabled if one.what == "source"}
    for name in ids:
        if name not in known:
            raise click.UsageError(f"there is no source {name!r}{nearest(name, known)}")
    now = timing.now()
    intent: dict[str, Any] = {"do": deed, "at": timing.to_epoch(now), "sources": list(ids), **more}
    return int(send_intent(config.database, intent, now))


def _read(app: App, config: Config, now: datetime) -> list[Row]:
    if not config.database.exists():
        return list(rows(config, None, now))
    with app.store(config) as store:
        return list(rows(config, store, now))


def _gap(row: Row) -> str:
    return timing.format_duration(timedelta(seconds=row["median_gap"])) if row["median_gap"] else ""


def _next(row: Row, config: Config, now: datetime) -> str:
    return shown_time(row["next_poll"], config.timezone, now)


def _why(row: Row) -> str:
    if row["off"]:
        return str(row["off"])
    return f"{row['last_error']} ({row['failures']} in a row)" if row["failures"] else str(row["why"])


def _what(row: Row) -> str:
    said: Iterable[str] = (
        row["last_error"] if row["failures"] else "",
        f"it is polled at {row['moved_to']}; write that into the configuration" if row["moved_to"] else "",
        f"usually an article every {_gap(row)}" if "silent" in row["troubles"] and row["median_gap"] else "",
    )
    return "; ".join(filter(None, said))
