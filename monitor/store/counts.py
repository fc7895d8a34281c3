"""What conditions on volume count: matches under a rule and a group key, for as long as a window reaches them."""

# ruff: noqa: S608 - what is joined into SQL here are constants of this package, never values

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from monitor.alerting.conditions import Tally, Window
from monitor.model import Counted
from monitor.store.groups import match_number
from monitor.store.rows import MATCH_COLUMNS, ids, match_from, safe
from monitor.timing import from_epoch, to_epoch


def save(connection: sqlite3.Connection, counted: Iterable[Counted], now: datetime) -> None:
    """Count matches, or note that they are no longer held back; forget what no window reaches."""
    connection.execute("DELETE FROM counted WHERE until < ?", (to_epoch(now),))
    connection.executemany(
        "INSERT INTO counted (rule, group_key, at, match, publisher, wire, is_held, until) VALUES"
        " (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET is_held = excluded.is_held",
        [
            (
                row.match.rule,
                safe(row.key),
                to_epoch(row.at),
                match_number(connection, row.match.rule, row.match.article_id, row.match.version),
                safe(row.publisher),
                safe(row.wire),
                int(row.is_held),
                to_epoch(row.until),
            )
            for row in counted
        ],
    )


def tally(
    connection: sqlite3.Connection,
    keys: Mapping[str, Collection[str]],
    windows: Mapping[str, Sequence[Window]],
    activated: Mapping[str, datetime],
    turned: Collection[tuple[str, str, int]] = (),
) -> Tally:
    """What is counted within the windows of each rule under its keys; matches that no longer hold are left out.

    Of the matches `turned` (rule, article id, version) the opposite of what is stored is true by now.
    """
    found = Tally(activated=activated)
    others = ids(match_number(connection, *name) for name in turned)
    holds = "(m.lost = 0) <> (m.number IN (SELECT value FROM json_each(?)))"
    for rule, ranges in windows.items():
        within = " OR ".join("c.at > ? AND c.at <= ?" for _ in ranges)
        bounds = [to_epoch(moment) for window in ranges for moment in (window.start, window.end)]
        for row in connection.execute(
            f"SELECT c.group_key, c.at, c.publisher, c.wire, c.is_held, c.until, {MATCH_COLUMNS} FROM counted c"
            " JOIN match m ON m.number = c.match JOIN article a ON a.number = m.article WHERE c.rule = ?"
            f" AND c.group_key IN (SELECT value FROM json_each(?)) AND {holds} AND ({within})"
            " ORDER BY c.at, c.match",
            (rule, ids(map(safe, keys[rule])), others, *bounds),
        ):
            found.of(rule, row["group_key"]).append(
                Counted(
                    key=row["group_key"],
                    match=match_from(row),
                    at=from_epoch(row["at"]),
                    publisher=row["publisher"],
                    wire=row["wire"],
                    is_held=bool(row["is_held"]),
                    until=from_epoch(row["until"]),
                )
            )
        for row in connection.execute(
            "SELECT e.value AS entity, max(c.at) AS last FROM counted c JOIN match m ON m.number = c.match,"
            f" json_each(m.entities) e WHERE c.rule = ? AND {holds} AND ({within})"
            " GROUP BY e.value",
            (rule, others, *bounds),
        ):
            found.seen(rule, (row["entity"],), from_epoch(row["last"]))
    return found
