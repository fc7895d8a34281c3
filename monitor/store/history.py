"""What `explain` asks: everything that happened to one article, and what stands behind a short code.

Answers "why was I told?" and "why not?" from dispositions and deliveries alone; judges nothing.
"""

# ruff: noqa: S608 - what is joined into SQL here are constants of this package, never values

from __future__ import annotations

import re
import sqlite3
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from monitor.model import Alert, Article, Delivery, Disposition, Group, Match
from monitor.store.groups import groups
from monitor.store.reads import resolve
from monitor.store.rows import (
    MATCH_COLUMNS,
    VERSION_COLUMNS,
    alert_from,
    article_from,
    delivery_from,
    ids,
    match_from,
    moment,
)
from monitor.timing import from_epoch


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenTimes:
    """A file of a drop folder that held the article: first and last time its bytes were taken, and how often."""

    source: str
    name: str
    sha256: str
    first_taken: datetime
    last_taken: datetime
    times: int
    reason: str
    articles: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertHistory:
    """An alert and its deliveries; `receipts` by delivery id. `together` are the deliveries that a digest tells."""

    alert: Alert
    deliveries: tuple[Delivery, ...]
    receipts: tuple[tuple[str, str], ...]
    together: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertAlone:
    """One alert by itself: its headline, and of a digest the alerts that it tells with a headline each."""

    history: AlertHistory
    headline: str
    members: tuple[tuple[AlertHistory, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StateHistory:
    """What became of a match on one channel, with its group's code and, when told, the alert."""

    channel: str
    disposition: Disposition
    reason: str
    at: datetime
    group_key: str
    code: str
    alert: AlertHistory | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchHistory:
    """A match, the version that no longer holds it (0: it holds), its states, and every alert that named it."""

    match: Match
    matched: datetime
    lost: int
    states: tuple[StateHistory, ...]
    alerts: tuple[AlertHistory, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """All that is known of one article. `versions` are those kept, oldest first; empty once pruned."""

    article_id: str
    source: str
    first_seen: datetime
    changed: datetime
    pruned: datetime | None
    source_first_parsed: datetime | None
    aliases: tuple[str, ...]
    story_id: str
    story_reason: str
    story_articles: tuple[str, ...]
    versions: tuple[Article, ...]
    matches: tuple[MatchHistory, ...]
    files: tuple[TakenTimes, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeHistory:
    """What a short code stands for: its group key, the groups on all channels, and their alerts, oldest first."""

    code: str
    group_key: str
    groups: tuple[Group, ...]
    alerts: tuple[AlertHistory, ...]


def history(connection: sqlite3.Connection, article_id: str) -> History | None:
    """The history of an article by id, alias or unique beginning of an id."""
    number = resolve(connection, article_id)
    if number is None:
        return None
    row = connection.execute(
        "SELECT a.*, s.first_parsed FROM article a LEFT JOIN source s ON s.id = a.source WHERE number = ?", (number,)
    ).fetchone()
    versions = connection.execute(
        f"SELECT {VERSION_COLUMNS} FROM version v WHERE v.article = ? ORDER BY v.version", (number,)
    ).fetchall()
    aliases = connection.execute("SELECT id FROM alias WHERE article = ? ORDER BY seen, id", (number,)).fetchall()
    others = connection.execute(
        "SELECT id FROM article WHERE story = ? AND number <> ? ORDER BY number", (row["story"], number)
    ).fetchall()
    return History(
        article_id=row["id"],
        source=row["source"],
        first_seen=from_epoch(row["first_seen"]),
        changed=from_epoch(row["changed"]),
        pruned=moment(row["pruned"]),
        source_first_parsed=moment(row["first_parsed"]),
        aliases=tuple(alias["id"] for alias in aliases),
        story_id=row["story"] or "",
        story_reason=row["story_reason"],
        story_articles=tuple(other["id"] for other in others),
        versions=tuple(article_from(version, row["id"], row["source"]) for version in versions),
        matches=_matches(connection, number),
        files=_files(connection, "f.number IN (SELECT file FROM file_article WHERE article = ?)", number),
    )


def _matches(connection: sqlite3.Connection, article_number: int) -> tuple[MatchHistory, ...]:
    rows = connection.execute(
        f"SELECT {MATCH_COLUMNS}, m.created, m.lost FROM match m JOIN article a ON a.number = m.article"
        " WHERE m.article = ? ORDER BY m.number",
        (article_number,),
    ).fetchall()
    states = connection.execute(
        "SELECT d.*, coalesce(c.code, '') AS code FROM disposition d LEFT JOIN code c ON c.group_key = d.group_key"
        " WHERE d.match IN (SELECT value FROM json_each(?)) ORDER BY d.match, d.channel",
        (ids(row["number"] for row in rows),),
    ).fetchall()
    told = connection.execute(
        "SELECT match, alert FROM alert_match WHERE match IN (SELECT value FROM json_each(?))",
        (ids(row["number"] for row in rows),),
    ).fetchall()
    alerts = alert_histories(
        connection,
        {state["alert"] for state in states if state["alert"]} | {row["alert"] for row in told},
    )
    by_match: defaultdict[int, list[StateHistory]] = defaultdict(list)
    for state in states:
        by_match[state["match"]].append(
            StateHistory(
                channel=state["channel"],
                disposition=Disposition(state["disposition"]),
                reason=state["reason"],
                at=from_epoch(state["at"]),
                group_key=state["group_key"],
                code=state["code"],
                alert=alerts.get(state["alert"]),
            )
        )
    return tuple(
        MatchHistory(
            match=match_from(row),
            matched=from_epoch(row["created"]),
            lost=row["lost"],
            states=tuple(by_match[row["number"]]),
            alerts=tuple(
                alert
                for alert_id, alert in alerts.items()
                if any(pair["match"] == row["number"] and pair["alert"] == alert_id for pair in told)
            ),
        )
        for row in rows
    )


def alert_histories(connection: sqlite3.Connection, alert_ids: set[str]) -> dict[str, AlertHistory]:
    """Alerts with their matches and deliveries, by id, oldest first."""
    wanted = ids(alert_ids)
    matches: defaultdict[str, list[Match]] = defaultdict(list)
    for row in connection.execute(
        f"SELECT t.alert, {MATCH_COLUMNS} FROM alert_match t JOIN match m ON m.number = t.match"
        " JOIN article a ON a.number = m.article WHERE t.alert IN (SELECT value FROM json_each(?))"
        " ORDER BY t.alert, t.position",
        (wanted,),
    ):
        matches[row["alert"]].append(match_from(row))
    deliveries: defaultdict[str, list[sqlite3.Row]] = defaultdict(list)
    for row in connection.execute(
        "SELECT * FROM delivery WHERE alert IN (SELECT value FROM json_each(?)) ORDER BY recipient", (wanted,)
    ):
        deliveries[row["alert"]].append(row)
    return {
        row["id"]: AlertHistory(
            alert=alert_from(row, tuple(matches[row["id"]])),
            deliveries=tuple(delivery_from(delivery) for delivery in deliveries[row["id"]]),
            receipts=tuple((delivery["id"], delivery["receipt"]) for delivery in deliveries[row["id"]]),
            together=frozenset(delivery["id"] for delivery in deliveries[row["id"]] if delivery["digest"]),
        )
        for row in connection.execute(
            "SELECT * FROM alert WHERE id IN (SELECT value FROM json_each(?)) ORDER BY created, id", (wanted,)
        )
    }


_AN_ID = re.compile(r"[nd][0-9a-f]{3,20}")


def by_alert(connection: sqlite3.Connection, name: str) -> AlertAlone | None:
    """An alert by its id, by that of one of its deliveries, or by a unique beginning of either."""
    if not _AN_ID.fullmatch(name):
        return None
    table, column = ("alert", "id") if name[0] == "n" else ("delivery", "alert")
    found = connection.execute(f"SELECT DISTINCT {column} FROM {table} WHERE id GLOB ? LIMIT 2", (f"{name}*",))
    wanted = [row[0] for row in found]
    if len(wanted) != 1:
        return None
    members = connection.execute(
        "SELECT DISTINCT alert FROM delivery WHERE digest IN (SELECT id FROM delivery WHERE alert = ?)", wanted
    )
    told = {row["alert"] for row in members}
    histories = alert_histories(connection, {*wanted, *told})
    headlines = {id: _headline(connection, id) for id in histories}
    return AlertAlone(
        history=histories[wanted[0]],
        headline=headlines[wanted[0]],
        members=tuple((history, headlines[id]) for id, history in histories.items() if id in told),
    )


def _headline(connection: sqlite3.Connection, alert: str) -> str:
    query = "SELECT json_extract(content, '$.articles[0].title') FROM alert WHERE id = ?"
    return str(connection.execute(query, (alert,)).fetchone()[0] or "")


def by_code(connection: sqlite3.Connection, code: str) -> CodeHistory | None:
    """What a code stands for, in capitals or not; of a code that was given twice, the later meaning."""
    code = code.upper()
    row = connection.execute("SELECT group_key FROM code WHERE code = ?", (code,)).fetchone()
    if row is None:
        return None
    key = row["group_key"]
    channels = connection.execute("SELECT channel FROM alert_group WHERE key = ? ORDER BY channel", (key,)).fetchall()
    alerts = connection.execute("SELECT id FROM alert WHERE group_key = ? AND code = ?", (key, code)).fetchall()
    return CodeHistory(
        code=code,
        group_key=key,
        groups=tuple(groups(connection, channel["channel"], [key])[key] for channel in channels),
        alerts=tuple(alert_histories(connection, {alert["id"] for alert in alerts}).values()),
    )


def files_with(connection: sqlite3.Connection, sha256: str) -> tuple[TakenTimes, ...]:
    """Files of any folder that had these bytes."""
    return _files(connection, "f.sha256 = ?", sha256.lower())


def _files(connection: sqlite3.Connection, condition: str, value: str | int) -> tuple[TakenTimes, ...]:
    rows = connection.execute(f"SELECT f.* FROM file f WHERE {condition} ORDER BY f.first_taken, f.number", (value,))
    return tuple(
        TakenTimes(
            source=row["source"],
            name=row["name"],
            sha256=row["sha256"],
            first_taken=from_epoch(row["first_taken"]),
            last_taken=from_epoch(row["last_taken"]),
            times=row["times"],
            reason=row["reason"],
            articles=tuple(
                held["id"]
                for held in connection.execute(
                    "SELECT a.id FROM file_article h JOIN article a ON a.number = h.article WHERE h.file = ?"
                    " ORDER BY a.number",
                    (row["number"],),
                )
            ),
        )
        for row in rows.fetchall()
    )
