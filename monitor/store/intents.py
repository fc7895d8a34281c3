"""The intents that commands may send to the holder of the database, by name.

An intent is JSON: {"do": "<name>", "at": <milliseconds>, ...}. Each is one transaction, and its result is JSON.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from sqlite3 import Connection
from typing import Any

from monitor.errors import StoreError
from monitor.model import Silence
from monitor.store import outbox, polling, retention, silences, verdicts
from monitor.timing import from_epoch

Run = Callable[[Callable[[Connection], Any]], Any]


def _replay(db: Connection, arguments: Mapping[str, Any], now: datetime) -> int:
    """{"deliveries": [ids], "also_sent": bool}: dead and parked ones are due again, if so wished those sent too."""
    deliveries = [str(delivery) for delivery in arguments["deliveries"]]
    return outbox.replay(db, deliveries, now, also_sent=bool(arguments.get("also_sent")))


def _prune(db: Connection, arguments: Mapping[str, Any], now: datetime) -> int:
    """{"kind": name, "rows": [[...]]}: a step of retention as `Store.next_step` found it."""
    return retention.take_step(
        db, retention.Step(str(arguments["kind"]), [list(row) for row in arguments["rows"]]), now
    )


def _silence(db: Connection, arguments: Mapping[str, Any], now: datetime) -> str:
    """{"id", "matchers": [[label, value]], "ends": milliseconds, "author", "reason"}: mute from now on."""
    silence = Silence(
        id=str(arguments["id"]),
        matchers=tuple((str(label), str(value)) for label, value in arguments["matchers"]),
        starts=now,
        ends=from_epoch(int(arguments["ends"])),
        author=str(arguments["author"]),
        reason=str(arguments["reason"]),
    )
    silences.save(db, silence)
    return silence.id


def _lift(db: Connection, arguments: Mapping[str, Any], now: datetime) -> bool:
    """{"id"}: end a silence now."""
    return silences.lift(db, str(arguments["id"]), now)


def _pause(db: Connection, arguments: Mapping[str, Any], now: datetime) -> int:
    """{"sources": [ids], "by": who and why}: poll them no more."""
    return polling.pause_by_hand(db, [str(source) for source in arguments["sources"]], str(arguments["by"]), now)


def _resume(db: Connection, arguments: Mapping[str, Any], now: datetime) -> int:
    """{"sources": [ids]}: poll them again."""
    return polling.resume(db, [str(source) for source in arguments["sources"]])


def _verdict(db: Connection, arguments: Mapping[str, Any], now: datetime) -> int:
    """{"alerts": [ids], "verdict": "useful" or "noise", "author", "note"}: what a person says of alerts."""
    alerts = [str(alert) for alert in arguments["alerts"]]
    author, note = str(arguments["author"]), str(arguments.get("note", ""))
    return verdicts.give(db, alerts, str(arguments["verdict"]), author, note, now)


INTENTS: Mapping[str, Callable[[Connection, Mapping[str, Any], datetime], Any]] = {
    "replay": _replay,
    "prune": _prune,
    "silence": _silence,
    "lift": _lift,
    "pause": _pause,
    "resume": _resume,
    "verdict": _verdict,
}


OF_A_DAEMON = ("reload", "status")
"""What only a daemon does. Others hold the database for a while: `run --once`, a restore."""


def perform(run: Run, intent: Mapping[str, Any]) -> Any:
    """Perform an intent with the writer's `run`. Raises StoreError for one that is unknown or incomplete."""
    name = intent.get("do")
    deed = INTENTS.get(name) if isinstance(name, str) else None
    if name in OF_A_DAEMON:
        raise StoreError("no daemon but a command such as `rasid run --once` is at work; try again when it has ended")
    if deed is None:
        raise StoreError(f"unknown intent {name!r}; known are {', '.join(sorted(INTENTS))}")
    try:
        now = from_epoch(int(intent["at"]))
        return run(lambda db: deed(db, intent, now))
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise StoreError(f"intent {name!r} lacks or garbles an argument: {error}") from error
