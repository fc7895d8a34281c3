"""Decide what follows from the outcome of one try of a delivery: sent, try again at, parked or dead. Pure.

The delay doubles from `base` up to `cap`, with jitter; a receiver's wish (Retry-After) only ever lengthens it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from monitor.model import Delivery, DeliveryState, Outcome, Rejected, Sent
from monitor.timing import backoff, format_duration

LONGEST_WISH = timedelta(hours=24)
"""The longest wait a receiver may ask for."""

FEWEST_TRIES = 5
"""Never give up earlier, however old the delivery is: it may have waited for Rasid, not for the receiver."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """How a channel retries: first delay, longest delay, and the age of a delivery at which patience ends."""

    base: timedelta = timedelta(seconds=30)
    cap: timedelta = timedelta(hours=1)
    give_up: timedelta = timedelta(days=4)


def after(delivery: Delivery, outcome: Outcome, policy: RetryPolicy, now: datetime, jitter: float) -> Delivery:
    """The delivery after a try that ended `now`; its lease is gone. `jitter` is a number in [0, 1)."""
    tried = replace(delivery, attempts=delivery.attempts + 1, lease=None)
    if isinstance(outcome, Sent):
        return replace(tried, state=DeliveryState.SENT, last_error="")
    if isinstance(outcome, Rejected):
        return replace(tried, state=_final(outcome.parks), last_error=outcome.reason)
    due = now + _delay(tried.attempts, outcome.not_before, policy, now, jitter)
    if tried.attempts >= FEWEST_TRIES and due > delivery.created + policy.give_up:
        reason = f"{outcome.reason}; no success within {format_duration(now - delivery.created)}"
        return replace(tried, state=_final(outcome.parks), last_error=reason)
    return replace(tried, state=DeliveryState.PENDING, due=due, last_error=outcome.reason)


def _delay(
    attempts: int, not_before: datetime | None, policy: RetryPolicy, now: datetime, jitter: float
) -> timedelta:
    # The cap holds after the jitter too, so that "at most an hour" is what operators see.
    own = min(backoff(attempts, base=policy.base, cap=policy.cap, jitter=jitter), policy.cap)
    wish = not_before - now if not_before is not None else timedelta(0)
    return max(own, min(wish, LONGEST_WISH))


def _final(parks: bool) -> DeliveryState:
    return DeliveryState.PARKED if parks else DeliveryState.DEAD
