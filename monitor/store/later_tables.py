"""Tables that came after the first: silences, channels, polling, stories, volume, retention, verdicts, drills."""

from __future__ import annotations

SILENCES = """
CREATE TABLE silence (                           -- kept after its end: `explain` names it
    id TEXT PRIMARY KEY,
    matchers TEXT NOT NULL,                      -- JSON list of [label, value]; all must hold
    starts INTEGER NOT NULL,
    ends INTEGER NOT NULL,
    author TEXT NOT NULL,
    reason TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX silence_by_end ON silence (ends);
"""


OPERATOR_NEWS = """
CREATE TABLE operator_news (                     -- what the operator was told and is still so
    what TEXT NOT NULL,
    about TEXT NOT NULL,                         -- a channel's name, a rule's id
    since INTEGER NOT NULL,
    PRIMARY KEY (what, about)
) STRICT, WITHOUT ROWID;
CREATE INDEX delivery_parked ON delivery (channel) WHERE state = 'parked';
"""


CHANNEL_HEALTH = """
CREATE TABLE channel_health (                    -- channels that fail as a whole; the others have no row
    channel TEXT PRIMARY KEY,
    failures INTEGER NOT NULL,                   -- in a row
    closed_until INTEGER,
    is_wish INTEGER NOT NULL,                    -- the receiver asked for the pause
    reason TEXT NOT NULL,
    since INTEGER NOT NULL                       -- of the first failure
) STRICT, WITHOUT ROWID;
"""


POLLING = """
ALTER TABLE source ADD COLUMN failing_since INTEGER;           -- the first of the failures in a row
ALTER TABLE source ADD COLUMN gone_since INTEGER;              -- the first of the answers 410 in a row
ALTER TABLE source ADD COLUMN moved_to TEXT NOT NULL DEFAULT '';   -- the address that replaced the configured one
ALTER TABLE source ADD COLUMN wishes TEXT NOT NULL DEFAULT '{}';   -- JSON: what server and document ask for
ALTER TABLE source ADD COLUMN appeared TEXT NOT NULL DEFAULT '[]'; -- JSON list: when its latest articles did
ALTER TABLE source ADD COLUMN haste INTEGER NOT NULL DEFAULT 0;    -- halvings of its interval
ALTER TABLE source ADD COLUMN paused_at INTEGER;               -- by hand
ALTER TABLE source ADD COLUMN paused_by TEXT NOT NULL DEFAULT '';  -- who, and why

CREATE TABLE pause (                             -- whom a server asked to leave alone
    scope TEXT PRIMARY KEY,                      -- source:ID, host:NAME or domain:NAME
    since INTEGER NOT NULL,
    until INTEGER NOT NULL,
    strikes INTEGER NOT NULL,                    -- wishes in a row that named no time
    reason TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE trouble (                           -- what the operator was told is wrong with a source
    source TEXT NOT NULL,
    trouble TEXT NOT NULL,
    since INTEGER NOT NULL,
    PRIMARY KEY (source, trouble)
) STRICT, WITHOUT ROWID;
"""


STORIES = """
DROP TABLE story_text;                           -- its keys were made of other words
CREATE TABLE story_text (
    text_key TEXT NOT NULL,
    story TEXT NOT NULL REFERENCES story (id),
    article INTEGER NOT NULL REFERENCES article (number),  -- the first that had it
    seen INTEGER NOT NULL,
    PRIMARY KEY (text_key, story)
) STRICT, WITHOUT ROWID;
CREATE INDEX story_text_by_time ON story_text (seen);

CREATE TABLE fingerprint (                       -- by which articles like it are found, for 72 hours
    number INTEGER PRIMARY KEY,                  -- rises: readers go on from the last they saw
    article INTEGER NOT NULL REFERENCES article (number),
    version INTEGER NOT NULL,
    story TEXT NOT NULL REFERENCES story (id),
    seen INTEGER NOT NULL,
    keys BLOB NOT NULL,                          -- 32-bit little-endian numbers
    body BLOB NOT NULL                           -- stories/fingerprint.py knows its form
) STRICT;
CREATE INDEX fingerprint_by_time ON fingerprint (seen);

CREATE TABLE story_seed (                        -- one row: what makes fingerprints unforeseeable
    seed BLOB NOT NULL
) STRICT;

CREATE INDEX story_by_last_seen ON story (last_seen);
ALTER TABLE article ADD COLUMN relation TEXT NOT NULL DEFAULT '';  -- what it is to the one it joined by
ALTER TABLE article ADD COLUMN wire TEXT NOT NULL DEFAULT '';      -- id of the article whose text it carries
"""


CONDITIONS = """
ALTER TABLE alert_group ADD COLUMN raised INTEGER;                       -- the severity it escalated to
ALTER TABLE alert_group ADD COLUMN escalated TEXT NOT NULL DEFAULT '[]'; -- JSON list of steps, "rule:number"
ALTER TABLE alert_group ADD COLUMN told_publishers TEXT NOT NULL DEFAULT '[]';
ALTER TABLE alert_group ADD COLUMN new_publishers TEXT NOT NULL DEFAULT '[]';

CREATE TABLE correction (                        -- told matches that an edit took back, of which is still to be told
    alert_group INTEGER NOT NULL REFERENCES alert_group (number),
    match INTEGER NOT NULL REFERENCES match (number),
    PRIMARY KEY (alert_group, match)
) STRICT, WITHOUT ROWID;

CREATE TABLE counted (                           -- matches as conditions on volume count them
    rule TEXT NOT NULL,
    group_key TEXT NOT NULL,
    at INTEGER NOT NULL,
    match INTEGER NOT NULL REFERENCES match (number),
    publisher TEXT NOT NULL,                     -- a key; '' when unknown
    wire TEXT NOT NULL,                          -- id of the article whose text it carries
    is_held INTEGER NOT NULL,                    -- its condition did not hold
    until INTEGER NOT NULL,                      -- no window reaches it later
    PRIMARY KEY (rule, group_key, at, match)
) STRICT, WITHOUT ROWID;
CREATE INDEX counted_by_until ON counted (until);
CREATE INDEX counted_by_time ON counted (rule, at);
"""


RETENTION = """
CREATE TABLE remnant (                           -- what is left to read of a match whose article's text is gone
    match INTEGER PRIMARY KEY REFERENCES match (number),
    title TEXT NOT NULL,
    url TEXT NOT NULL,
    publisher TEXT NOT NULL,
    language TEXT NOT NULL,
    published INTEGER,
    quotes TEXT NOT NULL,                        -- JSON list: the words of each span
    excerpt TEXT NOT NULL
) STRICT;
DROP INDEX article_by_change;                    -- would lead over every article that ever was
CREATE INDEX article_with_text ON article (source, changed) WHERE pruned IS NULL;
CREATE INDEX match_by_time ON match (created);
CREATE INDEX correction_by_match ON correction (match);
CREATE INDEX counted_by_match ON counted (match);
"""


LAST_GOOD = """
CREATE TABLE last_good (                         -- texts of rule files, and of files they name, that are active
    path TEXT PRIMARY KEY,                       -- absolute
    text BLOB NOT NULL,                          -- compressed (zlib)
    since INTEGER NOT NULL                       -- when it became active
) STRICT, WITHOUT ROWID;

CREATE TABLE setback (                           -- whose newest text is not active, as the operator was told
    kind TEXT NOT NULL,                          -- configuration, folder, file, rule
    about TEXT NOT NULL,                         -- a path, a rule's id
    since INTEGER NOT NULL,
    PRIMARY KEY (kind, about)
) STRICT, WITHOUT ROWID;
"""


VERDICTS = """
CREATE TABLE verdict (                           -- what a person said of an alert; the last word counts
    alert TEXT PRIMARY KEY REFERENCES alert (id) ON DELETE CASCADE,
    verdict TEXT NOT NULL,                       -- useful or noise
    author TEXT NOT NULL,
    note TEXT NOT NULL,
    at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX verdict_by_time ON verdict (at);
"""


DRILLS = """
ALTER TABLE delivery ADD COLUMN drill INTEGER NOT NULL DEFAULT 0;  -- 1: it tells a drill
CREATE INDEX delivery_drill ON delivery (created) WHERE drill;
"""
