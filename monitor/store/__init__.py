"""The store: the one SQLite file that remembers everything. Writes by intent, reads by question.

A store opened with `write=True` holds the database's lock; its writes run on one thread, each in one transaction,
and return once they are on the disk. Reads run on the caller's thread over read-only connections. All SQL is in
this package; it judges nothing.
"""

from __future__ import annotations

import logging
import secrets
import threading
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from pathlib import Path
from sqlite3 import Connection
from types import MappingProxyType, TracebackType
from typing import Any

from monitor.errors import StoreError, StoreLocked
from monitor.model import (
    Alert,
    Article,
    Delivery,
    Failure,
    Fetched,
    Group,
    Ingest,
    Match,
    MatchState,
    Pause,
    RuleCard,
    SourceState,
)
from monitor.store import groups, lastgood, outbox, polling, reads, schema, writes
from monitor.store.answers import Answers, Row
from monitor.store.connection import Readers
from monitor.store.history import AlertAlone, CodeHistory, History, TakenTimes
from monitor.store.intents import perform
from monitor.store.keeping import Keeping
from monitor.store.lock import Lock
from monitor.store.reads import Accounts, StoredMatch
from monitor.store.retention import Limits, sweep
from monitor.store.settling import Settling
from monitor.store.socket import CommandSocket, NobodyListens, ask
from monitor.store.stories import LikeArticles
from monitor.store.telling import Telling
from monitor.store.writer import Writer
from monitor.stories.fingerprint import Fingerprint
from monitor.stories.identity import KnownArticles
from monitor.timing import monotonic

__all__ = [
    "Accounts",
    "AlertAlone",
    "CodeHistory",
    "History",
    "Limits",
    "Row",
    "Store",
    "StoredMatch",
    "TakenTimes",
    "ask_holder",
    "send_intent",
    "sweep",
]

_log = logging.getLogger(__name__)


class Store(Answers, Keeping, Telling):
    """An open database. A context manager; safe to use from every thread."""

    def __init__(self, path: Path, readers: Readers, writer: Writer | None, lock: Lock | None, instance: str) -> None:
        """For `open`, which is the way to a store."""
        self.path = path
        self.instance = instance
        self._readers = readers
        self._writer = writer
        self._lock = lock
        self._socket: CommandSocket | None = None
        self._deeds: dict[str, Callable[[Mapping[str, Any]], Any]] = {}
        self._codes: dict[str, str] = {}
        self._codes_lock = threading.Lock()
        self._like_articles = LikeArticles()
        self._settling = Settling(lambda job: self._writing.submit(job))

    @classmethod
    def open(cls, path: str | Path, *, write: bool = False, instance: str = "", now: datetime) -> Store:
        """Open a database; with `write`, take its lock, make or migrate it, and free the leases of whoever held it.

        Raises StoreLocked when another process writes, StoreError when the file is missing (reading), damaged, not
        Rasid's, or made by a newer Rasid.
        """
        database = Path(path).expanduser().resolve()
        readers = Readers(database)
        if not write:
            if not database.exists():
                raise StoreError(f"{database}: there is no database yet; `rasid run --once` makes it")
            store = cls(database, readers, None, None, instance)
            try:
                with readers.snapshot() as connection:
                    _named(database, lambda: schema.check(connection))
            except BaseException:
                store.close()
                raise
            return store
        try:
            database.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(f"{database.parent}: cannot be made: {error.strerror}") from error
        lock = Lock(database)
        writer = None
        try:
            writer = Writer(database, lambda connection: _named(database, lambda: schema.migrate(connection)))
            store = cls(database, readers, writer, lock, instance or secrets.token_hex(8))
            writer.run(outbox.free_leases)
            store._listen()
        except BaseException:
            if writer is not None:
                writer.close()
            lock.release()
            raise
        return store

    def _listen(self) -> None:
        """Open the command socket. Without one (a file system that has none) the store still does its work."""
        try:
            self._socket = CommandSocket(self.path, self._answer)
        except StoreError as error:
            _log.warning("no command socket: commands that write will find the database locked", extra={"why": error})

    def _answer(self, intent: Mapping[str, Any]) -> Any:
        own = self._deeds.get(str(intent.get("do")))
        return own(intent) if own is not None else self.perform(intent)

    def perform(self, intent: Mapping[str, Any]) -> Any:
        """Perform one of the intents of `intents.py`. Raises StoreError."""
        return perform(self._writing.run, intent)

    def answer(self, name: str, deed: Callable[[Mapping[str, Any]], Any]) -> None:
        """Answer an intent of the command socket by the holder's own `deed`, on the socket's thread."""
        self._deeds[name] = deed

    @property
    def is_alive(self) -> bool:
        """Whether the writer's thread runs."""
        return self._writing.is_alive

    def ping(self, done: Callable[[], None]) -> None:
        """Have `done` called on the writer's thread once it comes round. Does not wait."""
        self._writing.ping(done)

    def close(self) -> None:
        """Finish queued writes, close everything, let go of the lock. May be called twice."""
        if self._socket is not None:
            self._socket.close()
        self._readers.close()
        if self._writer is not None:
            self._writer.close()
        if self._lock is not None:
            self._lock.release()

    def __enter__(self) -> Store:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def transaction(self) -> AbstractContextManager[Connection]:
        """BEGIN IMMEDIATE, yield the connection, COMMIT or ROLLBACK. Only for the writer thread."""
        return self._writing.transaction()

    # --- writes by intent: one transaction each, raising StoreError -----------------------------------------

    def commit(
        self,
        ingest: Ingest,
        now: datetime,
        *,
        text_keys: Mapping[tuple[str, int], str] = MappingProxyType({}),
        fingerprints: Mapping[tuple[str, int], Fingerprint] = MappingProxyType({}),
    ) -> bool:
        """Write what one fetch brought, with its cursor. False when this very fetch was committed before.

        By (article id, version): `text_keys` spare deriving them a second time, `fingerprints` are those by which
        articles like these are to be found.
        """
        prepared = writes.prepare(ingest.articles, ingest.fetched, text_keys)
        is_new = self._writing.run(lambda db: writes.commit_ingest(db, ingest, prepared, now, fingerprints))
        self._forget_codes(ingest.groups)
        return is_new

    def record(
        self,
        outcomes: Sequence[Fetched | Failure],
        now: datetime,
        *,
        pauses: Sequence[Pause] = (),
        lifted: Collection[str] = (),
        known: Mapping[str, SourceState] = MappingProxyType({}),
    ) -> Mapping[str, SourceState]:
        """Write what polls came to that brought nothing to ingest, and which pauses begin and end.

        Many at once cost one transaction. Returns the states of their sources; what is `known` need not be read.
        """
        return self._writing.run(lambda db: polling.record(db, outcomes, now, pauses, lifted, known))

    def commit_troubles(
        self,
        troubles: polling.Told,
        alerts: Sequence[tuple[Alert, Mapping[str, Any], Sequence[Delivery]]],
    ) -> None:
        """Write what is wrong with these sources now, with the alerts that tell of it."""

        def job(db: Connection) -> None:
            polling.save_troubles(db, troubles)
            for alert, content, deliveries in alerts:
                outbox.save_alert(db, alert, content, deliveries, ())

        self._writing.run(job)

    def activate(self, cards: Iterable[RuleCard], now: datetime, texts: Mapping[str, bytes] | None = None) -> None:
        """Say which rules are active (all of them): notes first activations, changes of hash, and absences.

        `texts` are those of all their files, by absolute path: the last good ones from now on.
        """
        active = tuple(cards)

        def job(db: Connection) -> None:
            writes.activate(db, active, now)
            if texts is not None:
                lastgood.keep(db, texts, now)

        self._writing.run(job)

    # --- reads for the flows --------------------------------------------------------------------------------

    def has_fetch(self, source: str, key: str, at: datetime) -> bool:
        """Whether this very fetch was committed before."""
        with self._readers.snapshot() as db:
            return reads.has_fetch(db, source, key, at)

    def known(self, source: str, articles: Sequence[Article], present: Collection[str] = ()) -> KnownArticles:
        """What identity needs to know about the items of one document, and which of its ids need no decision."""
        with self._readers.snapshot() as db:
            return reads.known(db, source, articles, present)

    def first_seen(self, article_ids: Collection[str]) -> Mapping[str, datetime]:
        """When each known article was first seen."""
        with self._readers.snapshot() as db:
            return reads.first_seen(db, article_ids)

    def stored_matches(self, article_ids: Collection[str]) -> Mapping[str, tuple[StoredMatch, ...]]:
        """All matches of articles with their states, oldest first."""
        with self._readers.snapshot() as db:
            return reads.stored_matches(db, article_ids)

    def match_states(self, matches: Iterable[Match], channel: str) -> tuple[MatchState, ...]:
        """The states of matches on one channel."""
        with self._readers.snapshot() as db:
            return reads.match_states(db, matches, channel)

    def groups(self, channel: str, keys: Collection[str]) -> Mapping[str, Group]:
        """The groups of a channel by key, closed ones too."""
        with self._readers.snapshot() as db:
            return groups.groups(db, channel, keys)

    def article(self, article_id: str, version: int | None = None) -> Article | None:
        """An article by id, alias or unique beginning of its id, in its current or the given version."""
        with self._readers.snapshot() as db:
            return reads.article(db, article_id, version)

    def versions(self, wanted: Collection[tuple[str, int]]) -> Mapping[tuple[str, int], Article]:
        """Articles by id and version, many at once; those that are not there are left out."""
        with self._readers.snapshot() as db:
            return reads.versions(db, wanted)

    def sample(self, most: int) -> tuple[int, tuple[Article, ...]]:
        """How many articles have kept their text, and at most `most` of them, spread evenly over the archive."""
        with self._readers.snapshot() as db:
            return reads.sample(db, most)

    def rule_activated(self, rules: Collection[str]) -> Mapping[str, datetime]:
        """Since when each rule is active in its present form."""
        with self._readers.snapshot() as db:
            return reads.rule_activated(db, rules)

    def rules_known(self) -> frozenset[str]:
        """Every rule that was ever active."""
        with self._readers.snapshot() as db:
            return reads.rules_known(db)


def _named(database: Path, question: Any) -> Any:
    """Run a check and put the file's name before what it complains about."""
    try:
        return question()
    except StoreError as error:
        raise StoreError(f"{database}: {error}") from error


def ask_holder(path: str | Path, intent: Mapping[str, Any]) -> Any:
    """What the process that holds the database answers to an intent; None when nobody holds it. Raises StoreError."""
    try:
        return ask(Path(path).expanduser().resolve(), intent)
    except NobodyListens:
        return None


def send_intent(
    path: str | Path, intent: Mapping[str, Any], now: datetime, *, patience: timedelta = timedelta(seconds=5)
) -> Any:
    """Have an intent performed: by the process that holds the database, or, if there is none, right here.

    `intent` is {"do": name, ...}; names and arguments are in `intents.py`. Raises StoreError; StoreLocked when the
    holder neither listens nor lets go within `patience`.
    """
    database = Path(path).expanduser().resolve()
    deadline = monotonic() + patience.total_seconds()
    while True:
        try:
            return ask(database, intent)
        except NobodyListens:
            pass
        try:
            with Store.open(database, write=True, now=now) as store:
                return store.perform(intent)
        except StoreLocked:  # the holder is starting or ending
            if monotonic() > deadline:
                raise
            threading.Event().wait(0.05)
