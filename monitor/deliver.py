"""Try due deliveries on their channels. The order of steps, little else.

A delivery is claimed under a lease before it is sent and settled after, so that a crash between the two repeats it
with the same id and never loses it.
"""

from __future__ import annotations

import logging
import random
import secrets
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType

from monitor import timing
from monitor.alerting.calm import CATCH_UP, FLOOD, Calm, Hold, hold
from monitor.alerting.digest import alert_of, digest
from monitor.alerting.retries import Health, after, felt
from monitor.channels import Channel
from monitor.model import (
    Delivery,
    DeliveryState,
    Message,
    Outcome,
    Retry,
    Sent,
    Severity,
)
from monitor.store import Store
from monitor.store.held import Held
from monitor.store.outbox import deliveries_for
from monitor.store.settling import Tried

TOGETHER = 50
"""Deliveries of one channel claimed at once."""

UNCONFIRMED = 5
"""Tries of one channel that are not yet on the disk when the next is made: what a crash repeats of it, at most."""

STALE = timedelta(minutes=2)
"""What was claimed longer ago and not tried is given back, well before its lease ends."""

MOST_LANES = 32
"""Channels served side by side."""

_AT_ONCE = Calm()

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryReport:
    """What one round over the deliveries did. `without_channel` counts those that wait for a channel's
    configuration."""

    sent: int = 0
    retried: int = 0
    parked: int = 0
    dead: int = 0
    held: int = 0  # put off by the channel's own wish
    overtaken: int = 0  # the lease was another's when the try ended
    without_channel: Mapping[str, int] = field(default_factory=dict)

    @property
    def failed(self) -> int:
        """Tries that ended otherwise than sent."""
        return self.retried + self.parked + self.dead


def _always() -> bool:
    return True


def deliver_due(
    store: Store, channels: Mapping[str, Channel], now: datetime, *, calm: Mapping[str, Calm] = MappingProxyType({})
) -> DeliveryReport:
    """Try every delivery that is due once, channels side by side; a channel's closing holds only if it wished so.

    `calm` is what channels ask for, by name.
    """
    started = timing.monotonic()
    counts: Counter[str] = Counter()
    with ThreadPoolExecutor(max(1, min(MOST_LANES, len(channels))), thread_name_prefix="lane") as pool:
        lanes = [
            pool.submit(
                deliver_lane, store, channel, lambda: now + _elapsed(started), calm=calm.get(name, Calm()), by=now
            )
            for name, channel in channels.items()
        ]
        for lane in lanes:
            counts += lane.result()
    return DeliveryReport(**{name: counts[state] for name, state in _COUNTED.items()},
                          without_channel=without_channel(store, channels))  # fmt: skip


_COUNTED = {"sent": "sent", "retried": "pending", "parked": "parked", "dead": "dead", "held": "held",
            "overtaken": "overtaken"}  # fmt: skip


def deliver_lane(
    store: Store,
    channel: Channel,
    clock: Callable[[], datetime],
    *,
    calm: Calm = _AT_ONCE,
    by: datetime | None = None,
    goes_on: Callable[[], bool] = _always,
    pause: Callable[[float], object] = time.sleep,
) -> Counter[str]:
    """Try what is due on one channel, in order, until nothing is, the channel fails as a whole, or `goes_on` says no.

    A channel that is closed gets one probe when its time has come. With `by`, what was due by then is tried once,
    also on a closed channel unless it asked for the pause itself. What `calm` holds is put off; what was held until
    now goes together. `pause` waits for so many seconds between messages of a channel that has a pace. Returns how
    many deliveries became sent, pending, parked, dead, held, or were overtaken.
    """
    counts: Counter[str] = Counter()
    most = 1 if calm.at_most else UNCONFIRMED  # what was sent is counted in the store
    health = store.health().get(channel.name, Health())
    _gather(store, channel, calm, clock(), by or clock(), is_back=not health.failures)
    while goes_on() and health.is_open(claimed_at := clock(), patient=by is None):
        claimed = list(
            store.claim(by or claimed_at, limit=1 if health.failures else TOGETHER, channels=[channel.name])
        )
        if not claimed:
            break
        unconfirmed: deque[Callable[[], str]] = deque()
        holds: list[tuple[Delivery, Hold]] = []
        while claimed:
            delivery, message = claimed.pop(0)
            while len(unconfirmed) >= most:
                counts[unconfirmed.popleft()()] += 1
            now = clock()
            if (why := _held(store, calm, delivery, message, now)) is not None:
                holds.append((delivery, why))
                continue
            outcome = _try(channel, message, now)
            before, health = health, felt(health, outcome, now := clock(), random.random())
            unconfirmed.append(_settle(store, channel, delivery, outcome, now, health if health != before else None))
            if before.failures and not health.failures:  # once that is written, what waited for a later try is due
                while unconfirmed:
                    counts[unconfirmed.popleft()()] += 1
                _gather(store, channel, calm, now, by or now, is_back=True)
            if channel.retry.pace:  # also after the last: the next lane may begin at once
                pause(channel.retry.pace.total_seconds())
            is_stale = now - claimed_at > STALE
            if claimed and (is_stale or not (goes_on() and health.is_open(now, patient=by is None))):
                store.release([delivery for delivery, _ in claimed])
                claimed = []
        counts.update(confirm() for confirm in unconfirmed)
        if holds:
            done = store.hold(holds)
            counts += Counter(held=done, overtaken=len(holds) - done)
    return counts


def _held(store: Store, calm: Calm, delivery: Delivery, message: Message, now: datetime) -> Hold | None:
    """Why and until when a delivery is to wait; a drill tests the way and never does."""
    if not calm.may_hold or message.content.get("drill"):
        return None
    sent: Sequence[datetime] = ()
    if calm.at_most:
        sent = store.sent_times(delivery.channel, delivery.recipient, now - calm.per, calm.at_most)
    severity = Severity.from_word(str(message.content["severity"]))
    return hold(calm, severity, now, sent, is_digest="digest" in message.content)


def _gather(store: Store, channel: Channel, calm: Calm, now: datetime, by: datetime, *, is_back: bool) -> None:
    """Tell together what was held until `by`, and after an outage what waited through it."""
    if calm.catches_up and is_back:
        store.hold_overdue(channel.name, now - CATCH_UP, now, fewest=FLOOD)
    waiting = store.held(channel.name, by)
    digests = {held.delivery_id for held in waiting if "digest" in held.content}
    if digests:  # they go as they are: within another their alerts would be one line, and would never end
        store.let_go(digests, by)
    by_recipient: dict[str, list[Held]] = {}
    for held in waiting:
        if held.delivery_id not in digests:
            by_recipient.setdefault(held.recipient, []).append(held)
    for recipient, held_back in by_recipient.items():
        members = [held.delivery_id for held in held_back]
        if len(members) == 1 and calm.digest is None:
            store.let_go(members, by)
            continue
        alert_id = f"n{secrets.token_hex(8)}"
        contents = [held.content for held in held_back]
        body = digest(contents, held_back[-1].cause, alert_id=alert_id, channel=channel.name, now=by)
        (delivery,) = deliveries_for(alert_id, channel.name, (recipient,), by)
        store.commit_digest(alert_of(body, by), body, delivery, members)


def without_channel(store: Store, channels: Iterable[str]) -> Mapping[str, int]:
    """How many pending deliveries wait for a channel that is not built, by its name."""
    known = set(channels)
    return {channel: number for channel, number in store.pending().items() if channel not in known}


def _try(channel: Channel, message: Message, now: datetime) -> Outcome:
    try:
        return channel.send(message, now)
    except Exception as error:
        # A boundary: one channel's fault must not stop the others. Its text may hold secrets, its class does not.
        fields = {"channel": channel.name, "why": type(error).__name__}
        _log.error("a channel crashed", extra=fields)  # no traceback: it may show secrets
        return Retry(reason=f"the channel crashed: {type(error).__name__}")


def _settle(
    store: Store, channel: Channel, delivery: Delivery, outcome: Outcome, now: datetime, health: Health | None
) -> Callable[[], str]:
    """Have written what came of a try, and the channel's `health` where it changed. Call what is returned to wait for
    it: the delivery's new state, or "overtaken"."""
    assert delivery.lease is not None
    settled = after(delivery, outcome, channel.retry, now, random.random())
    receipt = outcome.receipt if isinstance(outcome, Sent) else ""
    tried = Tried(delivery=settled, at=now, token=delivery.lease.token, receipt=receipt, channel=health)
    is_written = store.settle_soon(tried)

    def confirm() -> str:
        if not is_written():
            return "overtaken"
        is_first_or_last = settled.attempts == 1 or settled.state is not DeliveryState.PENDING
        if settled.state is not DeliveryState.SENT and is_first_or_last:
            # The tries between the first and the last are counted in the delivery's row.
            words = {"channel": channel.name, "state": settled.state, "why": settled.last_error}
            _log.warning("a delivery failed", extra={"delivery": settled.id, **words})
        return settled.state.value

    return confirm


def _elapsed(started: float) -> timedelta:
    return timedelta(milliseconds=int((timing.monotonic() - started) * 1000))
