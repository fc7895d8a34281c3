"""What is asked of the store: listings, search, histories, how it stands, what is due. The store inherits them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

from monitor.alerting.conditions import Tally, Window
from monitor.alerting.message import Earlier
from monitor.alerting.retries import Health
from monitor.model import Group as AlertGroup
from monitor.model import Judged, Pause, Silence, SourceState, Story
from monitor.rules.lookup import Group
from monitor.store import (
    archive,
    counts,
    groups,
    health,
    history,
    lags,
    listings,
    outbox,
    polling,
    reads,
    search,
    silences,
    stories,
    verdicts,
)
from monitor.store.archive import Archived
from monitor.store.connection import Readers
from monitor.store.history import AlertAlone, CodeHistory, History, TakenTimes
from monitor.store.rarity import Rarity, rarity
from monitor.store.reads import Accounts
from monitor.store.stories import AT_ONCE, LikeArticles
from monitor.stories.facts import Reader
from monitor.stories.fingerprint import Fingerprint, fingerprints
from monitor.stories.placing import Candidate
from monitor.stories.publishers import Appearance

Row = listings.Row


class Answers:
    """Reads over one set of read-only connections; each answer is from one commit."""

    _readers: Readers
    _like_articles: LikeArticles

    def rarity(self) -> Rarity | None:
        """How often words occur in the archive; None while it is too small to say."""
        return rarity(self._readers)

    def matches(self, **filters: Any) -> tuple[Row, ...]:
        """Matches with their dispositions, newest first; filters and keys as in `listings.matches`."""
        with self._readers.snapshot() as db:
            return listings.matches(db, **filters)

    def deliveries(self, **filters: Any) -> tuple[Row, ...]:
        """Deliveries with their alerts, newest first; filters and keys as in `listings.deliveries`."""
        with self._readers.snapshot() as db:
            return listings.deliveries(db, **filters)

    def sources(self) -> tuple[Row, ...]:
        """Every source ever fetched; keys as in `listings.sources`."""
        with self._readers.snapshot() as db:
            return listings.sources(db)

    def candidates(self, groups: Sequence[Group]) -> list[int]:
        """Articles, by number, that hold what a query must find; the newest first."""
        with self._readers.snapshot() as db:
            return search.numbers(db, groups)

    def articles(
        self, numbers: Sequence[int], source: str | None, since: datetime | None, until: datetime | None
    ) -> list[search.Found]:
        """Some articles in their current version, the newest first, of a source and first seen within a time."""
        with self._readers.snapshot() as db:
            return search.articles(db, numbers, source, since, until)

    def history(self, article_id: str) -> History | None:
        """Everything that happened to an article, by id, alias or unique beginning of its id."""
        with self._readers.snapshot() as db:
            return history.history(db, article_id)

    def by_code(self, code: str) -> CodeHistory | None:
        """What a short code stands for: groups on all channels and their alerts."""
        with self._readers.snapshot() as db:
            return history.by_code(db, code)

    def by_alert(self, name: str) -> AlertAlone | None:
        """An alert by its id, by that of one of its deliveries, or by a unique beginning of either."""
        with self._readers.snapshot() as db:
            return history.by_alert(db, name)

    def files_with(self, sha256: str) -> tuple[TakenTimes, ...]:
        """Files of any folder source that had these bytes, with the articles they held."""
        with self._readers.snapshot() as db:
            return history.files_with(db, sha256)

    def silences(self, now: datetime, *, also_ended: bool = False) -> tuple[Silence, ...]:
        """Silences that have not ended, the next to end first; with `also_ended` the latest 200 of all."""
        with self._readers.snapshot() as db:
            return silences.silences(db, now, also_ended=also_ended)

    def health(self) -> Mapping[str, Health]:
        """The channels that failed as a whole last, by name; every other one is open."""
        with self._readers.snapshot() as db:
            return health.health(db)

    def earlier(self, channel: str, group_key: str) -> Earlier | None:
        """What the alerts that a group was told by on a channel said; None when it never was."""
        with self._readers.snapshot() as db:
            return outbox.earlier(db, channel, group_key)

    def story_reader(self) -> Reader:
        """What reads articles for their fingerprints, under the seed of this database."""
        with self._readers.snapshot() as db:
            return self._like_articles.reader(db)

    def fingerprints(
        self, articles: Iterable[tuple[str, str]]
    ) -> Iterator[tuple[Fingerprint, tuple[Candidate, ...]]]:
        """The fingerprint of each article, a title and a text, with the committed articles like it. Several cost less
        than each by itself.
        """
        made = fingerprints([*articles], self.story_reader())
        while some := [*islice(made, AT_ONCE)]:
            yield from zip(some, self.like_articles(some), strict=True)

    def like_articles(self, some: Sequence[Fingerprint]) -> list[tuple[Candidate, ...]]:
        """For each, committed articles that have the same text or may be like it; of the last 72 hours."""
        with self._readers.snapshot() as db:
            return self._like_articles.find(db, some)

    def tally(
        self,
        keys: Mapping[str, Collection[str]],
        windows: Mapping[str, Sequence[Window]],
        activated: Mapping[str, datetime],
        turned: Collection[tuple[str, str, int]] = (),
    ) -> Tally:
        """What conditions on volume have counted, by rule, under these group keys and within these windows.

        Of the matches `turned` (rule, article id, version) the opposite of what is stored is true by now.
        """
        with self._readers.snapshot() as db:
            return counts.tally(db, keys, windows, activated, turned)

    def stories_of(self, article_ids: Collection[str]) -> Mapping[str, Story]:
        """The story of each article, by the article's id."""
        with self._readers.snapshot() as db:
            return stories.stories_of(db, article_ids)

    def stories(self, *, since: datetime | None = None, least: int = 1, limit: int = 1000) -> tuple[Row, ...]:
        """Stories of at least so many articles, the one that grew last first; keys as in `stories.stories`."""
        with self._readers.snapshot() as db:
            return stories.stories(db, since=since, least=least, limit=limit)

    def story(self, story_id: str) -> Row | None:
        """A story with its articles, by its id, a unique beginning of that or an article's id; as in `stories.story`.

        Raises StoreError when several stories begin so.
        """
        with self._readers.snapshot() as db:
            return stories.story(db, story_id)

    def appearances(self, article_ids: Collection[str]) -> tuple[Appearance, ...]:
        """Articles as voices, in the order in which they were seen, for `publishers.independent`."""
        with self._readers.snapshot() as db:
            return stories.appearances(db, article_ids)

    def accounts(self) -> Accounts:
        """Matches and dispositions counted, for the promise that they add up."""
        with self._readers.snapshot() as db:
            return reads.accounts(db)

    def overview(self) -> Row:
        """How the store stands in a few numbers; keys as in `listings.overview`."""
        with self._readers.snapshot() as db:
            return listings.overview(db)

    def has_due(self, now: datetime, channels: Collection[str]) -> bool:
        """Whether a delivery is due on one of these channels."""
        with self._readers.snapshot() as db:
            return outbox.has_due(db, now, channels)

    # --- what people said, and the archive that rules are tried on ------------------------------------------------

    def alerts_meant(self, word: str) -> tuple[str, ...]:
        """The ids of the alerts that a code, an id or the beginning of one means. Raises StoreError."""
        with self._readers.snapshot() as db:
            return verdicts.meant(db, word)

    def verdicts(self, **filters: Any) -> tuple[Row, ...]:
        """Verdicts, the last given first; filters and keys as in `verdicts.verdicts`."""
        with self._readers.snapshot() as db:
            return verdicts.verdicts(db, **filters)

    def judged_rules(self) -> Mapping[str, Judged]:
        """How many alerts of each rule were judged useful and noise."""
        with self._readers.snapshot() as db:
            return verdicts.by_rule(db)

    def judged_matches(self, rules: Collection[str]) -> Mapping[tuple[str, str], str]:
        """`useful` or `noise` for each match of these rules told by an alert with a verdict, by rule and article."""
        with self._readers.snapshot() as db:
            return verdicts.of_matches(db, rules)

    def archive_size(self, since: datetime) -> int:
        """How many articles first seen since then have kept their text."""
        with self._readers.snapshot() as db:
            return archive.size(db, since)

    def archive(self, since: datetime) -> Iterator[Archived]:
        """Those articles in their current version, in the order in which they came, a page at a time."""
        page: tuple[Archived, ...] = ()
        while True:
            with self._readers.snapshot() as db:
                page = archive.page(db, since, page[-1].number if page else 0)
            if not page:
                return
            yield from page

    # --- how sources stand -----------------------------------------------------------------------------------

    def cursor(self, source: str) -> Mapping[str, Any]:
        """The source kind's own state after the last committed fetch; empty for a new source."""
        return self.source_state(source).cursor

    def source_state(self, source: str) -> SourceState:
        """Cursor, failures and times of a source; an empty state for one never fetched."""
        return self.source_states([source])[source]

    def source_states(self, names: Collection[str] | None = None) -> Mapping[str, SourceState]:
        """The states of these sources, of all that were ever fetched by default."""
        with self._readers.snapshot() as db:
            return polling.source_states(db, names)

    def pauses(self) -> Mapping[str, Pause]:
        """Whom servers asked to leave alone, by scope; also what is over, since it counts strikes."""
        with self._readers.snapshot() as db:
            return polling.pauses(db)

    def troubles(self) -> polling.Told:
        """What the operator was told is wrong with each source."""
        with self._readers.snapshot() as db:
            return polling.troubles(db)

    def source_is_new(self, source: str) -> bool:
        """Whether no document of the source was ever parsed and committed."""
        return self.source_state(source).first_parsed is None

    def due_groups(self, now: datetime, limit: int = 100) -> tuple[AlertGroup, ...]:
        """Groups to be told now, the longest due first."""
        with self._readers.snapshot() as db:
            return groups.due_groups(db, now, limit)

    def pending_groups(self, limit: int = 1000) -> tuple[AlertGroup, ...]:
        """Groups with something to tell, due or not."""
        with self._readers.snapshot() as db:
            return groups.pending_groups(db, limit)

    def idle_groups(self, before: datetime, now: datetime, limit: int = 100) -> tuple[AlertGroup, ...]:
        """Groups not closed, with nothing pending and quiet no more, whose last member came before a moment."""
        with self._readers.snapshot() as db:
            return groups.idle_groups(db, before, now, limit)

    def groups_holding(self, article_id: str) -> tuple[AlertGroup, ...]:
        """Groups in which a match on an article is pending."""
        with self._readers.snapshot() as db:
            return groups.groups_holding(db, article_id)

    def outbox(self) -> lags.Outbox:
        """The deliveries that are not finished, and the groups that wait."""
        with self._readers.snapshot() as db:
            return lags.outbox(db)

    def lags(self, since: datetime) -> Mapping[str, tuple[float, ...]]:
        """How long each step took, in seconds, of what happened after `since`."""
        with self._readers.snapshot() as db:
            return lags.lags(db, since)

    def rule_matches(self, since: datetime) -> Mapping[str, int]:
        """Matches by rule after `since`, of the rules that matched most."""
        with self._readers.snapshot() as db:
            return lags.rule_matches(db, since)

    def last_successes(self) -> Mapping[str, int]:
        """When the last poll, article, alert and delivery went well, in epoch milliseconds."""
        with self._readers.snapshot() as db:
            return lags.last_successes(db)
