"""What the flows ask before they decide: what is known of a document, which stories, groups and states there are."""

# ruff: noqa: S608 - what is joined into SQL here are constants of this package, never values

from __future__ import annotations

import sqlite3
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from monitor.errors import StoreError
from monitor.model import Article, Match, MatchState
from monitor.model import Disposition as Fate
from monitor.store.rows import (
    MATCH_COLUMNS,
    VERSION_COLUMNS,
    article_from,
    ids,
    match_from,
    moment,
    safe,
    to_json,
)
from monitor.stories.identity import KnownArticle, KnownArticles, title_key
from monitor.text.addresses import canonical_url
from monitor.timing import from_epoch, to_epoch


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredMatch:
    """A match as the store holds it: the version that lost it (0: it holds), and its states on all channels."""

    match: Match
    lost: int
    states: tuple[MatchState, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Accounts:
    """The promise that nothing vanishes, in numbers: `dispositions` must sum to `expected`.

    `expected` counts for each match the channels it went to, at least one.
    """

    matches: int
    expected: int
    dispositions: Mapping[Fate, int]


def has_fetch(connection: sqlite3.Connection, source: str, key: str, at: datetime) -> bool:
    """Whether this very fetch was committed before."""
    row = connection.execute(
        "SELECT 1 FROM fetch WHERE source = ? AND at = ? AND key = ?", (source, to_epoch(at), safe(key))
    ).fetchone()
    return row is not None


_KNOWN = (
    "a.id, a.version, a.pruned, a.url_key, a.title_key, v.title, v.text, v.url, v.published, a.changed FROM article a"
    " LEFT JOIN version v ON v.article = a.number AND v.version = a.version"
)


def known(
    connection: sqlite3.Connection, source: str, articles: Sequence[Article], present: Collection[str] = ()
) -> KnownArticles:
    """What identity needs about the items of one document: their ids, and for unknown ones their look-alikes.

    `present` are ids of items of the document that need no decision.
    """
    wanted = ids({article.id for article in articles} | set(present))
    aliases = connection.execute(
        f"SELECT alias.id AS asked, {_KNOWN} JOIN alias ON alias.article = a.number"
        " WHERE alias.id IN (SELECT value FROM json_each(?))",
        (wanted,),
    )
    found = {row["asked"]: _known(row) for row in aliases}
    found |= {row["id"]: _known(row) for row in _select(connection, "a.id", wanted)}
    strangers = [article for article in articles if article.id not in found]
    urls = {url for article in strangers if (url := safe(canonical_url(article.url)))}
    by_url: defaultdict[str, list[KnownArticle]] = defaultdict(list)
    for row in _select(connection, "a.url_key <> '' AND a.source = ? AND a.url_key", source, ids(urls)):
        by_url[row["url_key"]].append(_known(row))
    titles = {title_key(safe(article.title)) for article in strangers if article.published is not None}
    dates = ids({to_epoch(article.published) for article in strangers if article.published is not None})
    by_title: defaultdict[tuple[str, datetime], list[KnownArticle]] = defaultdict(list)
    for row in _select(
        connection,
        "a.published IN (SELECT value FROM json_each(?)) AND a.source = ? AND a.title_key",
        dates,
        source,
        ids(titles),
    ):
        if row["published"] is not None:
            by_title[row["title_key"], from_epoch(row["published"])].append(_known(row))
    return KnownArticles(
        ids=found,
        by_url={url: tuple(articles) for url, articles in by_url.items()},
        by_title={key: tuple(articles) for key, articles in by_title.items()},
    )


def _select(connection: sqlite3.Connection, condition: str, *parameters: str) -> sqlite3.Cursor:
    return connection.execute(
        f"SELECT {_KNOWN} WHERE {condition} IN (SELECT value FROM json_each(?)) ORDER BY a.number", parameters
    )


def _known(row: sqlite3.Row) -> KnownArticle:
    return KnownArticle(
        id=row["id"],
        version=row["version"],
        title=row["title"] or "",
        text=row["text"] or "",
        url=row["url"] or "",
        published=moment(row["published"]),
        seen=from_epoch(row["changed"]),
        is_pruned=row["pruned"] is not None,
    )


def resolve(connection: sqlite3.Connection, article_id: str) -> int | None:
    """The row of an article by its id, an alias, or the unique beginning of its id (at least 4 characters)."""
    row = connection.execute(
        "SELECT number FROM article WHERE id = ?1 UNION SELECT article FROM alias WHERE id = ?1", (article_id,)
    ).fetchone()
    if row is not None:
        return int(row["number"])
    if len(article_id) < 4:
        return None
    rows = connection.execute(
        "SELECT number, id FROM article WHERE id >= ? AND id < ? LIMIT 3", (article_id, article_id + "\U0010ffff")
    ).fetchall()
    if len(rows) > 1:
        shown = ", ".join(row["id"] for row in rows[:2])
        raise StoreError(f"several articles begin with {article_id!r} ({shown}, ...); write more of the id")
    return int(rows[0]["number"]) if rows else None


def article(connection: sqlite3.Connection, article_id: str, version: int | None = None) -> Article | None:
    """An article in its current or the given version; a version no longer kept is answered by the next kept one."""
    number = resolve(connection, article_id)
    row = connection.execute(
        f"SELECT a.id, a.source, {VERSION_COLUMNS} FROM article a JOIN version v ON v.article = a.number"
        " WHERE a.number = ? AND v.version >= coalesce(?, a.version) ORDER BY v.version LIMIT 1",
        (number, version),
    ).fetchone()
    return None if row is None else article_from(row, row["id"], row["source"])


def versions(
    connection: sqlite3.Connection, wanted: Collection[tuple[str, int]]
) -> Mapping[tuple[str, int], Article]:
    """Articles by id and version, as `article` answers for each; those that are not there are left out."""
    rows = connection.execute(
        f"SELECT a.id, a.source, w.version AS wanted, {VERSION_COLUMNS}"
        " FROM (SELECT json_extract(value, '$[0]') AS id, json_extract(value, '$[1]') AS version FROM json_each(?)) w"
        " JOIN article a ON a.id = w.id JOIN version v ON v.article = a.number AND v.version ="
        " (SELECT min(x.version) FROM version x WHERE x.article = a.number AND x.version >= w.version)",
        (to_json(list(wanted)),),
    )
    return {(row["id"], row["wanted"]): article_from(row, row["id"], row["source"]) for row in rows}


def sample(connection: sqlite3.Connection, most: int) -> tuple[int, tuple[Article, ...]]:
    """How many articles have kept their text, and at most `most` of them, spread evenly over the archive."""
    (total,) = connection.execute("SELECT count(*) FROM article WHERE pruned IS NULL").fetchone()
    rows = connection.execute(
        f"SELECT a.id, a.source, {VERSION_COLUMNS} FROM article a"
        " JOIN version v ON v.article = a.number AND v.version = a.version"
        " WHERE a.pruned IS NULL AND a.number % ? = 0 LIMIT ?",
        (-(-total // most) or 1, most),
    )
    return total, tuple(article_from(row, row["id"], row["source"]) for row in rows)


def recent(connection: sqlite3.Connection, since: datetime, most: int) -> tuple[int, tuple[Article, ...]]:
    """How many articles came or changed since a moment, and at most `most` of them, spread evenly."""
    (total,) = connection.execute(
        "SELECT count(*) FROM article WHERE pruned IS NULL AND changed >= ?", (to_epoch(since),)
    ).fetchone()
    rows = connection.execute(
        f"SELECT a.id, a.source, {VERSION_COLUMNS} FROM article a"
        " JOIN version v ON v.article = a.number AND v.version = a.version"
        " WHERE a.pruned IS NULL AND a.changed >= ? AND a.number % ? = 0 ORDER BY a.number LIMIT ?",
        (to_epoch(since), -(-total // most) or 1, most),
    )
    return total, tuple(article_from(row, row["id"], row["source"]) for row in rows)


def stored_matches(
    connection: sqlite3.Connection, article_ids: Collection[str]
) -> Mapping[str, tuple[StoredMatch, ...]]:
    """All matches of articles, oldest first, with their states."""
    wanted = ids(article_ids)
    states: defaultdict[int, list[MatchState]] = defaultdict(list)
    for row in connection.execute(
        "SELECT d.*, m.rule, m.version, a.id AS article FROM disposition d JOIN match m ON m.number = d.match"
        " JOIN article a ON a.number = m.article WHERE a.id IN (SELECT value FROM json_each(?)) ORDER BY d.channel",
        (wanted,),
    ):
        states[row["match"]].append(_state(row))
    found: defaultdict[str, list[StoredMatch]] = defaultdict(list)
    for row in connection.execute(
        f"SELECT {MATCH_COLUMNS}, m.lost FROM match m JOIN article a ON a.number = m.article"
        " WHERE a.id IN (SELECT value FROM json_each(?)) ORDER BY m.number",
        (wanted,),
    ):
        found[row["article"]].append(
            StoredMatch(match=match_from(row), lost=row["lost"], states=tuple(states[row["number"]]))
        )
    return {article_id: tuple(matches) for article_id, matches in found.items()}


def _state(row: sqlite3.Row) -> MatchState:
    return MatchState(
        rule=row["rule"],
        article_id=row["article"],
        version=row["version"],
        channel=row["channel"],
        disposition=Fate(row["disposition"]),
        reason=row["reason"],
        group_key=row["group_key"],
        alert_id=row["alert"] or "",
    )


def match_states(connection: sqlite3.Connection, matches: Iterable[Match], channel: str) -> tuple[MatchState, ...]:
    """The states of matches on one channel, in the order of the matches; those without one are left out."""
    found = []
    for match in matches:
        row = connection.execute(
            "SELECT d.*, m.rule, m.version, a.id AS article FROM match m JOIN article a ON a.number = m.article"
            " JOIN disposition d ON d.match = m.number"
            " WHERE a.id = ? AND m.version = ? AND m.rule = ? AND d.channel = ?",
            (match.article_id, match.version, match.rule, channel),
        ).fetchone()
        if row is not None:
            found.append(_state(row))
    return tuple(found)


def first_seen(connection: sqlite3.Connection, article_ids: Collection[str]) -> Mapping[str, datetime]:
    """When each known article was first seen."""
    rows = connection.execute(
        "SELECT id, first_seen FROM article WHERE id IN (SELECT value FROM json_each(?))", (ids(article_ids),)
    )
    return {row["id"]: from_epoch(row["first_seen"]) for row in rows}


def rule_activated(connection: sqlite3.Connection, rules: Collection[str]) -> Mapping[str, datetime]:
    """Since when each rule is active in its present form; rules never activated are left out."""
    rows = connection.execute(
        "SELECT rule, activated FROM rule_state WHERE is_active AND rule IN (SELECT value FROM json_each(?))",
        (ids(rules),),
    )
    return {row["rule"]: from_epoch(row["activated"]) for row in rows}


def rules_known(connection: sqlite3.Connection) -> frozenset[str]:
    """Every rule that was ever active."""
    return frozenset(row["rule"] for row in connection.execute("SELECT rule FROM rule_state"))


def accounts(connection: sqlite3.Connection) -> Accounts:
    """Count what must add up."""
    channels = connection.execute(
        "SELECT count(*) AS matches, coalesce(sum(max(1,"
        " (SELECT count(*) FROM disposition d WHERE d.match = m.number))), 0) AS expected FROM match m"
    ).fetchone()
    dispositions = Counter(
        {
            Fate(row["disposition"]): row["n"]
            for row in connection.execute("SELECT disposition, count(*) AS n FROM disposition GROUP BY disposition")
        }
    )
    return Accounts(matches=channels["matches"], expected=channels["expected"], dispositions=dispositions)
