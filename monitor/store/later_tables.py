"""Tables that came after the first: of silences, the health of channels, stories, conditions on volume, drills."""

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


DRILLS = """
ALTER TABLE delivery ADD COLUMN drill INTEGER NOT NULL DEFAULT 0;  -- 1: it tells a drill
CREATE INDEX delivery_drill ON delivery (created) WHERE drill;
"""
