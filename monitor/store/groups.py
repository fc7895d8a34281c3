"""Writing and reading groups with their pending members, and dispositions: shared by ingest and telling.

What a group's `pending` holds is what the store keeps, exactly and in that order.
"""

# ruff: noqa: S608 - what is joined into SQL here are constants of this package, never values

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from monitor.errors import StoreConflict
from monitor.model import Group, GroupState, Match, MatchState
from monitor.store.codes import keep_code
from monitor.store.rows import MATCH_COLUMNS, epoch, group_from, ids, match_from, safe, to_json
from monitor.timing import to_epoch


def match_number(connection: sqlite3.Connection, rule: str, article_id: str, version: int) -> int:
    """The row of a match. Raises StoreConflict when it was never committed."""
    row = connection.execute(
        "SELECT m.number FROM match m JOIN article a ON a.number = m.article"
        " WHERE a.id = ? AND m.version = ? AND m.rule = ?",
        (article_id, version, rule),
    ).fetchone()
    if row is None:
        raise StoreConflict(f"there is no match of rule {rule!r} on version {version} of article {article_id!r}")
    return int(row["number"])


def save_states(connection: sqlite3.Connection, states: Iterable[MatchState], now: datetime) -> None:
    """Set what became of matches on channels: one row for each match and channel, the last one holds."""
    at = to_epoch(now)
    connection.executemany(
        "INSERT INTO disposition (match, channel, disposition, reason, group_key, alert, at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (match, channel) DO UPDATE SET disposition = excluded.disposition,"
        " reason = excluded.reason, group_key = excluded.group_key, alert = excluded.alert, at = excluded.at",
        [
            (
                match_number(connection, state.rule, state.article_id, state.version),
                state.channel,
                state.disposition.value,
                safe(state.reason),
                safe(state.group_key),
                state.alert_id or None,
                at,
            )
            for state in states
        ],
    )


def save_groups(connection: sqlite3.Connection, groups: Iterable[Group], now: datetime) -> None:
    """Write groups, their codes and their pending members."""
    for group in groups:
        keep_code(connection, group.code, safe(group.key), now)
        number = connection.execute(
            "INSERT INTO alert_group (channel, key, code, state, opened, last_member, last_told, quiet_until, due,"
            " sequence, told_severity, raised, escalated, told_publishers, new_publishers)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (channel, key) DO UPDATE SET"
            " code = excluded.code, state = excluded.state, opened = excluded.opened,"
            " last_member = excluded.last_member, last_told = excluded.last_told,"
            " quiet_until = excluded.quiet_until, due = excluded.due, sequence = excluded.sequence,"
            " told_severity = excluded.told_severity, raised = excluded.raised, escalated = excluded.escalated,"
            " told_publishers = excluded.told_publishers, new_publishers = excluded.new_publishers"
            " RETURNING number",
            (
                group.channel,
                safe(group.key),
                group.code,
                group.state.value,
                to_epoch(group.opened),
                to_epoch(group.last_member),
                epoch(group.last_told),
                epoch(group.quiet_until),
                epoch(group.due),
                group.sequence,
                None if group.told_severity is None else int(group.told_severity),
                None if group.raised is None else int(group.raised),
                to_json(group.escalated),
                to_json(sorted(group.told_publishers)),
                to_json(sorted(group.new_publishers)),
            ),
        ).fetchone()[0]
        _save_pending(connection, number, group.pending)
        _save_corrections(connection, number, group.corrections)


def _save_pending(connection: sqlite3.Connection, group: int, pending: Sequence[Match]) -> None:
    """Most changes only append: what is unchanged at the beginning stays, so that a large group costs little."""
    stored = connection.execute(
        "SELECT m.rule, a.id, m.version FROM pending p JOIN match m ON m.number = p.match"
        " JOIN article a ON a.number = m.article WHERE p.alert_group = ? ORDER BY p.position",
        (group,),
    )
    same = 0
    for row, match in zip(stored, pending, strict=False):
        if tuple(row) != (match.rule, match.article_id, match.version):
            break
        same += 1
    connection.execute("DELETE FROM pending WHERE alert_group = ? AND position >= ?", (group, same))
    connection.executemany(
        "INSERT INTO pending (alert_group, position, match) VALUES (?, ?, ?)",
        [
            (group, position, match_number(connection, match.rule, match.article_id, match.version))
            for position, match in enumerate(pending[same:], same)
        ],
    )


def _save_corrections(connection: sqlite3.Connection, group: int, corrections: Sequence[Match]) -> None:
    connection.execute("DELETE FROM correction WHERE alert_group = ?", (group,))
    connection.executemany(
        "INSERT INTO correction (alert_group, match) VALUES (?, ?)",
        [(group, match_number(connection, match.rule, match.article_id, match.version)) for match in corrections],
    )


def groups(connection: sqlite3.Connection, channel: str, keys: Collection[str]) -> Mapping[str, Group]:
    """The groups of a channel by key, closed ones too; keys without a group are left out."""
    rows = connection.execute(
        "SELECT * FROM alert_group WHERE channel = ? AND key IN (SELECT value FROM json_each(?))",
        (channel, ids(map(safe, keys))),
    ).fetchall()
    return {group.key: group for group in _with_members(connection, rows)}


def due_groups(connection: sqlite3.Connection, now: datetime, limit: int) -> tuple[Group, ...]:
    """Groups to be told now, the longest due first."""
    rows = connection.execute(
        "SELECT * FROM alert_group WHERE due IS NOT NULL AND due <= ? ORDER BY due, number LIMIT ?",
        (to_epoch(now), limit),
    ).fetchall()
    return _with_members(connection, rows)


def pending_groups(connection: sqlite3.Connection, limit: int) -> tuple[Group, ...]:
    """Groups with something to tell, due or not, for `run --once`."""
    rows = connection.execute(
        "SELECT * FROM alert_group WHERE due IS NOT NULL ORDER BY due, number LIMIT ?", (limit,)
    ).fetchall()
    return _with_members(connection, rows)


def idle_groups(connection: sqlite3.Connection, before: datetime, now: datetime, limit: int) -> tuple[Group, ...]:
    """Groups not closed, with nothing pending and quiet no more, whose last member came before a moment."""
    rows = connection.execute(
        "SELECT * FROM alert_group WHERE state <> ? AND due IS NULL AND last_member < ?"
        " AND coalesce(quiet_until, 0) <= ? ORDER BY last_member LIMIT ?",
        (GroupState.CLOSED.value, to_epoch(before), to_epoch(now), limit),
    ).fetchall()
    return _with_members(connection, rows)


def groups_holding(connection: sqlite3.Connection, article_id: str) -> tuple[Group, ...]:
    """Groups in which a match on an article is pending, or is to be corrected."""
    rows = connection.execute(
        "SELECT * FROM alert_group WHERE number IN (SELECT p.alert_group FROM"
        " (SELECT alert_group, match FROM pending UNION ALL SELECT alert_group, match FROM correction) p"
        " JOIN match m ON m.number = p.match JOIN article a ON a.number = m.article WHERE a.id = ?) ORDER BY number",
        (article_id,),
    ).fetchall()
    return _with_members(connection, rows)


def _with_members(connection: sqlite3.Connection, rows: Sequence[sqlite3.Row]) -> tuple[Group, ...]:
    numbers = ids(row["number"] for row in rows)
    pending = _members(connection, "pending", "p.position", numbers)
    corrections = _members(connection, "correction", "p.match", numbers)
    return tuple(group_from(row, tuple(pending[row["number"]]), tuple(corrections[row["number"]])) for row in rows)


def _members(connection: sqlite3.Connection, table: str, order: str, numbers: str) -> defaultdict[int, list[Match]]:
    members: defaultdict[int, list[Match]] = defaultdict(list)
    for row in connection.execute(
        f"SELECT p.alert_group, {MATCH_COLUMNS} FROM {table} p JOIN match m ON m.number = p.match"
        " JOIN article a ON a.number = m.article WHERE p.alert_group IN (SELECT value FROM json_each(?))"
        f" ORDER BY p.alert_group, {order}",
        (numbers,),
    ):
        members[row["alert_group"]].append(match_from(row))
    return members
