"""`rasid verdict`: say whether an alert was useful or noise, so that each rule's precision is known."""

from __future__ import annotations

import getpass
from datetime import datetime

import click

from monitor import timing
from monitor.cli import _screen
from monitor.cli._app import App, pass_app
from monitor.cli._filters import listing, shown_time
from monitor.cli._verdicts import in_words
from monitor.config import Config
from monitor.errors import MonitorError
from monitor.store import Row, send_intent
from monitor.store.verdicts import VERDICTS


@click.command()
@click.option("--note", default="", metavar="TEXT", help="Why.")
@click.option("--author", metavar="NAME", help="Who judges; you, by default.")
@click.option("--rule", metavar="ID", help="In the list only verdicts on alerts of this rule.")
@listing(50)
@click.argument("alert", required=False, metavar="[ALERT|CODE]")
@click.argument("verdict", required=False, type=click.Choice(VERDICTS), metavar="[useful|noise]")
@pass_app
def command(
    app: App,
    alert: str | None,
    verdict: str | None,
    note: str,
    author: str | None,
    rule: str | None,
    since: datetime | None,
    limit: int,
    as_json: bool,
) -> None:
    """Say of an alert whether it was useful or noise; without arguments, list what was said.

    CODE is the four characters of an alert, and means the last one told under it; ALERT an alert's id or the
    beginning of one. Another verdict on the same alert takes the place of the first. For example:

    \b
        rasid verdict A7K2 useful
        rasid verdict A7K2 noise --note "an exercise, announced the day before"
        rasid verdict --rule base-attacked --since 30d
    """
    config, now = app.config_in_use(), timing.now()
    if alert is None:
        if note or author:
            raise click.UsageError("name the alert that is judged: rasid verdict CODE useful")
        with app.store(config) as store:
            rows = store.verdicts(rule=rule, since=since, limit=limit)
        if as_json:
            app.json(list(rows))
        else:
            _list(app, config, rows, now)
        return
    if verdict is None:
        raise click.UsageError(f"say what alert {alert!r} was: useful or noise")
    with app.store(config) as store:
        alerts = store.alerts_meant(alert)
    if not alerts:
        raise MonitorError(f"no alert has the code or id {alert!r}; see: rasid deliveries")
    intent = {"do": "verdict", "at": timing.to_epoch(now), "alerts": alerts, "verdict": verdict, "note": note}
    send_intent(config.database, intent | {"author": author or getpass.getuser()}, now)
    with app.store(config) as store:
        said = {row["alert"]: row for row in store.verdicts() if row["alert"] in alerts}
        judged = store.judged_rules()
    if as_json:
        app.json(list(said.values()))
        return
    shown = next(iter(said.values()))
    app.say(f"{shown['code']} is {verdict}: {', '.join(shown['rules'])}")
    for name in shown["rules"]:
        app.say(f"  {name}: {in_words(judged[name])}")


def _list(app: App, config: Config, rows: tuple[Row, ...], now: datetime) -> None:
    if not rows:
        app.say("no verdicts; to give one: rasid verdict CODE useful")
        return
    _screen.table(
        ("code", "verdict", "by", "given", "rules", "note or headline"),
        (
            (
                row["code"],
                row["verdict"],
                row["by"],
                shown_time(row["at"], config.timezone, now),
                ", ".join(row["rules"]),
                row["note"] or row["title"],
            )
            for row in rows
        ),
    )
