"""The texts of rule files that are active, kept over restarts; and whose newest text is not, as was told."""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import TypeAlias

from monitor.store.rows import safe
from monitor.timing import from_epoch, to_epoch

Setbacks: TypeAlias = Mapping[tuple[str, str], datetime]
"""Since when the newest text is not active, by kind (configuration, folder, file, rule) and what it is about."""

Texts: TypeAlias = Mapping[str, tuple[bytes, datetime]]
"""Texts by absolute path, each with since when it is active."""


def texts(connection: sqlite3.Connection) -> Texts:
    """The kept texts. One that is damaged is left out."""
    found = {}
    for row in connection.execute("SELECT path, text, since FROM last_good ORDER BY path"):
        try:
            found[row["path"]] = (zlib.decompress(row["text"]), from_epoch(row["since"]))
        except zlib.error:
            continue
    return found


def keep(connection: sqlite3.Connection, texts: Mapping[str, bytes], now: datetime) -> None:
    """Keep these texts and no others; what is unchanged keeps its time."""
    known = {row["path"]: row["text"] for row in connection.execute("SELECT path, text FROM last_good")}
    packed = {safe(path): zlib.compress(text, 1) for path, text in texts.items()}
    connection.executemany("DELETE FROM last_good WHERE path = ?", [(path,) for path in known.keys() - packed.keys()])
    connection.executemany(
        "INSERT OR REPLACE INTO last_good (path, text, since) VALUES (?, ?, ?)",
        [(path, text, to_epoch(now)) for path, text in packed.items() if known.get(path) != text],
    )


def setbacks(connection: sqlite3.Connection) -> Setbacks:
    """What the operator was told and is still so."""
    rows = connection.execute("SELECT kind, about, since FROM setback")
    return {(row["kind"], row["about"]): from_epoch(row["since"]) for row in rows}


def save_setbacks(connection: sqlite3.Connection, begun: Setbacks, over: Collection[tuple[str, str]]) -> None:
    """Remember what begins, forget what is over."""
    connection.executemany(
        "INSERT OR REPLACE INTO setback (kind, about, since) VALUES (?, ?, ?)",
        [(kind, safe(about), to_epoch(since)) for (kind, about), since in begun.items()],
    )
    connection.executemany(
        "DELETE FROM setback WHERE kind = ? AND about = ?", [(kind, safe(about)) for kind, about in over]
    )
