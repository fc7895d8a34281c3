"""Decide what follows from a try of a delivery: sent, try again at, parked or dead; and whether its channel is open.

A delivery waits by its channel's schedule; a receiver's wish (Retry-After) only ever lengthens a wait. A channel that
fails as a whole is closed for a while, and one probe at a time opens it again. Pure.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from monitor.model import Delivery, DeliveryState, Outcome, Rejected, Retry
from monitor.timing import backoff, format_duration

SCHEDULE = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    *(timedelta(hours=hours) for hours in (2, 5, 10, 14, 20, 24)),
)
"""The waits after the first, second ... try that failed; the last goes on (Standard Webhooks, "retry schedule")."""

LONGEST_WISH = timedelta(hours=24)
"""The longest wait a receiver may ask for."""

FEWEST_TRIES = 5
"""Never give up earlier, however old the delivery is: it may have waited for Rasid, not for the receiver."""

FIRST_PROBE, LAST_PROBE = timedelta(milliseconds=100), timedelta(minutes=5)
"""How long a channel that failed is closed before the next probe, doubled from the one up to the other."""


OUTAGE = 3
"""Failures in a row from which on a channel was out: when it is back, what waits is due at once. Fewer may be the
fault of one message, which must not come again with every other that arrives."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """How a channel retries: the waits between tries, and the age of a delivery at which patience ends.

    `pace` is the least time from one message to the next, whatever came of it.
    """

    waits: tuple[timedelta, ...] = SCHEDULE
    give_up: timedelta = timedelta(days=7)
    pace: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """Whether a channel takes messages: how often in a row it failed as a whole, until when it is closed and why.

    `is_wish`: it asked for the pause itself (Retry-After), so that nobody may come earlier.
    """

    failures: int = 0
    closed_until: datetime | None = None
    is_wish: bool = False
    reason: str = ""

    def is_open(self, now: datetime, *, patient: bool = True) -> bool:
        """Whether a delivery may be tried. Without patience only the channel's own wish holds."""
        return self.closed_until is None or now >= self.closed_until or not (patient or self.is_wish)


def after(delivery: Delivery, outcome: Outcome, policy: RetryPolicy, now: datetime, jitter: float) -> Delivery:
    """The delivery after a try that ended `now`; its lease is gone. `jitter` is a number in [0, 1)."""
    attempts = delivery.attempts + 1
    state, due, error = DeliveryState.SENT, delivery.due, ""
    if isinstance(outcome, Rejected):
        state, error = _final(outcome.parks), outcome.reason
    elif isinstance(outcome, Retry):
        wait = policy.waits[min(attempts, len(policy.waits)) - 1]
        again = now + max(_spread(wait, jitter), _wish(outcome, now))
        if attempts >= FEWEST_TRIES and again > delivery.created + policy.give_up:
            state = _final(outcome.parks)
            error = f"{outcome.reason}; no success within {format_duration(now - delivery.created)}"
        else:
            state, due, error = DeliveryState.PENDING, again, outcome.reason
    return replace(delivery, state=state, attempts=attempts, due=due, lease=None, last_error=error)


def felt(health: Health, outcome: Outcome, now: datetime, jitter: float) -> Health:
    """A channel's health after one try: an outage closes it, any other answer shows that it is there."""
    if not (isinstance(outcome, Retry) and outcome.is_outage):
        return Health()
    failures = health.failures + 1
    own = backoff(failures, base=FIRST_PROBE, cap=LAST_PROBE, jitter=jitter)
    wish = _wish(outcome, now)
    return Health(failures=failures, closed_until=now + max(own, wish), is_wish=wish > own, reason=outcome.reason)


def _spread(wait: timedelta, jitter: float) -> timedelta:
    return wait * (0.8 + 0.4 * jitter)


def _wish(outcome: Retry, now: datetime) -> timedelta:
    wish = outcome.not_before - now if outcome.not_before is not None else timedelta(0)
    return min(wish, LONGEST_WISH)


def _final(parks: bool) -> DeliveryState:
    return DeliveryState.PARKED if parks else DeliveryState.DEAD
