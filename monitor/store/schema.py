"""The tables, as migrations of sqlite-utils, and which files may be opened.

All tables are STRICT; times are INTEGER milliseconds since 1970 UTC; lists are JSON text. A migration is never
edited once released: add another. The views for people are in `views.py`.
"""

from __future__ import annotations

import secrets
import sqlite3

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from monitor.errors import StoreError
from monitor.store import later_tables as later
from monitor.store.connection import transaction
from monitor.store.outbox import NEXT_DELIVERIES
from monitor.store.search import indexed
from monitor.store.views import VIEWS, VIEWS_WITH_REMNANTS
from monitor.stories.hashing import SEED_BYTES

APPLICATION_ID = 0x52415344  # "RASD"

migrations = Migrations("rasid")

TABLES = """
CREATE TABLE source (
    id TEXT PRIMARY KEY,
    cursor TEXT NOT NULL DEFAULT '{}',           -- JSON, the source kind's own
    cursor_at INTEGER,                           -- time of the fetch that gave it
    first_parsed INTEGER,                        -- time of the first fetch that was parsed
    last_success INTEGER,
    last_article INTEGER,
    failures INTEGER NOT NULL DEFAULT 0,         -- in a row
    last_error TEXT NOT NULL DEFAULT '',
    last_error_at INTEGER,
    not_before INTEGER                           -- the server's wish
) STRICT, WITHOUT ROWID;

CREATE TABLE fetch (                             -- what was ingested, so that nothing is ingested twice
    source TEXT NOT NULL,
    key TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (source, at, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE story (
    id TEXT PRIMARY KEY,
    head TEXT NOT NULL,                          -- id of its first article
    size INTEGER NOT NULL DEFAULT 0,
    first_seen INTEGER NOT NULL,
    last_seen INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE story_text (
    text_key TEXT NOT NULL,
    story TEXT NOT NULL REFERENCES story (id),
    PRIMARY KEY (text_key, story)
) STRICT, WITHOUT ROWID;

CREATE TABLE article (                           -- outlives its versions: the identity is never forgotten
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    source TEXT NOT NULL,
    version INTEGER NOT NULL,                    -- the current one
    first_seen INTEGER NOT NULL,
    changed INTEGER NOT NULL,                    -- when the current version was seen
    published INTEGER,
    url_key TEXT NOT NULL,
    title_key TEXT NOT NULL,
    story TEXT REFERENCES story (id),
    story_reason TEXT NOT NULL DEFAULT '',
    pruned INTEGER                               -- when its versions were deleted
) STRICT;
CREATE INDEX article_by_url ON article (source, url_key) WHERE url_key <> '';
CREATE INDEX article_by_title ON article (source, title_key, published);
CREATE INDEX article_by_story ON article (story);
CREATE INDEX article_by_change ON article (changed);

CREATE TABLE alias (
    id TEXT PRIMARY KEY,
    article INTEGER NOT NULL REFERENCES article (number),
    seen INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX alias_by_article ON alias (article);

CREATE TABLE version (
    article INTEGER NOT NULL REFERENCES article (number),
    version INTEGER NOT NULL,
    title TEXT NOT NULL,
    text TEXT NOT NULL,
    boilerplate TEXT NOT NULL,
    url TEXT NOT NULL,
    author TEXT NOT NULL,
    publisher TEXT NOT NULL,
    language TEXT NOT NULL,
    tags TEXT NOT NULL,                          -- JSON list
    published INTEGER,
    seen INTEGER NOT NULL,
    UNIQUE (article, version)
) STRICT;

CREATE TABLE match (
    number INTEGER PRIMARY KEY,
    article INTEGER NOT NULL REFERENCES article (number),
    version INTEGER NOT NULL,
    rule TEXT NOT NULL,
    rule_hash TEXT NOT NULL,
    severity INTEGER NOT NULL,
    entities TEXT NOT NULL,                      -- JSON list
    spans TEXT NOT NULL,                         -- JSON list of [field, start, end, term, [core start, core end]]
    created INTEGER NOT NULL,
    lost INTEGER NOT NULL DEFAULT 0,             -- the version that no longer holds it; 0: it holds
    UNIQUE (article, version, rule)
) STRICT;
CREATE INDEX match_by_rule ON match (rule, number);

CREATE TABLE alert_group (
    number INTEGER PRIMARY KEY,
    channel TEXT NOT NULL,
    key TEXT NOT NULL,
    code TEXT NOT NULL,
    state TEXT NOT NULL,
    opened INTEGER NOT NULL,
    last_member INTEGER NOT NULL,
    last_told INTEGER,
    quiet_until INTEGER,
    due INTEGER,
    sequence INTEGER NOT NULL,
    told_severity INTEGER,
    UNIQUE (channel, key)
) STRICT;
CREATE INDEX group_by_due ON alert_group (due) WHERE due IS NOT NULL;
CREATE INDEX group_by_key ON alert_group (key);
CREATE INDEX group_by_last_member ON alert_group (last_member) WHERE state <> 'closed';

CREATE TABLE pending (                           -- the matches that wait in a group
    alert_group INTEGER NOT NULL REFERENCES alert_group (number),
    position INTEGER NOT NULL,
    match INTEGER NOT NULL REFERENCES match (number),
    PRIMARY KEY (alert_group, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX pending_by_match ON pending (match);

CREATE TABLE code (
    code TEXT PRIMARY KEY,
    group_key TEXT NOT NULL UNIQUE,
    used INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE alert (
    id TEXT PRIMARY KEY,
    channel TEXT NOT NULL,
    group_key TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    code TEXT NOT NULL,
    severity INTEGER NOT NULL,
    rules TEXT NOT NULL,                         -- JSON list
    stories TEXT NOT NULL,                       -- JSON list
    reason TEXT NOT NULL,
    created INTEGER NOT NULL,
    content TEXT NOT NULL,                       -- JSON: what the channels render
    UNIQUE (channel, group_key, sequence)
) STRICT;
CREATE INDEX alert_by_code ON alert (code);
CREATE INDEX alert_by_time ON alert (created);

CREATE TABLE alert_match (
    alert TEXT NOT NULL REFERENCES alert (id),
    position INTEGER NOT NULL,
    match INTEGER NOT NULL REFERENCES match (number),
    PRIMARY KEY (alert, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX alert_match_by_match ON alert_match (match);

CREATE TABLE disposition (                       -- exactly one for each match and channel
    match INTEGER NOT NULL REFERENCES match (number),
    channel TEXT NOT NULL,                       -- '' when no channel wanted the match
    disposition TEXT NOT NULL,
    reason TEXT NOT NULL,
    group_key TEXT NOT NULL DEFAULT '',
    alert TEXT REFERENCES alert (id),
    at INTEGER NOT NULL,
    PRIMARY KEY (match, channel)
) STRICT, WITHOUT ROWID;
CREATE INDEX disposition_by_alert ON disposition (alert) WHERE alert IS NOT NULL;
CREATE INDEX disposition_waiting ON disposition (match) WHERE disposition = 'waiting';

CREATE TABLE delivery (
    id TEXT PRIMARY KEY,
    alert TEXT NOT NULL REFERENCES alert (id),
    channel TEXT NOT NULL,
    recipient TEXT NOT NULL,
    state TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    due INTEGER NOT NULL,
    created INTEGER NOT NULL,
    lease_instance TEXT,
    lease_token TEXT,
    lease_until INTEGER,
    last_error TEXT NOT NULL DEFAULT '',
    receipt TEXT NOT NULL DEFAULT '',
    settled INTEGER,                             -- when the last try ended
    UNIQUE (alert, recipient)
) STRICT, WITHOUT ROWID;
CREATE INDEX delivery_by_due ON delivery (due) WHERE state IN ('pending', 'leased', 'held');
CREATE INDEX delivery_by_time ON delivery (created);

CREATE TABLE told (                              -- which delivery tells a match to a recipient; never two
    match INTEGER NOT NULL REFERENCES match (number),  -- a rule, an article and a version
    channel TEXT NOT NULL,
    recipient TEXT NOT NULL,
    delivery TEXT NOT NULL REFERENCES delivery (id),
    PRIMARY KEY (match, channel, recipient)
) STRICT, WITHOUT ROWID;
CREATE INDEX told_by_delivery ON told (delivery);

CREATE TABLE file (                              -- files of drop folders, by their bytes
    number INTEGER PRIMARY KEY,
    source TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    name TEXT NOT NULL,                          -- the last one
    reason TEXT NOT NULL DEFAULT '',             -- why it could not be read
    first_taken INTEGER NOT NULL,
    last_taken INTEGER NOT NULL,
    times INTEGER NOT NULL DEFAULT 1,
    UNIQUE (source, sha256)
) STRICT;
CREATE INDEX file_by_sha256 ON file (sha256);

CREATE TABLE file_article (
    file INTEGER NOT NULL REFERENCES file (number),
    article INTEGER NOT NULL REFERENCES article (number),
    PRIMARY KEY (file, article)
) STRICT, WITHOUT ROWID;
CREATE INDEX file_article_by_article ON file_article (article);

CREATE TABLE rule_state (
    rule TEXT PRIMARY KEY,
    hash TEXT NOT NULL,
    activated INTEGER NOT NULL,                  -- since when it is active in this form
    is_active INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE VIRTUAL TABLE article_search USING fts5 (  -- folded words; rowid is article.number
    title, text, tokenize = 'unicode61 remove_diacritics 0'
);
"""


def _execute_all(db: Database, statements: str) -> None:
    """Run each statement inside the transaction that is open (`executescript` would commit it)."""
    statement = ""
    for line in statements.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            db.execute(statement)
            statement = ""


HELD = """
ALTER TABLE delivery ADD COLUMN cause TEXT NOT NULL DEFAULT '';  -- why it is held
ALTER TABLE delivery ADD COLUMN digest TEXT;     -- the delivery of the digest that tells it
CREATE INDEX delivery_held ON delivery (channel, due) WHERE state = 'held';
CREATE INDEX delivery_in_digest ON delivery (digest) WHERE digest IS NOT NULL;
CREATE INDEX delivery_sent ON delivery (channel, recipient, settled) WHERE state = 'sent';
"""


@migrations(name="0001-first-tables")
def _first_tables(db: Database) -> None:
    _execute_all(db, TABLES)


@migrations(name="0002-views")
def _views(db: Database) -> None:
    _execute_all(db, VIEWS)


@migrations(name="0003-silences")
def _silences(db: Database) -> None:
    _execute_all(db, later.SILENCES)


@migrations(name="0004-channel-health")
def _channel_health(db: Database) -> None:
    _execute_all(db, later.CHANNEL_HEALTH)


@migrations(name="0005-polling")
def _polling(db: Database) -> None:
    _execute_all(db, later.POLLING)


@migrations(name="0006-held-deliveries")
def _held_deliveries(db: Database) -> None:
    _execute_all(db, HELD)


@migrations(name="0007-operator-news")
def _operator_news(db: Database) -> None:
    _execute_all(db, later.OPERATOR_NEWS)


@migrations(name="0008-stories")
def _stories(db: Database) -> None:
    _execute_all(db, later.STORIES)
    db.execute("INSERT INTO story_seed (seed) VALUES (?)", (secrets.token_bytes(SEED_BYTES),))


@migrations(name="0009-conditions")
def _conditions(db: Database) -> None:
    _execute_all(db, later.CONDITIONS)


@migrations(name="0010-drills")
def _drills(db: Database) -> None:
    _execute_all(db, later.DRILLS)


@migrations(name="0011-last-good")
def _last_good(db: Database) -> None:
    _execute_all(db, later.LAST_GOOD)


@migrations(name="0012-verdicts")
def _verdicts(db: Database) -> None:
    _execute_all(db, later.VERDICTS)


@migrations(name="0013-retention")
def _retention(db: Database) -> None:
    _execute_all(db, later.RETENTION)
    _execute_all(db, VIEWS_WITH_REMNANTS)


@migrations(name="0014-search-words")
def _search_words(db: Database) -> None:
    """The index holds words as rules cut them: Chinese signs and changes of script are edges of words."""
    rows = db.execute(
        "SELECT a.number, v.title, v.text FROM article a"
        " JOIN version v ON v.article = a.number AND v.version = a.version"
    )
    for number, title, text in rows:
        db.execute("DELETE FROM article_search WHERE rowid = ?", (number,))
        values = number, indexed(title), indexed(text)
        db.execute("INSERT INTO article_search (rowid, title, text) VALUES (?, ?, ?)", values)


@migrations(name="0016-next-deliveries")
def _next_deliveries(db: Database) -> None:
    _execute_all(db, NEXT_DELIVERIES)


def known_version() -> int:
    """How many migrations this Rasid knows; `PRAGMA user_version` of an up-to-date file."""
    return len(migrations._migrations)


def migrate(connection: sqlite3.Connection) -> None:
    """Bring the file to the present form in one transaction. Raises StoreError for a file that is not ours."""
    version = check(connection, empty_is_fine=True)
    if version == known_version():
        return
    with transaction(connection):
        db = Database(connection, recursive_triggers=False, execute_plugins=False)
        migrations.apply(db)
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {known_version()}")


def check(connection: sqlite3.Connection, *, empty_is_fine: bool = False) -> int:
    """The file's schema version. Raises StoreError when the file is not ours, or newer than this Rasid."""
    application, version = (
        connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("application_id", "user_version")
    )
    if application != APPLICATION_ID:
        tables = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
        if tables or application or not empty_is_fine:
            raise StoreError("this file is not a database of Rasid")
        return 0
    if version > known_version():
        raise StoreError(
            f"the database was made by a newer Rasid (its form is {version}, this one knows {known_version()}); "
            "install that version"
        )
    if version < known_version() and not empty_is_fine:
        raise StoreError(
            f"the database is of an older Rasid (its form is {version}, not {known_version()}); "
            "any command that writes, such as `rasid run --once`, brings it up to date"
        )
    return int(version)
