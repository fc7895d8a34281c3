"""Every type that more than one room shares. All are frozen; a change is `dataclasses.replace`, returned.

Times are aware datetimes in UTC, truncated to milliseconds (the store keeps epoch milliseconds). Sequences are
tuples. Nothing here decides anything. The file is long because each of these types has its one home here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum
from types import MappingProxyType
from typing import Any, TypeAlias

NOTHING: Mapping[str, Any] = MappingProxyType({})


class Severity(IntEnum):
    """How much a match matters, ordered."""

    INFO = 0
    LOW = 1
    MEDIUM = 2
    HIGH = 3
    CRITICAL = 4

    @property
    def word(self) -> str:
        """The word used in YAML, in JSON and on screens."""
        return self.name.lower()

    @classmethod
    def from_word(cls, word: str) -> Severity:
        """Read a severity's word. Raises KeyError for any other."""
        return cls[word.upper()]


class Disposition(StrEnum):
    """What became of one match on one channel (exactly one at a time; DESIGN: nothing vanishes)."""

    WAITING = "waiting"  # its group is open
    ALERTED = "alerted"  # in an alert
    FOLDED = "folded"  # into an alert already told or pending: throttled, same story
    SILENCED = "silenced"
    STALE = "stale"  # older than max_age
    BASELINE = "baseline"  # before the source's or the rule's first moment
    STORE_ONLY = "store-only"  # no channel wanted; kept under channel ""
    WITHDRAWN = "withdrawn"  # an edit took it back before it was told


class Relation(StrEnum):
    """What an article is to the one by which it was given its story."""

    COPY = "copy"
    TRIM = "trimmed copy"  # one of the two holds only part of the other
    REWRITE = "rewrite"  # other words, the same facts
    UPDATE = "update"  # the same words, some numbers changed
    SEPARATE = "separate"  # it begins a story


class GroupState(StrEnum):
    """Where a group stands: collecting its first alert, quiet after one, or closed."""

    GATHERING = "gathering"
    TOLD = "told"
    CLOSED = "closed"


class DeliveryState(StrEnum):
    """Where a delivery stands. Sent, parked and dead are final until somebody replays."""

    PENDING = "pending"
    LEASED = "leased"
    HELD = "held"
    SENT = "sent"
    PARKED = "parked"
    DEAD = "dead"


# --- what is read ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """One article as rules see it.

    `text` holds paragraphs separated by one blank line; `boilerplate` is kept but never matched. `id` is stable
    per source and identity. `published` is None when the source gave no believable date; `seen` is the fetch time.
    """

    id: str
    source: str
    title: str
    text: str
    url: str = ""
    author: str = ""
    publisher: str = ""
    language: str = ""
    tags: tuple[str, ...] = ()
    published: datetime | None = None
    seen: datetime | None = None
    version: int = 1
    boilerplate: str = ""

    @property
    def lead(self) -> str:
        """The first paragraph of the text."""
        return self.text.split("\n\n", 1)[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenFile:
    """One file of a drop folder: its name, the SHA-256 of its bytes, and what it held.

    `reason` is set, and `articles` empty, when the file could not be read: it goes to `failed/`.
    """

    name: str
    sha256: str
    articles: tuple[str, ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What a server and its document ask of those who poll: hints, none of them a demand.

    `ttl` and the hours (0-23) and weekdays (0 is Monday) to skip, both in GMT, stand in the document; `fresh_for`
    comes with each answer.
    """

    ttl: timedelta | None = None
    fresh_for: timedelta | None = None
    skip_hours: tuple[int, ...] = ()
    skip_days: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """What one fetch of a source gave. A message: `sources.codec` turns it into bytes and back.

    `cursor` is the source kind's own state (JSON values), to be saved in the transaction of the articles it
    covers. `unchanged` says that nothing was parsed (304, same bytes): only the cursor counts. `complete` says
    that `articles` is the whole document, so that absence from it means something; `present` are the ids of articles
    that stand in it too, and are as they were. `warnings` are for the operator.
    `host` is who answered; `moved_to` the address that replaced the configured one for good, without secrets.
    """

    source: str
    key: str  # stable: the same fetch redelivered carries the same key
    at: datetime
    articles: tuple[Article, ...] = ()
    present: tuple[str, ...] = ()
    cursor: Mapping[str, Any] = field(default_factory=lambda: NOTHING)
    unchanged: bool = False
    complete: bool = True
    files: tuple[TakenFile, ...] = ()
    warnings: tuple[str, ...] = ()
    wishes: Wishes = field(default_factory=Wishes)
    host: str = ""
    moved_to: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """What one fetch of a source failed by.

    `status` and `host` say who answered what, when anybody did; `is_unreachable` that nobody did. `not_before` is the
    server's wish for the next try. `cursor` replaces the source's own when it must change although nothing came.
    """

    source: str
    at: datetime
    reason: str
    status: int = 0
    host: str = ""
    is_unreachable: bool = False
    not_before: datetime | None = None
    cursor: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceState:
    """How a source stands, as the store keeps it: its cursor, what its fetches came to, and its rhythm.

    `appeared` holds when its latest articles appeared, oldest first; `haste` how often its interval is halved because
    documents came of which nothing was known. `paused_by` is who paused it and why, "" when nobody did.
    """

    id: str
    cursor: Mapping[str, Any] = field(default_factory=lambda: NOTHING)
    cursor_at: datetime | None = None
    first_parsed: datetime | None = None
    last_success: datetime | None = None
    last_article: datetime | None = None
    failures: int = 0  # in a row
    failing_since: datetime | None = None
    last_error: str = ""
    last_error_at: datetime | None = None
    not_before: datetime | None = None
    gone_since: datetime | None = None  # the first of the answers 410 in a row
    moved_to: str = ""
    wishes: Wishes = field(default_factory=Wishes)
    appeared: tuple[datetime, ...] = ()
    haste: int = 0
    paused_at: datetime | None = None
    paused_by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """Whom nobody asks for a while because a server wished so. `scope` is `source:ID`, `host:NAME` or `domain:NAME`.

    `strikes` counts wishes in a row that named no time.
    """

    scope: str
    since: datetime
    until: datetime
    strikes: int = 0
    reason: str = ""


# --- what is found -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Span:
    """Evidence: a half-open range of code points of an article's field (`title` or `text`).

    The span covers whole tokens; `core` is the range of the term itself without clitics. `term` is the term as
    the analyst wrote it.
    """

    field: str
    start: int
    end: int
    term: str
    core: tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """One rule hit on one version of one article, with its evidence."""

    article_id: str
    version: int
    rule: str
    rule_hash: str
    severity: Severity
    entities: tuple[str, ...] = ()
    spans: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """A set of articles that tell the same news. `head` is the id of its first article."""

    id: str
    head: str
    size: int
    publishers: tuple[str, ...]
    first_seen: datetime
    last_seen: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryDecision:
    """Which story an article joins, whether that story was there before, and why.

    `wire` is the article whose text it carries: of a copy, a trim and an update the one they go back to, else "".
    `is_known` says that an article known already tells all that this one tells.
    """

    story_id: str
    joined: bool
    reason: str
    relation: Relation = Relation.SEPARATE
    wire: str = ""
    is_known: bool = False


# --- what is wanted ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class When:
    """A condition on volume; what is None asks for nothing, and all that is asked for must hold (DESIGN 5).

    `over` is the window of count, publishers, spike and new_entity. A spike is so many times the mean of the same
    hours in the weeks that `baseline` reaches back, and `least` matches.
    """

    count: int | None = None
    publishers: int | None = None
    spike: float | None = None
    silent: timedelta | None = None
    new_entity: bool = False
    over: timedelta = timedelta(0)
    baseline: timedelta = timedelta(days=14)
    least: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Escalation:
    """When the condition holds, a group rises to a severity, and more channels are told; once for each group."""

    when: When
    to: Severity | None = None
    notify: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertPolicy:
    """How matches of a rule are told: a rule's `alert` after all defaults are merged."""

    group_by: tuple[str, ...] = ("story",)  # () means none: every match by itself
    group_wait: timedelta = timedelta(seconds=30)
    group_interval: timedelta = timedelta(minutes=5)
    throttle: timedelta = timedelta(0)
    max_age: timedelta = timedelta(hours=48)
    new_publishers: int = 0  # so many end the throttle; 0: none do
    corrections: bool = False
    when: When | None = None
    escalate: tuple[Escalation, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleCard:
    """What telling needs to know of a rule; carries nothing of how it matches."""

    id: str
    hash: str
    title: str
    severity: Severity
    notify: tuple[str, ...]
    alert: AlertPolicy = field(default_factory=AlertPolicy)
    note: str = ""
    owner: str = ""
    is_trial: bool = False
    is_drill: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class EntityCard:
    """What telling needs to know of an entity: its title, and what a reader of Arabic or English calls it."""

    title: str
    arabic: str
    latin: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """A time-bounded mute. `matchers` are (label, value) pairs, all of which must hold."""

    id: str
    matchers: tuple[tuple[str, str], ...]
    starts: datetime
    ends: datetime
    author: str
    reason: str


# --- what is told ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchState:
    """The disposition of one match on one channel, and the group and alert it belongs to."""

    rule: str
    article_id: str
    version: int
    channel: str
    disposition: Disposition
    reason: str
    group_key: str = ""
    alert_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Pending matches under one channel and one group key.

    `due` is when it is to be told, None when nothing is pending.
    `pending` holds matches whose disposition is waiting or folded since the last alert.
    `told_severity` is the highest severity told since it opened: a higher one ends the quiet early.
    `raised` is the severity that it escalated to, by the steps `escalated` ("rule:number"). `told_publishers` are
    those of what was told, `new_publishers` those that came since. `corrections` are told matches that an edit took
    back, of which is still to be told.
    """

    key: str
    channel: str
    code: str
    state: GroupState
    pending: tuple[Match, ...] = ()
    opened: datetime
    last_member: datetime
    last_told: datetime | None = None
    quiet_until: datetime | None = None
    due: datetime | None = None
    sequence: int = 0
    told_severity: Severity | None = None
    raised: Severity | None = None
    escalated: tuple[str, ...] = ()
    told_publishers: frozenset[str] = frozenset()
    new_publishers: frozenset[str] = frozenset()
    corrections: tuple[Match, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """A match as conditions on volume count it, under a rule and a group key.

    `at` is when its article was seen; `publisher` is a key, "" when unknown; `wire` the id of the article whose text
    it carries. `is_held`: the condition did not hold, and no group took it. It is kept `until` no window reaches it.
    """

    key: str
    match: Match
    at: datetime
    publisher: str
    wire: str
    is_held: bool
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """One notice drawn from a group. `sequence` counts from 1 within (channel, group_key)."""

    id: str
    channel: str
    code: str
    rules: tuple[str, ...]
    severity: Severity
    group_key: str
    sequence: int
    matches: tuple[Match, ...]
    stories: tuple[str, ...]
    reason: str
    created: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """How many alerts of a rule, or matches, people judged useful and noise."""

    useful: int = 0
    noise: int = 0

    @property
    def precision(self) -> float | None:
        """The share of those judged that is useful, 0 to 1; None when none was judged."""
        total = self.useful + self.noise
        return self.useful / total if total else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """A claim on a delivery by one instance; only the holder of the token may settle it."""

    instance: str
    token: str
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One alert for one channel (and one recipient). Its id is fixed at insertion and reused on every try."""

    id: str
    alert_id: str
    channel: str
    recipient: str = ""
    state: DeliveryState
    attempts: int = 0
    due: datetime
    created: datetime
    lease: Lease | None = None
    last_error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What a channel is asked to send: a delivery's id and the alert's content, frozen when the alert was made.

    `content` is JSON values as documented by `config/schema/webhook.json`, without the delivery's `id`. A channel
    renders it and never changes it. `thread` is the receipt of the first delivery that told the group there; "" where
    none did.
    """

    delivery_id: str
    recipient: str
    content: Mapping[str, Any]
    thread: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """The receiver took it. `receipt` is a short word of its answer."""

    receipt: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Retry:
    """Not now. `not_before` is the receiver's wish; `parks` says to park, not to bury, when patience ends;
    `is_outage` that the channel is at fault: no other message would fare better.
    """

    reason: str
    not_before: datetime | None = None
    parks: bool = False
    is_outage: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """Never. `parks` says that the channel, not the message, is at fault: keep the row for a replay."""

    reason: str
    parks: bool = False


Outcome: TypeAlias = Sent | Retry | Rejected


# --- what is committed together ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Ingest:
    """The bundle of intents of one fetch, committed in one transaction.

    `articles` are new articles and new versions; `aliases` maps a new id to the known article's; `stories` gives
    each new article's story; `states` are new or changed dispositions; `groups` are new or changed groups with
    their pending members. `lost` are matches of earlier versions with the version that no longer holds them, or 0
    where it holds them again. `counted` are matches under conditions on volume, new or no longer held back.
    `fetched` brings source, cursor, files and time. `is_gap`: nothing of the document was known, so that articles
    between it and the one before may have been missed.
    """

    fetched: Fetched
    is_gap: bool = False
    articles: tuple[Article, ...] = ()
    aliases: tuple[tuple[str, str], ...] = ()
    stories: tuple[tuple[str, StoryDecision], ...] = ()
    matches: tuple[Match, ...] = ()
    states: tuple[MatchState, ...] = ()
    groups: tuple[Group, ...] = ()
    lost: tuple[tuple[Match, int], ...] = ()
    counted: tuple[Counted, ...] = ()


# --- what is configured ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where something was written: file, line and column from 1; of a source or channel also each option by name.

    Two are alike when file, line and column are.
    """

    file: str = ""
    line: int = 0
    column: int = 0
    options: Mapping[str, tuple[int, int]] = field(default_factory=dict, compare=False)

    def of(self, option: str) -> Place:
        """Where an option stands, this place for one that stands nowhere."""
        line, column = self.options.get(option, (self.line, self.column))
        return Place(file=self.file, line=line, column=column)


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceSpec:
    """A configured source, not yet built; the kind's own file validates `options`.

    `listed` is the id of the list (OPML) that it comes from; faults of its options are that list's.
    """

    id: str
    kind: str
    options: Mapping[str, Any]
    tags: tuple[str, ...] = ()
    where: Place = field(default_factory=Place)
    listed: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelSpec:
    """A configured channel, not yet built; the kind's own file validates `options`."""

    name: str
    kind: str
    options: Mapping[str, Any]
    where: Place = field(default_factory=Place)
