"""What the store offers about channels: deliveries put off, let go, told together; and what the operator hears.

That is news of channels, and of files that are held back.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from sqlite3 import Connection
from typing import TYPE_CHECKING, Any

from monitor.alerting.calm import Hold
from monitor.alerting.operator import DrillStanding, News, Standing, Told
from monitor.errors import StoreError
from monitor.model import Alert, Article, Delivery
from monitor.store import held, lastgood, news, outbox, reads
from monitor.store.connection import Readers
from monitor.store.held import Held

if TYPE_CHECKING:
    from monitor.store.writer import Writer


class Holding:
    """A part of the store."""

    _readers: Readers
    _writer: Writer | None

    @property
    def _writing(self) -> Writer:
        if self._writer is None:
            raise StoreError("the database was opened for reading only")
        return self._writer

    def hold(self, holds: Sequence[tuple[Delivery, Hold]]) -> int:
        """Put claimed deliveries off. Returns how many: not those whose lease is another's now."""
        return self._writing.run(lambda db: held.hold(db, holds))

    def hold_overdue(self, channel: str, created_before: datetime, now: datetime, *, fewest: int) -> int:
        """Hold what waited since before a moment, where a recipient has so many. Returns how many."""
        return self._writing.run(lambda db: held.hold_overdue(db, channel, created_before, now, fewest))

    def let_go(self, delivery_ids: Collection[str], now: datetime) -> None:
        """Make held deliveries due."""
        self._writing.run(lambda db: held.let_go(db, delivery_ids, now))

    def commit_digest(
        self, alert: Alert, content: Mapping[str, Any], delivery: Delivery, members: Collection[str]
    ) -> None:
        """Write a digest with its delivery, and which held deliveries it tells."""

        def job(db: Connection) -> None:
            outbox.save_alert(db, alert, content, (delivery,), ())
            held.put_together(db, members, delivery.id)

        self._writing.run(job)

    def commit_news(
        self,
        changed: Mapping[News, datetime],
        alerts: Sequence[tuple[Alert, Mapping[str, Any], Sequence[Delivery]]],
    ) -> None:
        """Write what the operator is told now, with the alerts that tell it."""

        def job(db: Connection) -> None:
            news.save(db, changed)
            for alert, content, deliveries in alerts:
                outbox.save_alert(db, alert, content, deliveries, ())

        self._writing.run(job)

    def commit_setbacks(
        self,
        begun: lastgood.Setbacks,
        over: Collection[tuple[str, str]],
        alerts: Sequence[tuple[Alert, Mapping[str, Any], Sequence[Delivery]]],
    ) -> None:
        """Write whose newest text is not active any more, and whose is again, with the alerts that tell it."""

        def job(db: Connection) -> None:
            lastgood.save_setbacks(db, begun, over)
            for alert, content, deliveries in alerts:
                outbox.save_alert(db, alert, content, deliveries, ())

        self._writing.run(job)

    def recent(self, since: datetime, most: int) -> tuple[int, tuple[Article, ...]]:
        """How many articles came or changed since a moment, and at most `most` of them, spread evenly."""
        with self._readers.snapshot() as db:
            return reads.recent(db, since, most)

    def last_good(self) -> lastgood.Texts:
        """The texts of rule files that are active, with since when."""
        with self._readers.snapshot() as db:
            return lastgood.texts(db)

    def setbacks(self) -> lastgood.Setbacks:
        """Whose newest text is not active, as the operator was told, with since when."""
        with self._readers.snapshot() as db:
            return lastgood.setbacks(db)

    def standings(self) -> Mapping[str, Standing]:
        """The channels that fail as a whole or have parked deliveries, by name."""
        with self._readers.snapshot() as db:
            return news.standings(db)

    def drills(self) -> Mapping[str, DrillStanding]:
        """How the last drill of each channel that ever had one stands, by channel."""
        with self._readers.snapshot() as db:
            return news.drills(db)

    def operator_news(self) -> Told:
        """What the operator was told of channels and rules and is still so, with since when."""
        with self._readers.snapshot() as db:
            return news.told(db)

    def held(self, channel: str, now: datetime) -> tuple[Held, ...]:
        """What was held on a channel until now, in the order in which it was made."""
        with self._readers.snapshot() as db:
            return held.held(db, channel, now)

    def sent_times(self, channel: str, recipient: str, after: datetime, most: int) -> tuple[datetime, ...]:
        """When the last messages went to a recipient, the newest first; a digest counts as one, a drill as none."""
        with self._readers.snapshot() as db:
            return held.sent_times(db, channel, recipient, after, most)
