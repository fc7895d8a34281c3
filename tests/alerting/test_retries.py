"""What follows from one try of a delivery."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.alerting.retries import RetryPolicy, after
from monitor.model import Delivery, DeliveryState, Lease, Rejected, Retry, Sent
from tests.alerting.samples import DAY, HOUR, MINUTE, NOON, SECOND

LEASED = Delivery(
    id="d1",
    alert_id="n1",
    channel="desk",
    state=DeliveryState.LEASED,
    due=NOON,
    created=NOON,
    lease=Lease(instance="i", token="t", until=NOON + 5 * MINUTE),
    last_error="HTTP 500",
)
POLICY = RetryPolicy()
EVEN = 0.5  # the jitter that multiplies by one


def test_a_sent_delivery_is_sent_and_has_no_error() -> None:
    sent = after(LEASED, Sent(receipt="HTTP 200"), POLICY, NOON, EVEN)

    assert sent == replace(LEASED, state=DeliveryState.SENT, attempts=1, lease=None, last_error="")


@pytest.mark.parametrize(("parks", "state"), [(True, DeliveryState.PARKED), (False, DeliveryState.DEAD)])
def test_a_rejected_delivery_is_dead_or_parked_at_once(parks: bool, state: DeliveryState) -> None:
    done = after(LEASED, Rejected(reason="gone", parks=parks), POLICY, NOON, EVEN)

    assert done == replace(LEASED, state=state, attempts=1, lease=None, last_error="gone")


@pytest.mark.parametrize(
    ("attempts", "seconds"), [(0, 30), (1, 60), (2, 120), (5, 960), (6, 1920), (7, 3600), (40, 3600)]
)
def test_the_delay_doubles_up_to_an_hour(attempts: int, seconds: int) -> None:
    again = after(replace(LEASED, attempts=attempts), Retry(reason="HTTP 502"), POLICY, NOON, EVEN)

    assert again == replace(
        LEASED,
        state=DeliveryState.PENDING,
        attempts=attempts + 1,
        lease=None,
        due=NOON + timedelta(seconds=seconds),
        last_error="HTTP 502",
    )


@given(attempts=st.integers(0, 200), jitter=st.floats(0, 1, exclude_max=True))
def test_the_delay_stays_within_a_fifth_and_below_the_cap(attempts: int, jitter: float) -> None:
    again = after(replace(LEASED, attempts=attempts), Retry(reason="HTTP 500"), POLICY, NOON, jitter)

    plain = min(POLICY.base * 2 ** min(attempts, 20), POLICY.cap)
    assert 0.8 * plain <= again.due - NOON <= min(1.2 * plain, POLICY.cap)


@pytest.mark.parametrize(
    ("wish", "delay"),
    [(2 * HOUR, 2 * HOUR), (SECOND, 30 * SECOND), (-HOUR, 30 * SECOND), (30 * DAY, DAY)],
)
def test_a_receivers_wish_only_lengthens_the_delay_and_at_most_to_a_day(wish: timedelta, delay: timedelta) -> None:
    again = after(LEASED, Retry(reason="HTTP 429", not_before=NOON + wish), POLICY, NOON, EVEN)

    assert again.due - NOON == delay


@pytest.mark.parametrize(("parks", "state"), [(True, DeliveryState.PARKED), (False, DeliveryState.DEAD)])
def test_patience_ends_when_the_next_try_would_be_later_than_give_up(parks: bool, state: DeliveryState) -> None:
    tried = replace(LEASED, attempts=100)
    now = NOON + 4 * DAY - 30 * MINUTE

    done = after(tried, Retry(reason="HTTP 401", parks=parks), POLICY, now, EVEN)

    reason = "HTTP 401; no success within 3d23h"
    assert done == replace(tried, state=state, attempts=101, lease=None, last_error=reason)


def test_a_last_try_just_in_time_is_made() -> None:
    tried = replace(LEASED, attempts=100)

    again = after(tried, Retry(reason="HTTP 500"), POLICY, NOON + 4 * DAY - HOUR, EVEN)

    assert (again.state, again.due) == (DeliveryState.PENDING, NOON + 4 * DAY)


def test_a_delivery_that_waited_for_rasid_itself_still_gets_its_tries() -> None:
    late = NOON + 30 * DAY
    states = []
    delivery = LEASED
    for _ in range(5):
        delivery = after(delivery, Retry(reason="no connection"), POLICY, late, EVEN)
        states.append(delivery.state)

    assert states == [DeliveryState.PENDING] * 4 + [DeliveryState.DEAD]
