"""Short codes of groups: 4 characters that people can say, type and not mistake for one another.

A group key keeps its code; a code unused for 90 days may go to another key. Codes are proposed without writing
and become lasting with the group that uses them.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import datetime, timedelta
from hashlib import sha256
from itertools import count

from monitor.timing import to_epoch

ALPHABET = "234679ACDEFGHJKMNPQRTVWXY"
"""No 0/O, 1/I/L, 5/S, 8/B or 2/Z pairs."""

LIFETIME = timedelta(days=90)
_TRIES = 64


def proposals(group_key: str) -> Iterator[str]:
    """Codes for a key in a fixed order; longer ones only after many of 4 characters were taken."""
    for attempt in count():
        number = int.from_bytes(sha256(f"{attempt}\0{group_key}".encode("utf-8", "replace")).digest())
        code = ""
        for _ in range(4 + attempt // _TRIES):
            number, digit = divmod(number, len(ALPHABET))
            code += ALPHABET[digit]
        yield code


def free_code(connection: sqlite3.Connection, group_key: str, taken: dict[str, str], now: datetime) -> str:
    """The key's own code, or the first proposal neither stored in the last 90 days nor in `taken` (code -> key)."""
    row = connection.execute("SELECT code FROM code WHERE group_key = ?", (group_key,)).fetchone()
    if row is not None:
        return str(row["code"])
    return next(code for code in proposals(group_key) if _is_free(connection, code, group_key, taken, now))


def _is_free(connection: sqlite3.Connection, code: str, group_key: str, taken: dict[str, str], now: datetime) -> bool:
    if taken.get(code, group_key) != group_key:
        return False
    used = connection.execute("SELECT used FROM code WHERE code = ?", (code,)).fetchone()
    return used is None or used["used"] < to_epoch(now - LIFETIME)


def keep_code(connection: sqlite3.Connection, code: str, group_key: str, now: datetime) -> None:
    """Store that the key uses the code now."""
    connection.execute("DELETE FROM code WHERE group_key = ? AND code <> ?", (group_key, code))
    connection.execute(
        "INSERT INTO code (code, group_key, used) VALUES (?, ?, ?)"
        " ON CONFLICT (code) DO UPDATE SET group_key = excluded.group_key, used = excluded.used",
        (code, group_key, to_epoch(now)),
    )
