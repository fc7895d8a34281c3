"""What would become of a match: each thing that holds a channel back is named, and when it would be told."""

from __future__ import annotations

from dataclasses import replace
from datetime import time, timedelta
from typing import Any

import pytest

from monitor.alerting.calm import Calm, Quiet
from monitor.alerting.outlook import Prospect, outlook
from monitor.alerting.retries import Health
from monitor.model import Severity
from tests.alerting.samples import HOUR, MINUTE, NOON, a_card, a_silence

CARD = a_card()
SOON = NOON + CARD.alert.group_wait
WAIT = "gathered for 30 s first"


def _look(severity: Severity = Severity.HIGH, calm: Calm | None = None, **known: Any) -> Prospect:
    (found,) = outlook(CARD, severity, NOON, calm={"desk": calm or Calm()}, **known)
    return found


def test_an_open_channel_is_told_after_the_group_wait() -> None:
    assert _look() == Prospect(channel="desk", at=SOON, reasons=(WAIT,))


def test_a_rule_without_a_wait_is_told_at_once() -> None:
    card = replace(CARD, alert=replace(CARD.alert, group_wait=timedelta(0)))

    assert outlook(card, Severity.HIGH, NOON, calm={}) == (Prospect(channel="desk", at=NOON),)


def test_quiet_hours_put_it_off() -> None:
    night = Calm(quiet=(Quiet(start=time(11), end=time(18)),), lets_through=Severity.CRITICAL)

    assert _look(calm=night) == Prospect(
        channel="desk", at=NOON + 6 * HOUR, reasons=(WAIT, "held: the channel has quiet hours")
    )
    assert _look(Severity.CRITICAL, night).at == SOON


def test_a_full_hour_puts_it_off() -> None:
    found = _look(calm=Calm(at_most=1, per=HOUR), sent={"desk": [NOON - 50 * MINUTE]})

    assert (found.at, found.reasons[-1]) == (NOON + 10 * MINUTE, "held: the channel takes at most 1 per 1h")


def test_a_severity_that_the_channel_does_not_take_is_never_told() -> None:
    found = _look(calm=Calm(from_severity=Severity.CRITICAL))

    assert found == Prospect(channel="desk", at=None, reasons=("stored only: the channel takes critical and above",))


def test_a_silence_of_the_rule_mutes_it_and_one_of_an_entity_may_not() -> None:
    rule, entity = a_silence(("rule", CARD.id)), a_silence(("entity", "ain-al-asad"))

    assert _look(silences=[entity]).at == SOON
    muted = _look(silences=[entity, rule])
    assert muted.at is None
    assert rule.reason in muted.reasons[0]


def test_what_is_off_or_failing_is_named() -> None:
    off = _look(off={"desk": "there is no secret"})
    failing = _look(health={"desk": Health(failures=3, reason="no connection")})

    assert (off.at, off.reasons[-1]) == (None, "waits: the channel is off: there is no secret")
    assert (failing.at, failing.reasons[-1]) == (SOON, "the channel failed 3 times in a row: no connection")


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"is_trial": True}, "the rule is on trial: stored and counted, told to nobody"),
        ({"notify": ()}, "the rule notifies no channel: stored only"),
    ],
)
def test_a_rule_that_tells_nobody(changed: dict[str, Any], reason: str) -> None:
    card = replace(CARD, **changed)

    assert outlook(card, Severity.HIGH, NOON, calm={}) == (Prospect(channel="", at=None, reasons=(reason,)),)
