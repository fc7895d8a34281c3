"""Writing what one fetch brought, in one transaction with its cursor; and which rules are active.

Nothing is judged here: the bundle says which articles, matches, dispositions and groups. What needs computing
(folding, keys) is prepared on the caller's thread, so that the transaction only writes.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from monitor.errors import StoreConflict
from monitor.model import Article, Fetched, Ingest, Match, RuleCard, StoryDecision, TakenFile
from monitor.store import counts
from monitor.store.groups import match_number, save_groups, save_states
from monitor.store.polling import save_ingested
from monitor.store.retention import leave_remnants
from monitor.store.rows import epoch, safe, spans_json, to_json
from monitor.store.search import indexed
from monitor.store.stories import forget, save, save_text
from monitor.stories.fingerprint import Fingerprint
from monitor.stories.identity import title_key
from monitor.text.addresses import canonical_url
from monitor.timing import to_epoch

MOST_VERSIONS = 24
"""Versions kept of one article: always the first and the current, of the others the newest."""

FETCHES_REMEMBERED = 1000
"""Fetches of one source that are recognised when their message comes again."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """An article with everything derived from its text that columns hold."""

    article: Article
    seen: int
    url_key: str
    title_key: str
    text_key: str
    search_title: str
    search_text: str


def prepare(
    articles: Iterable[Article], fetched: Fetched, text_keys: Mapping[tuple[str, int], str]
) -> tuple[Prepared, ...]:
    """Derive keys and the folded text of articles about to be committed.

    `text_keys` by (article id, version) are those that judging has found.
    """
    return tuple(
        Prepared(
            article=article,
            seen=to_epoch(article.seen or fetched.at),
            url_key=safe(canonical_url(article.url)),
            title_key=title_key(safe(article.title)),
            text_key=text_keys.get((article.id, article.version), ""),
            search_title=indexed(article.title),
            search_text=indexed(article.text),
        )
        for article in articles
    )


def commit_ingest(
    connection: sqlite3.Connection,
    ingest: Ingest,
    prepared: Sequence[Prepared],
    now: datetime,
    fingerprints: Mapping[tuple[str, int], Fingerprint],
) -> bool:
    """Write a bundle. Returns False, having written nothing, when the same fetch was committed before."""
    fetched = ingest.fetched
    if not _remember(connection, fetched):
        return False
    stories = dict(ingest.stories)
    for item in prepared:
        article = item.article
        fingerprint = fingerprints.get((article.id, article.version))
        _save_article(connection, item, stories.get(article.id) if article.version == 1 else None, fingerprint)
    forget(connection, now)
    at = to_epoch(fetched.at)
    connection.executemany(
        "INSERT OR IGNORE INTO alias (id, article, seen) SELECT ?, number, ? FROM article WHERE id = ?",
        [(alias, at, known) for alias, known in ingest.aliases],
    )
    _save_matches(connection, ingest.matches, now)
    for match, lost in ingest.lost:
        number = match_number(connection, match.rule, match.article_id, match.version)
        connection.execute("UPDATE match SET lost = ? WHERE number = ?", (lost, number))
    save_states(connection, ingest.states, now)
    save_groups(connection, ingest.groups, now)
    counts.save(connection, ingest.counted, now)
    for file in fetched.files:
        _save_file(connection, fetched.source, file, at)
    save_ingested(connection, ingest, now)
    return True


def _remember(connection: sqlite3.Connection, fetched: Fetched) -> bool:
    if fetched.unchanged and not fetched.articles and not fetched.files:
        return True  # brings nothing that could come twice
    at = to_epoch(fetched.at)
    done = connection.execute(
        "INSERT OR IGNORE INTO fetch (source, at, key) VALUES (?, ?, ?)", (fetched.source, at, safe(fetched.key))
    )
    if done.rowcount == 0:
        return False
    connection.execute(
        "DELETE FROM fetch WHERE source = ?1 AND at <"
        " (SELECT at FROM fetch WHERE source = ?1 ORDER BY at DESC LIMIT 1 OFFSET ?2)",
        (fetched.source, FETCHES_REMEMBERED),
    )
    return True


def _save_article(
    connection: sqlite3.Connection, item: Prepared, story: StoryDecision | None, fingerprint: Fingerprint | None
) -> None:
    article = item.article
    if story is not None:
        save(connection, story, article.id, item.seen)
    if article.version == 1:
        connection.execute("DELETE FROM alias WHERE id = ?", (article.id,))  # it was taken for another, wrongly
        row = connection.execute(
            "INSERT INTO article (id, source, version, first_seen, changed, published, url_key, title_key, story,"
            " story_reason, relation, wire) VALUES (?, ?, 1, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING number, story",
            (
                article.id,
                article.source,
                item.seen,
                item.seen,
                epoch(article.published),
                item.url_key,
                item.title_key,
                None if story is None else story.story_id,
                "" if story is None else safe(story.reason),
                "" if story is None else story.relation.value,
                "" if story is None else story.wire,
            ),
        ).fetchone()
    else:
        row = connection.execute(
            "UPDATE article SET version = ?, changed = ?, published = ?, url_key = ?, title_key = ?"
            " WHERE id = ? AND version = ? AND pruned IS NULL RETURNING number, story",
            (
                article.version,
                item.seen,
                epoch(article.published),
                item.url_key,
                item.title_key,
                article.id,
                article.version - 1,
            ),
        ).fetchone()
        if row is None:
            raise StoreConflict(f"version {article.version} of article {article.id!r} does not follow the stored one")
    number = row["number"]
    if row["story"] is not None:
        save_text(connection, row["story"], number, article.version, item.seen, item.text_key, fingerprint)
    _save_version(connection, number, item)


def _save_version(connection: sqlite3.Connection, number: int, item: Prepared) -> None:
    article = item.article
    connection.execute(
        "INSERT INTO version (article, version, title, text, boilerplate, url, author, publisher, language, tags,"
        " published, seen) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            number,
            article.version,
            safe(article.title),
            safe(article.text),
            safe(article.boilerplate),
            safe(article.url),
            safe(article.author),
            safe(article.publisher),
            safe(article.language),
            to_json(article.tags),
            epoch(article.published),
            item.seen,
        ),
    )
    if article.version > 1:
        connection.execute("DELETE FROM article_search WHERE rowid = ?", (number,))
    connection.execute(
        "INSERT INTO article_search (rowid, title, text) VALUES (?, ?, ?)",
        (number, item.search_title, item.search_text),
    )
    if article.version > MOST_VERSIONS:
        _drop_a_version(connection, number, article.version)


def _drop_a_version(connection: sqlite3.Connection, number: int, current: int) -> None:
    """Make room: the oldest that is neither first nor current nor about to be told, else of those that are."""
    row = connection.execute(
        "SELECT v.version FROM version v WHERE v.article = ?1 AND v.version NOT IN (1, ?2)"
        " AND (SELECT count(*) FROM version WHERE article = ?1) > ?3"
        " ORDER BY EXISTS (SELECT 1 FROM match m JOIN pending p ON p.match = m.number"
        "  WHERE m.article = v.article AND m.version = v.version), v.version LIMIT 1",
        (number, current, MOST_VERSIONS),
    ).fetchone()
    if row is not None:
        leave_remnants(connection, number, row["version"])
        connection.execute("DELETE FROM version WHERE article = ? AND version = ?", (number, row["version"]))


def _save_matches(connection: sqlite3.Connection, matches: Iterable[Match], now: datetime) -> None:
    connection.executemany(
        "INSERT INTO match (article, version, rule, rule_hash, severity, entities, spans, created)"
        " SELECT number, ?, ?, ?, ?, ?, ?, ? FROM article WHERE id = ?",
        [
            (
                match.version,
                match.rule,
                match.rule_hash,
                int(match.severity),
                to_json(match.entities),
                spans_json(match.spans),
                to_epoch(now),
                match.article_id,
            )
            for match in matches
        ],
    )


def _save_file(connection: sqlite3.Connection, source: str, file: TakenFile, at: int) -> None:
    number = connection.execute(
        "INSERT INTO file (source, sha256, name, reason, first_taken, last_taken) VALUES (?1, ?2, ?3, ?4, ?5, ?5)"
        " ON CONFLICT (source, sha256) DO UPDATE SET name = excluded.name, reason = excluded.reason,"
        " last_taken = max(last_taken, excluded.last_taken), times = times + 1 RETURNING number",
        (source, file.sha256, safe(file.name), safe(file.reason), at),
    ).fetchone()[0]
    connection.execute(
        "INSERT OR IGNORE INTO file_article (file, article) SELECT ?1, number FROM article"
        " WHERE id IN (SELECT value FROM json_each(?2))"
        " OR number IN (SELECT article FROM alias WHERE id IN (SELECT value FROM json_each(?2)))",
        (number, json.dumps(file.articles)),
    )


def activate(connection: sqlite3.Connection, cards: Iterable[RuleCard], now: datetime) -> None:
    """Note since when each rule is active in its present form. `cards` are all active rules.

    A rule that was away, or whose hash changed, begins anew.
    """
    at = to_epoch(now)
    active = list(cards)
    connection.executemany(
        "INSERT INTO rule_state (rule, hash, activated, is_active) VALUES (?1, ?2, ?3, 1)"
        " ON CONFLICT (rule) DO UPDATE SET is_active = 1, hash = excluded.hash,"
        " activated = CASE WHEN is_active AND hash = excluded.hash THEN activated ELSE excluded.activated END",
        [(card.id, card.hash, at) for card in active],
    )
    connection.execute(
        "UPDATE rule_state SET is_active = 0 WHERE rule NOT IN (SELECT value FROM json_each(?))",
        (json.dumps([card.id for card in active]),),
    )
