"""What the store offers to those who tell: alerts with what they change, codes, deliveries leased and settled.

Each write is a transaction of its own, or shares one with others that wait at the same moment. Of those that end on
`_soon` the caller goes on at once, and waits for the commit by calling what is returned.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from sqlite3 import Connection
from typing import Any

from monitor.alerting.retries import Health
from monitor.model import Alert, Delivery, Group, MatchState, Message
from monitor.store import codes, groups, outbox
from monitor.store.holding import Holding
from monitor.store.settling import Settling, Tried


class Telling(Holding):
    """A part of the store."""

    instance: str
    _settling: Settling
    _codes: dict[str, str]
    _codes_lock: threading.Lock

    def commit_alert_soon(
        self,
        alert: Alert,
        content: Mapping[str, Any],
        deliveries: Sequence[Delivery],
        group: Group | Sequence[Group],
        states: Sequence[MatchState],
        now: datetime,
    ) -> Callable[[], None]:
        """Write an alert, its content, its deliveries, the group or groups it empties, and the members' states.

        Call what is returned to wait for the commit. Raises StoreError then.
        """
        told = [(match.rule, match.article_id, match.version) for match in alert.matches]
        return self._change(group, states, now, lambda db: outbox.save_alert(db, alert, content, deliveries, told))

    def commit_group_soon(
        self, group: Group | Sequence[Group], states: Sequence[MatchState], now: datetime
    ) -> Callable[[], None]:
        """Write groups that changed without an alert: muted, closed. The rest as in `commit_alert_soon`."""
        return self._change(group, states, now, lambda db: None)

    def _change(
        self,
        group: Group | Sequence[Group],
        states: Sequence[MatchState],
        now: datetime,
        first: Callable[[Connection], None],
    ) -> Callable[[], None]:
        changed = (group,) if isinstance(group, Group) else tuple(group)

        def job(db: Connection) -> None:
            first(db)
            groups.save_states(db, states, now)
            groups.save_groups(db, changed, now)

        future = self._writing.submit(job)

        def confirm() -> None:
            self._writing.wait(future)
            self._forget_codes(changed)

        return confirm

    def new_code(self, group_key: str, now: datetime) -> str:
        """The short code of a group key: its own, else one unused for 90 days. Lasting once committed."""
        with self._codes_lock, self._readers.snapshot() as db:
            code = codes.free_code(db, group_key, self._codes, now)
            self._codes[code] = group_key
            return code

    def _forget_codes(self, stored: Iterable[Group]) -> None:
        """Codes that are stored with their groups need no keeping apart here."""
        with self._codes_lock:
            for group in stored:
                self._codes.pop(group.code, None)

    def pending(self) -> Mapping[str, int]:
        """How many deliveries wait for a try on each channel."""
        with self._readers.snapshot() as db:
            return outbox.pending(db)

    def claim(
        self, now: datetime, *, limit: int = 20, channels: Collection[str] | None = None
    ) -> tuple[tuple[Delivery, Message], ...]:
        """Lease deliveries due on these channels (all by default) for five minutes, with what is to be sent."""
        with self._readers.snapshot() as db:
            if not outbox.has_due(db, now, channels):  # the usual case costs no write
                return ()
        return outbox.read(self._writing.run(lambda db: outbox.claim(db, self.instance, now, limit, channels)))

    def settle(
        self, delivery: Delivery, now: datetime, *, token: str, receipt: str = "", channel: Health | None = None
    ) -> bool:
        """Write where a delivery stands after a try, and its channel where that changed. False, and nothing written,
        when the lease is another's now."""
        return self.settle_soon(Tried(delivery=delivery, at=now, token=token, receipt=receipt, channel=channel))()

    def settle_soon(self, tried: Tried) -> Callable[[], bool]:
        """The same without waiting: call what is returned to wait for the commit. Raises StoreError like `settle`."""
        future = self._settling.add(tried)
        return lambda: tried.delivery.id in self._writing.wait(future)

    def release(self, deliveries: Sequence[Delivery]) -> None:
        """Give leases back untried."""
        self._writing.run(lambda db: outbox.release(db, deliveries))

    def replay(self, delivery_ids: Collection[str], now: datetime) -> int:
        """Make dead and parked deliveries due again under their ids. Returns how many."""
        return self._writing.run(lambda db: outbox.replay(db, delivery_ids, now))
