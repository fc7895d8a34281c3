"""Silences: who muted what, until when and why. They are kept after their end; lifting one ends it early."""

from __future__ import annotations

import json
import sqlite3
from datetime import datetime

from monitor.model import Silence
from monitor.store.rows import safe, to_json
from monitor.timing import from_epoch, to_epoch


def save(connection: sqlite3.Connection, silence: Silence) -> None:
    """Insert a silence."""
    connection.execute(
        "INSERT INTO silence (id, matchers, starts, ends, author, reason) VALUES (?, ?, ?, ?, ?, ?)",
        (
            silence.id,
            to_json(silence.matchers),
            to_epoch(silence.starts),
            to_epoch(silence.ends),
            safe(silence.author),
            safe(silence.reason),
        ),
    )


def lift(connection: sqlite3.Connection, silence_id: str, now: datetime) -> bool:
    """End a silence now. False when there is none of this id that still holds."""
    at = to_epoch(now)
    return (
        connection.execute("UPDATE silence SET ends = ? WHERE id = ? AND ends > ?", (at, silence_id, at)).rowcount > 0
    )


def silences(connection: sqlite3.Connection, now: datetime, *, also_ended: bool = False) -> tuple[Silence, ...]:
    """Silences that have not ended, the next to end first; with `also_ended` the 200 that end last."""
    rows = connection.execute(
        "SELECT * FROM silence WHERE ends > ? ORDER BY ends DESC, id LIMIT ?",
        (0 if also_ended else to_epoch(now), 200 if also_ended else -1),
    ).fetchall()
    return tuple(
        Silence(
            id=row["id"],
            matchers=tuple((label, value) for label, value in json.loads(row["matchers"])),
            starts=from_epoch(row["starts"]),
            ends=from_epoch(row["ends"]),
            author=row["author"],
            reason=row["reason"],
        )
        for row in reversed(rows)
    )
