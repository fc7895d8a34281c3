"""What follows from one try of a delivery."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.alerting.retries import SCHEDULE, Health, RetryPolicy, after, felt
from monitor.model import Delivery, DeliveryState, Lease, Outcome, Rejected, Retry, Sent
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
    ("attempts", "wait"),
    [(0, 5 * SECOND), (1, 5 * MINUTE), (2, 30 * MINUTE), (3, 2 * HOUR), (7, 20 * HOUR), (8, DAY), (40, DAY)],
)
def test_the_wait_follows_the_schedule_whose_last_goes_on(attempts: int, wait: timedelta) -> None:
    again = after(
        replace(LEASED, attempts=attempts), Retry(reason="HTTP 502"), RetryPolicy(give_up=100 * DAY), NOON, EVEN
    )

    assert again == replace(
        LEASED, state=DeliveryState.PENDING, attempts=attempts + 1, lease=None, due=NOON + wait, last_error="HTTP 502"
    )


@given(attempts=st.integers(0, 200), jitter=st.floats(0, 1, exclude_max=True))
def test_the_wait_stays_within_a_fifth(attempts: int, jitter: float) -> None:
    policy = RetryPolicy(give_up=100 * DAY)
    again = after(replace(LEASED, attempts=attempts), Retry(reason="HTTP 500"), policy, NOON, jitter)

    plain = SCHEDULE[min(attempts, len(SCHEDULE) - 1)]
    assert 0.8 * plain <= again.due - NOON <= 1.2 * plain


@pytest.mark.parametrize(
    ("wish", "delay"),
    [(2 * HOUR, 2 * HOUR), (SECOND, 5 * SECOND), (-HOUR, 5 * SECOND), (30 * DAY, DAY)],
)
def test_a_receivers_wish_only_lengthens_the_delay_and_at_most_to_a_day(wish: timedelta, delay: timedelta) -> None:
    again = after(LEASED, Retry(reason="HTTP 429", not_before=NOON + wish), POLICY, NOON, EVEN)

    assert again.due - NOON == delay


@pytest.mark.parametrize(("parks", "state"), [(True, DeliveryState.PARKED), (False, DeliveryState.DEAD)])
def test_patience_ends_when_the_next_try_would_be_later_than_give_up(parks: bool, state: DeliveryState) -> None:
    tried = replace(LEASED, attempts=100)
    now = NOON + 7 * DAY - 30 * MINUTE

    done = after(tried, Retry(reason="HTTP 401", parks=parks), POLICY, now, EVEN)

    reason = "HTTP 401; no success within 6d23h"
    assert done == replace(tried, state=state, attempts=101, lease=None, last_error=reason)


def test_a_last_try_just_in_time_is_made() -> None:
    tried = replace(LEASED, attempts=100)

    again = after(tried, Retry(reason="HTTP 500"), POLICY, NOON + 6 * DAY, EVEN)

    assert (again.state, again.due) == (DeliveryState.PENDING, NOON + 7 * DAY)


def test_a_delivery_that_waited_for_rasid_itself_still_gets_its_tries() -> None:
    late = NOON + 30 * DAY
    states = []
    delivery = LEASED
    for _ in range(5):
        delivery = after(delivery, Retry(reason="no connection"), POLICY, late, EVEN)
        states.append(delivery.state)

    assert states == [DeliveryState.PENDING] * 4 + [DeliveryState.DEAD]


# --- the channel as a whole ----------------------------------------------------------------------------------


OUT = Retry(reason="no connection", is_outage=True)


def test_an_outage_closes_a_channel_for_longer_each_time_up_to_five_minutes() -> None:
    health, closed = Health(), []
    for _ in range(14):
        health = felt(health, OUT, NOON, EVEN)
        assert health.closed_until is not None
        closed.append((health.closed_until - NOON) / SECOND)

    assert closed == [*(0.1 * 2**n for n in range(12)), 300, 300]
    assert health == Health(failures=14, closed_until=NOON + 5 * MINUTE, reason="no connection")


@pytest.mark.parametrize("outcome", [Sent(receipt="ok"), Rejected(reason="no"), Retry(reason="HTTP 400")])
def test_any_answer_of_its_own_opens_a_channel(outcome: Outcome) -> None:
    assert felt(Health(failures=4, closed_until=NOON + HOUR), outcome, NOON, EVEN) == Health()


def test_a_closed_channel_is_open_again_when_its_time_has_come() -> None:
    closed = felt(Health(), OUT, NOON, EVEN)

    assert Health().is_open(NOON)
    assert [closed.is_open(NOON + tenths * SECOND / 10) for tenths in (0, 0.9, 1)] == [False, False, True]
    assert closed.is_open(NOON, patient=False)


def test_a_pause_that_the_receiver_asked_for_holds_even_without_patience() -> None:
    paused = felt(Health(), replace(OUT, not_before=NOON + 2 * DAY), NOON, EVEN)

    assert (paused.closed_until, paused.is_wish) == (NOON + DAY, True)
    assert not paused.is_open(NOON + HOUR, patient=False)
