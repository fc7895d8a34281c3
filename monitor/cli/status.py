"""`rasid status`: the one screen an operator needs."""

from __future__ import annotations

import platform
import sqlite3
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import click

from monitor import timing
from monitor.alerting.message import iso
from monitor.alerting.operator import DrillStanding
from monitor.cli import _screen
from monitor.cli._app import App, pass_app
from monitor.cli._filters import shown_time
from monitor.cli._in_use import start
from monitor.cli._verdicts import as_json as judged_json
from monitor.cli._verdicts import in_words
from monitor.config import Config
from monitor.daemon import OFF, reasons
from monitor.errors import ConfigError, RuleError, StoreError
from monitor.model import DeliveryState, Judged
from monitor.rhythm.troubles import Trouble
from monitor.store import ask_holder

SAFE_SQLITE = (3, 51, 3)
"""Older ones can lose commits in WAL mode when two connections write; Rasid has one writer, others may come."""

UNFINISHED = ("pending", "leased", "held", "parked", "dead")
MOST_LINES = 10
MOST_PROBLEMS = 3
Row = dict[str, Any]


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
@pass_app
def command(app: App, as_json: bool) -> None:
    """Show how Rasid stands: what is late, failing, waiting or given up, and what it runs on.

    Example: rasid status --json
    """
    config, problems = app.inspect_running()
    if config is None:
        app.problems(problems)
        raise click.exceptions.Exit(3)
    standing = _standing(app, config)
    if as_json:
        app.json(standing)
        return
    for name, text in _lines(standing, config):
        for number, line in enumerate(text.split("\n")):
            app.say(f"{'' if number else name:<12}{line}")


def _standing(app: App, config: Config) -> Row:
    """Everything the screen shows, as JSON values."""
    live, trouble = _live(config)
    stored: Row = {}
    sources: tuple[Row, ...] = ()
    troubles: Mapping[str, Mapping[Trouble, datetime]] = {}
    paused: dict[str, str] = {}
    silences = 0
    since: Mapping[tuple[str, str], datetime] = {}
    judged: Mapping[str, Judged] = {}
    drills: Mapping[str, DrillStanding] = {}
    if config.database.exists():
        with app.store(config) as store:
            stored, sources, troubles = store.overview(), store.sources(), store.troubles()
            paused = {name: state.paused_by for name, state in store.source_states().items() if state.paused_by}
            drills = store.drills()
            silences = len(store.silences(timing.now()))
            since = store.setbacks()
            judged = store.judged_rules()
    known = {spec.id for spec in config.sources}
    rules, held = (live["rules"], live["held"]) if live else _of_a_start(app, since)
    return {
        "running": live is not None,
        "trouble": trouble,
        "daemon": live,
        "failing": [
            {key: row[key] for key in ("id", "failures", "last_error", "last_error_at", "last_success", "not_before")}
            for row in sources
            if row["failures"] and row["id"] in known
        ],
        "late": live["late"] if live else [],
        "paused": {name: by for name, by in paused.items() if name in known},
        "troubles": {
            name: {trouble.value: since.isoformat(timespec="seconds") for trouble, since in wrong.items()}
            for name, wrong in troubles.items()
            if name in known
        },
        "sources": len(known),
        "off": {f"{off.what} {off.name}": off.reason for off in config.disabled},
        "rules": rules,
        "dear": (live or {}).get("dear", {}),
        "held": held,
        "store": stored,
        "drills": {channel: _drill(drills.get(channel)) for channel in config.drills},
        "silences": silences,
        "verdicts": {rule: judged_json(one) for rule, one in judged.items()},
        "database": {"path": str(config.database), "bytes": _size(config.database)},
        "versions": {
            "rasid": version("rasid"),
            "python": platform.python_version(),
            "sqlite": sqlite3.sqlite_version,
            "sqlite_is_safe": sqlite3.sqlite_version_info >= SAFE_SQLITE,
        },
    }


def _drill(drill: DrillStanding | None) -> Row:
    """How a channel's last drill stands; nothing but None before the first."""
    return {
        "made": drill and iso(drill.made),
        "state": drill and drill.state,
        "reason": drill.reason if drill else "",
        "arrived": drill and iso(drill.arrived),
    }


def _live(config: Config) -> tuple[Row | None, str]:
    """What the running process says of itself, None when there is none; and why it says nothing."""
    try:
        return ask_holder(config.database, {"do": "status", "at": timing.to_epoch(timing.now())}), ""
    except StoreError as error:
        return None, str(error)


def _of_a_start(app: App, since: Mapping[tuple[str, str], datetime]) -> tuple[Row, list[Row]]:
    """The rules that a start would run now, and what it would not take, of which the operator knows `since`."""
    try:
        rules, setbacks = start(app)
    except (ConfigError, RuleError) as error:
        return {"active": 0, "inactive": {}, "error": "\n".join(reasons(error))}, []
    shown = [setback.shown(since.get(setback.key)) for setback in setbacks]
    return {"active": len(rules.cards), "inactive": dict(rules.inactive)}, shown


def _size(database: Path) -> int:
    return sum(path.stat().st_size for end in ("", "-wal") if (path := Path(f"{database}{end}")).exists())


def _lines(standing: Row, config: Config) -> Iterator[tuple[str, str]]:
    """The screen: a name and a text, which may have several lines."""
    now = timing.now()

    def at(iso: str | None) -> str:
        return shown_time(iso, config.timezone, now) or "never"

    live, stored = standing["daemon"], standing["store"]
    if live:
        since = timing.format_duration(now - datetime.fromisoformat(live["started"]))
        yield "running", f"yes, process {live['pid']}, for {since}"
    else:
        yield "running", standing["trouble"] or "no; to start it: rasid run"
    yield "sources", "\n".join(_sources(standing, at))
    if live:
        yield "queue", f"{live['queue']} fetched and waiting, {live['polling']} being polled"
    yield "rules", "\n".join(_rule_lines(standing["rules"], is_running=live is not None))
    if standing["dear"]:
        costs = [f"{rule}: {ms:.1f} ms an article" for rule, ms in standing["dear"].items()]
        yield "dear rules", "\n".join(costs)
    if stored:
        article, alert = stored["last_article"], stored["last_alert"]
        last = f"{at(article['seen'])}  {article['source']}: {article['title']}" if article else "none yet"
        yield (
            "article",
            f"{last}\n{stored['articles']} in all, {_screen.count(stored['matches'], 'match', 'matches')}",
        )
        waiting = _screen.count(stored["groups_waiting"], "group")
        yield "alert", f"{_alert(alert, at)}\n{stored['alerts']} in all, {waiting} waiting to be told"
        yield "deliveries", _deliveries(stored, at)
    if standing["drills"]:
        yield "drills", "\n".join(_drills(standing["drills"], config, at))
    if standing["silences"]:
        holds = "holds" if standing["silences"] == 1 else "hold"
        yield "silences", f"{_screen.count(standing['silences'], 'silence')} {holds}; which: rasid silence"
    if standing["verdicts"]:
        yield "verdicts", "\n".join(_verdict_lines(standing["verdicts"]))
    for what, reason in standing["off"].items():
        yield "off", f"{what}: {reason}"
    if standing["held"]:
        yield "not taken", "\n".join(_held(standing["held"], at, is_running=live is not None))
    yield "reload", _reload(live, at)
    yield "database", f"{standing['database']['path']}, {standing['database']['bytes'] / 1e6:.1f} MB"
    versions = standing["versions"]
    warning = "" if versions["sqlite_is_safe"] else " (older than 3.51.3: let no other program write the database)"
    yield "versions", f"rasid {versions['rasid']}, Python {versions['python']}, SQLite {versions['sqlite']}{warning}"


def _sources(standing: Row, at: Any) -> Iterator[str]:
    failing, late = standing["failing"], standing["late"]
    wrong = Counter(trouble for found in standing["troubles"].values() for trouble in found)
    more = [f"{wrong[trouble]} {trouble}" for trouble in ("silent", "moved", "gone") if wrong[trouble]]
    more += [f"{len(standing['paused'])} paused"] if standing["paused"] else []
    yield ", ".join([f"{standing['sources']} configured, {len(failing)} failing, {len(late)} late", *more])
    if (standing["daemon"] or {}).get("offline"):
        yield "most servers are out of reach: it seems that this machine is offline, and failures do not count"
    for row in failing[:MOST_LINES]:
        yield f"{row['id']}: {row['last_error']} ({row['failures']} in a row; fine last: {at(row['last_success'])})"
    for row in late[:MOST_LINES]:
        yield f"{row['source']}: nothing fetched since {at(row['since'])}"
    if (rest := max(len(failing) - MOST_LINES, 0) + max(len(late) - MOST_LINES, 0)) > 0:
        yield f"and {rest} more: rasid sources errors"


def _rule_lines(rules: Mapping[str, Any], *, is_running: bool) -> Iterator[str]:
    off = [rule for rule, reason in rules["inactive"].items() if reason == OFF]
    number = f"{rules['active']} active" if is_running else f"{rules['active']} active after a start"
    yield number + (f", {len(off)} off" if off else "")
    for rule, reason in rules["inactive"].items():
        if reason != OFF:
            yield f"{rule} is not active: {reason}"
    if rules.get("error"):
        yield "with these faults no daemon would start:"
        yield from rules["error"].splitlines()[:MOST_LINES]


def _verdict_lines(judged: Mapping[str, Row]) -> Iterator[str]:
    """What people said of each rule's alerts, the least precise first."""
    rows = sorted(judged.items(), key=lambda row: (row[1]["precision"], -row[1]["noise"], row[0]))
    for rule, row in rows[:MOST_LINES]:
        yield f"{rule}: {in_words(Judged(useful=row['useful'], noise=row['noise']))}"
    if len(rows) > MOST_LINES:
        yield f"and {len(rows) - MOST_LINES} more: rasid rules"


def _alert(alert: Row | None, at: Any) -> str:
    if alert is None:
        return "none yet"
    code = f"{alert['code']} " if alert["code"] else ""
    return f"{at(alert['created'])}  {code}to {alert['channel']}: {', '.join(alert['rules'])}"


def _deliveries(stored: Row, at: Any) -> str:
    states = stored["deliveries"]
    waiting = sum(states.get(state, 0) for state in ("pending", "leased", "held"))
    line = f"{states.get('sent', 0)} sent, {waiting} waiting, {states.get('parked', 0)} parked, "
    line += f"{states.get('dead', 0)} dead"
    if waiting:
        line += f"; the oldest waits since {at(stored['waiting_since'])}"
    return line + ("\nwhy: rasid deliveries" if any(states.get(state) for state in UNFINISHED) else "")


def _drills(drills: Mapping[str, Row], config: Config, at: Any) -> Iterator[str]:
    for channel, drill in drills.items():
        if drill["made"] is None:
            yield f"{channel}: none yet, daily at {config.drills[channel]:%H:%M}"
        elif drill["state"] == DeliveryState.SENT:
            yield f"{channel}: arrived {at(drill['arrived'])}"
        else:
            why = f" ({drill['reason']})" if drill["reason"] else ""
            yield (
                f"{channel}: that of {at(drill['made'])} has not arrived, {drill['state']}{why};"
                f" the last that did: {at(drill['arrived'])}"
            )


def _held(held: list[Row], at: Any, *, is_running: bool) -> Iterator[str]:
    """Files and rules whose newest text does not run: since when, what runs or would run, where it is faulty."""
    kept, nothing = ("the last good one runs", "nothing runs in its place")
    if not is_running:
        kept, nothing = ("a start would run the last good one", "a start would run nothing in its place")
    why = {"needed": "; what it no longer holds is still needed", "deleted": "; deleted, and still needed"}
    for row in held[:MOST_LINES]:
        since = f" since {at(row['since'])}" if row["since"] else ""
        good = f", good since {at(row['good_since'])}" if row["good_since"] else ""
        runs = f"{kept}{good}" if row["runs"] == "last good" else nothing
        yield f"{row['kind']} {row['about']}{since}: {runs}{why.get(row['why'], '')}"
        yield from (f"  {problem}" for problem in row["problems"][:MOST_PROBLEMS])
    if len(held) > MOST_LINES:
        yield f"and {len(held) - MOST_LINES} more: rasid status --json"


def _reload(live: Row | None, at: Any) -> str:
    if live is None:
        return "not running"
    outcome = live["reload"]
    if outcome is None:
        return "none since the start"
    if outcome["ok"]:
        return f"{at(outcome['at'])}  good: {'; '.join(outcome['lines'])}"
    return f"{at(outcome['at'])}  not all of it was taken, see above"
