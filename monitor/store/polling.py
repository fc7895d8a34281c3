"""The sources: how each stands after its polls, whom a server asked to leave alone, what the operator was told of.

What a poll changes is decided in `rhythm/`; here rows become states and states rows again.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from monitor.model import NOTHING, Failure, Fetched, Ingest, Pause, SourceState, Wishes
from monitor.rhythm.states import failed, succeeded
from monitor.rhythm.troubles import Trouble
from monitor.store.rows import epoch, ids, moment, opaque_json, safe
from monitor.timing import from_epoch, to_epoch

_TIMES = (
    "cursor_at",
    "first_parsed",
    "last_success",
    "last_article",
    "failing_since",
    "last_error_at",
    "not_before",
    "gone_since",
)
_COLUMNS = (*_TIMES, "cursor", "failures", "last_error", "moved_to", "wishes", "appeared", "haste")
_SAVE = (
    f"INSERT INTO source (id, {', '.join(_COLUMNS)}) VALUES (?, {', '.join('?' * len(_COLUMNS))})"  # noqa: S608
    f" ON CONFLICT (id) DO UPDATE SET {', '.join(f'{name} = excluded.{name}' for name in _COLUMNS)}"
)

_TOUCH = "UPDATE source SET cursor_at = ?, last_success = ? WHERE id = ? AND cursor_at = ? AND paused_at IS ?"

_NO_WISHES = Wishes()
_NO_WISHES_JSON = "{}"

Told = Mapping[str, Mapping[Trouble, datetime]]
"""By source what the operator was told of, and since when it is wrong."""


def source_states(connection: sqlite3.Connection, sources: Iterable[str] | None = None) -> dict[str, SourceState]:
    """The states of these sources, of all by default. One never fetched has an empty state, if it is asked for."""
    if sources is None:
        rows = connection.execute("SELECT * FROM source")
        return {row["id"]: _state(row) for row in rows}
    wanted = list(sources)
    rows = connection.execute("SELECT * FROM source WHERE id IN (SELECT value FROM json_each(?))", (ids(wanted),))
    found = {row["id"]: _state(row) for row in rows}
    return {source: found.get(source) or SourceState(id=source) for source in wanted}


def _state(row: sqlite3.Row) -> SourceState:
    return SourceState(
        id=row["id"],
        cursor=_cursor(row["cursor"]),
        failures=row["failures"],
        last_error=row["last_error"],
        moved_to=row["moved_to"],
        wishes=_wishes(row["wishes"]),
        appeared=tuple(map(from_epoch, json.loads(row["appeared"]))) if row["appeared"] != "[]" else (),
        haste=row["haste"],
        paused_at=moment(row["paused_at"]),
        paused_by=row["paused_by"],
        **{name: moment(row[name]) for name in _TIMES},
    )


def _cursor(text: str) -> Mapping[str, Any]:
    """The cursor of a column; a damaged one is as good as none: everything is fetched again."""
    try:
        values = json.loads(text)
    except ValueError:
        return {}
    return values if isinstance(values, dict) else {}


def _wishes(text: str) -> Wishes:
    if text == _NO_WISHES_JSON:
        return _NO_WISHES
    values = json.loads(text)
    return Wishes(
        ttl=_span(values.get("ttl")),
        fresh_for=_span(values.get("fresh_for")),
        skip_hours=tuple(values.get("skip_hours", ())),
        skip_days=tuple(values.get("skip_days", ())),
    )


def _span(seconds: float | None) -> timedelta | None:
    return None if seconds is None else timedelta(seconds=seconds)


def _wishes_json(wishes: Wishes) -> str:
    if wishes == _NO_WISHES:
        return _NO_WISHES_JSON
    values: dict[str, Any] = {
        "ttl": wishes.ttl and wishes.ttl.total_seconds(),
        "fresh_for": wishes.fresh_for and wishes.fresh_for.total_seconds(),
        "skip_hours": wishes.skip_hours,
        "skip_days": wishes.skip_days,
    }
    return json.dumps({name: value for name, value in values.items() if value}, separators=(",", ":"))


def _save(connection: sqlite3.Connection, states: Iterable[SourceState]) -> None:
    connection.executemany(
        _SAVE,
        [
            (
                state.id,
                *(epoch(getattr(state, name)) for name in _TIMES),
                opaque_json(state.cursor),
                state.failures,
                safe(state.last_error),
                safe(state.moved_to),
                _wishes_json(state.wishes),
                json.dumps([to_epoch(appeared) for appeared in state.appeared]),
                state.haste,
            )
            for state in states
        ],
    )


def save_ingested(connection: sqlite3.Connection, ingest: Ingest, now: datetime) -> None:
    """How the source of a bundle stands after it: its cursor, in the transaction of the articles it covers."""
    fetched = ingest.fetched
    new = [article for article in ingest.articles if article.version == 1]
    appeared = [article.published or article.seen or fetched.at for article in new]
    state = source_states(connection, [fetched.source])[fetched.source]
    _save(connection, [succeeded(state, fetched, now, appeared=appeared, is_gap=ingest.is_gap)])


def record(
    connection: sqlite3.Connection,
    outcomes: Sequence[Fetched | Failure],
    now: datetime,
    pauses: Iterable[Pause] = (),
    lifted: Iterable[str] = (),
    known: Mapping[str, SourceState] = NOTHING,
) -> dict[str, SourceState]:
    """Write what polls came to that brought nothing to ingest, with pauses that begin and end. Returns the states.

    `known` are states as they were read before: what changes nothing but the time of one costs no reading.
    """
    touched = _touch(connection, outcomes, now, known)
    rest = [outcome for outcome in outcomes if outcome.source not in touched]
    states = source_states(connection, dict.fromkeys(outcome.source for outcome in rest))
    for outcome in rest:
        state = states[outcome.source]
        after = failed(state, outcome) if isinstance(outcome, Failure) else succeeded(state, outcome, now)
        states[outcome.source] = after
    _save(connection, states.values())
    connection.executemany(
        "INSERT OR REPLACE INTO pause (scope, since, until, strikes, reason) VALUES (?, ?, ?, ?, ?)",
        [(p.scope, to_epoch(p.since), to_epoch(p.until), p.strikes, p.reason) for p in pauses],
    )
    connection.executemany("DELETE FROM pause WHERE scope = ?", [(scope,) for scope in lifted])
    return states | touched


def _touch(
    connection: sqlite3.Connection,
    outcomes: Iterable[Fetched | Failure],
    now: datetime,
    known: Mapping[str, SourceState],
) -> dict[str, SourceState]:
    """The states of sources of which nothing but the time changes, written down.

    Where one in the store is not as it is known, none is returned: what was written is true all the same.
    """
    after: dict[str, SourceState] = {}
    others: set[str] = set()
    for outcome in outcomes:
        state = known.get(outcome.source)
        if state is None or state.cursor_at is None or isinstance(outcome, Failure) or outcome.source in after:
            others.add(outcome.source)
            continue
        found = succeeded(state, outcome, now)
        if found == replace(state, cursor_at=found.cursor_at, last_success=found.last_success):
            after[outcome.source] = found
    touched = {source: state for source, state in after.items() if source not in others}
    rows = [
        (epoch(state.cursor_at), epoch(state.last_success), source, epoch(before.cursor_at), epoch(before.paused_at))
        for source, state in touched.items()
        for before in (known[source],)
    ]
    return touched if not rows or connection.executemany(_TOUCH, rows).rowcount == len(rows) else {}


def pauses(connection: sqlite3.Connection) -> dict[str, Pause]:
    """Every pause that a server asked for, by scope; also those whose time is over, since they count strikes."""
    return {
        row["scope"]: Pause(
            scope=row["scope"],
            since=from_epoch(row["since"]),
            until=from_epoch(row["until"]),
            strikes=row["strikes"],
            reason=row["reason"],
        )
        for row in connection.execute("SELECT * FROM pause ORDER BY scope")
    }


def pause_by_hand(connection: sqlite3.Connection, sources: Collection[str], by: str, now: datetime) -> int:
    """Poll these no more until somebody resumes them. Returns how many were not paused before."""
    done = connection.executemany(
        "INSERT INTO source (id, paused_at, paused_by) VALUES (?1, ?2, ?3) ON CONFLICT (id) DO UPDATE"
        " SET paused_at = excluded.paused_at, paused_by = excluded.paused_by WHERE paused_at IS NULL",
        [(source, to_epoch(now), safe(by)) for source in sources],
    )
    return done.rowcount


def resume(connection: sqlite3.Connection, sources: Collection[str]) -> int:
    """Poll these again: also what a server asked for is forgotten. Returns how many were paused by hand."""
    connection.executemany("DELETE FROM pause WHERE scope = ?", [(f"source:{source}",) for source in sources])
    done = connection.executemany(
        "UPDATE source SET paused_at = NULL, paused_by = '' WHERE id = ? AND paused_at IS NOT NULL",
        [(source,) for source in sources],
    )
    return done.rowcount


def troubles(connection: sqlite3.Connection) -> dict[str, dict[Trouble, datetime]]:
    """What the operator was told is wrong with each source."""
    found: dict[str, dict[Trouble, datetime]] = {}
    for row in connection.execute("SELECT * FROM trouble ORDER BY source, trouble"):
        found.setdefault(row["source"], {})[Trouble(row["trouble"])] = from_epoch(row["since"])
    return found


def save_troubles(connection: sqlite3.Connection, told: Told) -> None:
    """What is wrong with these sources now, in place of what was before."""
    connection.executemany("DELETE FROM trouble WHERE source = ?", [(source,) for source in told])
    connection.executemany(
        "INSERT INTO trouble (source, trouble, since) VALUES (?, ?, ?)",
        [(source, trouble.value, to_epoch(at)) for source, now in told.items() for trouble, at in now.items()],
    )
