"""When a silence mutes what carries certain labels."""

from __future__ import annotations

from datetime import datetime

import pytest

from monitor.alerting.silences import silenced_by
from tests.alerting.samples import DAY, HOUR, NOON, a_silence

LABELS = {"rule": ("attack",), "entity": ("ain-al-asad", "erbil"), "code": ("A7K2",)}


@pytest.mark.parametrize(
    ("matchers", "mutes"),
    [
        ([("rule", "attack")], True),
        ([("entity", "erbil"), ("rule", "attack")], True),
        ([("entity", "erbil"), ("rule", "leak")], False),
        ([("weather", "rain")], False),
        ([], False),
    ],
)
def test_a_silence_mutes_when_all_its_matchers_hold(matchers: list[tuple[str, str]], mutes: bool) -> None:
    silence = a_silence(*matchers)

    assert silenced_by([silence], LABELS, NOON) == (silence if mutes else None)


@pytest.mark.parametrize(
    ("now", "mutes"), [(NOON - 2 * HOUR, False), (NOON - HOUR, True), (NOON + DAY, False), (NOON, True)]
)
def test_a_silence_holds_from_its_start_until_just_before_its_end(now: datetime, mutes: bool) -> None:
    silence = a_silence(("code", "A7K2"))

    assert silenced_by([silence], LABELS, now) == (silence if mutes else None)


def test_the_first_silence_that_holds_is_named() -> None:
    other, first, second = a_silence(("rule", "leak")), a_silence(("rule", "attack")), a_silence(("code", "A7K2"))

    assert silenced_by([other, first, second], LABELS, NOON) is first
