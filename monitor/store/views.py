"""The views for people: joined names and ISO times, so that Datasette or `sqlite3` opens the file usefully.

Their names and columns are stable: a later migration may add columns, never rename them.
"""

# ruff: noqa: S608 - what is joined into SQL here are constants of this package, never values

from __future__ import annotations


def _iso(column: str) -> str:
    return f"strftime('%Y-%m-%dT%H:%M:%fZ', {column} / 1000.0, 'unixepoch')"


_SEVERITY = (
    "CASE {0} WHEN 0 THEN 'info' WHEN 1 THEN 'low' WHEN 2 THEN 'medium' WHEN 3 THEN 'high' ELSE 'critical' END"
)

VIEWS = f"""
CREATE VIEW articles AS
SELECT a.id, a.source, v.title, v.url, v.publisher, v.language, v.author, {_iso("v.published")} AS published,
       {_iso("a.first_seen")} AS first_seen, {_iso("a.changed")} AS changed, a.version, a.story,
       (SELECT count(*) FROM match m WHERE m.article = a.number) AS matches, v.text
FROM article a LEFT JOIN version v ON v.article = a.number AND v.version = a.version;

CREATE VIEW matches AS
SELECT m.number, a.id AS article, m.version, v.title, v.url, a.source, v.publisher, m.rule,
       {_SEVERITY.format("m.severity")} AS severity, m.entities, m.spans, {_iso("m.created")} AS matched,
       d.channel, d.disposition, d.reason, d.group_key, c.code, d.alert, a.story, m.lost AS lost_in_version
FROM match m
JOIN article a ON a.number = m.article
LEFT JOIN version v ON v.article = m.article AND v.version = m.version
LEFT JOIN disposition d ON d.match = m.number
LEFT JOIN code c ON c.group_key = d.group_key;

CREATE VIEW alerts AS
SELECT t.id, t.channel, t.code, t.sequence, {_SEVERITY.format("t.severity")} AS severity, t.rules, t.group_key,
       t.reason, {_iso("t.created")} AS created,
       (SELECT count(*) FROM alert_match am WHERE am.alert = t.id) AS matches,
       (SELECT count(*) FROM delivery d WHERE d.alert = t.id) AS deliveries,
       (SELECT count(*) FROM delivery d WHERE d.alert = t.id AND d.state = 'sent') AS sent
FROM alert t;

CREATE VIEW deliveries AS
SELECT d.id, d.alert, t.code, t.sequence, d.channel, d.recipient, d.state, d.attempts, {_iso("d.due")} AS due,
       {_iso("d.created")} AS created, {_iso("d.settled")} AS settled, d.last_error, d.receipt, t.rules,
       {_SEVERITY.format("t.severity")} AS severity
FROM delivery d JOIN alert t ON t.id = d.alert;

CREATE VIEW groups AS
SELECT g.channel, g.key, g.code, g.state, {_iso("g.opened")} AS opened, {_iso("g.last_member")} AS last_member,
       {_iso("g.last_told")} AS last_told, {_iso("g.quiet_until")} AS quiet_until, {_iso("g.due")} AS due, g.sequence,
       (SELECT count(*) FROM pending p WHERE p.alert_group = g.number) AS pending
FROM alert_group g;

CREATE VIEW stories AS
SELECT s.id, v.title, s.size, {_iso("s.first_seen")} AS first_seen, {_iso("s.last_seen")} AS last_seen, s.head
FROM story s
LEFT JOIN article a ON a.id = s.head
LEFT JOIN version v ON v.article = a.number AND v.version = a.version;

CREATE VIEW sources AS
SELECT s.id, s.failures, {_iso("s.first_parsed")} AS first_parsed, {_iso("s.last_success")} AS last_success,
       {_iso("s.last_article")} AS last_article, s.last_error, {_iso("s.last_error_at")} AS last_error_at,
       {_iso("s.not_before")} AS not_before, (SELECT count(*) FROM article a WHERE a.source = s.id) AS articles
FROM source s;

CREATE VIEW files AS
SELECT f.source, f.name, f.sha256, f.reason, {_iso("f.first_taken")} AS first_taken,
       {_iso("f.last_taken")} AS last_taken, f.times,
       (SELECT group_concat(a.id, ' ') FROM file_article fa JOIN article a ON a.number = fa.article
        WHERE fa.file = f.number) AS articles
FROM file f;
"""

VIEWS_WITH_REMNANTS = f"""
DROP VIEW matches;
CREATE VIEW matches AS
SELECT m.number, a.id AS article, m.version, coalesce(v.title, r.title) AS title, coalesce(v.url, r.url) AS url,
       a.source, coalesce(v.publisher, r.publisher) AS publisher, m.rule,
       {_SEVERITY.format("m.severity")} AS severity, m.entities, m.spans, {_iso("m.created")} AS matched,
       d.channel, d.disposition, d.reason, d.group_key, c.code, d.alert, a.story, m.lost AS lost_in_version,
       r.quotes, r.excerpt
FROM match m
JOIN article a ON a.number = m.article
LEFT JOIN version v ON v.article = m.article AND v.version = m.version
LEFT JOIN remnant r ON r.match = m.number
LEFT JOIN disposition d ON d.match = m.number
LEFT JOIN code c ON c.group_key = d.group_key;
"""
"""What a match says once its article's text is gone, in the columns where it stood before."""
