"""Conditions on volume: what is counted, within which window, and what that says."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from monitor.alerting.conditions import WEEK, Tally, Window, judge, reach, voices, windows
from monitor.model import AlertPolicy, Counted, Escalation, When
from tests.alerting.samples import DAY, HOUR, MINUTE, NOON, a_card, a_match

CARD = a_card()


def a_row(
    number: int = 0,
    *,
    ago: timedelta = timedelta(0),
    publisher: str = "",
    wire: str = "",
    entities: tuple[str, ...] = (),
) -> Counted:
    """A match counted some time before noon."""
    name = f"a{number}"
    return Counted(
        key="story=s1",
        match=a_match(CARD, name, entities=entities),
        at=NOON - ago,
        publisher=publisher,
        wire=wire or name,
        is_held=False,
        until=NOON + DAY,
    )


def judged(when: When, *rows: Counted, is_open: bool = False, since: datetime | None = None) -> tuple[bool, str]:
    """The verdict on the last row."""
    tally = Tally(activated={} if since is None else {"attack": since})
    for row in rows[:-1]:
        tally.add(row)
    tally.of("attack", "story=s1").append(rows[-1])
    verdict = judge(when, rows[-1], tally, is_open=is_open)
    return verdict.holds, verdict.reason


def test_matches_count_within_a_window_that_ends_with_the_last() -> None:
    when = When(count=3, over=HOUR)
    within, before = a_row(1, ago=59 * MINUTE), a_row(2, ago=HOUR)

    assert judged(when, within, a_row(3), a_row(4)) == (True, "3 of 3 matches in 1h")
    assert judged(when, before, a_row(3), a_row(4)) == (False, "2 of 3 matches in 1h")


def test_an_article_that_matched_in_two_versions_counts_once() -> None:
    first, other = a_row(1, ago=MINUTE), a_row(2)
    again = replace(a_row(1), match=replace(first.match, version=3))

    assert judged(When(count=3, over=HOUR), first, other, again) == (False, "2 of 3 matches in 1h")


def test_publishers_count_once_each_and_copies_of_one_text_once() -> None:
    when = When(publishers=2, over=6 * HOUR)
    first = a_row(1, publisher="gulf")

    assert judged(when, first, a_row(2, publisher="gulf")) == (False, "1 of 2 publishers in 6h")
    assert judged(when, first, a_row(2, publisher="")) == (False, "1 of 2 publishers in 6h")
    assert judged(when, first, a_row(2, publisher="sea", wire="a1")) == (False, "1 of 2 publishers in 6h")
    assert judged(when, first, a_row(2, publisher="sea")) == (True, "2 of 2 publishers in 6h")
    assert list(voices([first, a_row(2, publisher="sea", wire="a1")])) == ["gulf"]


SPIKE = When(spike=3, over=6 * HOUR, baseline=14 * DAY, least=4)


def week(number: int, count: int, *, first: int) -> list[Counted]:
    """So many matches within the same hours, some weeks before."""
    return [a_row(first + each, ago=number * WEEK + each * MINUTE) for each in range(count)]


@pytest.mark.parametrize(
    ("last", "before", "now", "expected"),
    [
        (2, 2, 6, (True, "6 matches in 6h, usually 2.0 at this hour of the week")),
        (2, 2, 5, (False, "5 matches in 6h, usually 2.0 at this hour of the week")),
        (3, 0, 5, (True, "5 matches in 6h, usually 1.5 at this hour of the week")),
        (0, 0, 4, (True, "4 matches in 6h, usually 0.0 at this hour of the week")),
        (0, 0, 3, (False, "3 matches in 6h, usually 0.0 at this hour of the week")),
    ],
)
def test_a_spike_is_so_many_times_what_the_same_hours_of_other_weeks_had(
    last: int, before: int, now: int, expected: tuple[bool, str]
) -> None:
    rows = [*week(2, before, first=200), *week(1, last, first=100), *week(0, now, first=0)[::-1]]

    assert judged(SPIKE, *rows) == expected


def test_what_came_at_other_hours_is_not_compared() -> None:
    noise = [a_row(100 + number, ago=WEEK + 7 * HOUR) for number in range(50)]

    assert judged(SPIKE, *noise, *week(0, 4, first=0)[::-1])[0]


def test_weeks_before_the_rule_was_active_are_not_compared() -> None:
    rows = [*week(1, 2, first=100), *week(0, 6, first=0)[::-1]]

    assert judged(SPIKE, *rows, since=NOON - 10 * DAY)[0]
    assert not judged(SPIKE, *week(1, 3, first=100), *week(0, 6, first=0)[::-1], since=NOON - 10 * DAY)[0]
    assert judged(SPIKE, *rows, since=NOON - DAY) == (False, "6 matches in 6h, and no week yet to compare with")


def test_a_baseline_shorter_than_a_week_is_a_week() -> None:
    assert windows([a_card(when=When(spike=2, over=HOUR, baseline=DAY))], NOON, NOON) == {
        "attack": (Window(start=NOON - WEEK - HOUR, end=NOON - WEEK), Window(start=NOON - HOUR, end=NOON))
    }


def test_an_entity_is_new_when_its_rule_has_not_seen_it_for_so_long() -> None:
    when = When(new_entity=True, over=30 * DAY)
    now = a_row(2, entities=("erbil", "harir"))

    assert judged(when, now) == (True, "2 entities new in 30d")
    assert judged(when, a_row(1, ago=DAY, entities=("erbil",)), now) == (True, "1 entities new in 30d")
    assert judged(when, a_row(1, ago=30 * DAY, entities=("erbil", "harir")), now)[0]
    assert not judged(when, a_row(1, ago=DAY, entities=("erbil", "harir")), now)[0]
    assert not judged(when, a_row(3))[0]


def test_what_else_is_told_of_a_new_entity_joins_its_open_group() -> None:
    when = When(new_entity=True, over=30 * DAY)
    earlier = a_row(1, ago=MINUTE, entities=("erbil",))

    assert judged(when, earlier, a_row(2, entities=("erbil",)), is_open=True)[0]


def test_all_that_is_asked_for_must_hold() -> None:
    when = When(count=2, publishers=2, over=HOUR)

    assert judged(when, a_row(1, publisher="gulf"), a_row(2, publisher="gulf")) == (
        False,
        "2 of 2 matches in 1h, 1 of 2 publishers in 1h",
    )


def test_a_condition_on_silence_alone_asks_nothing_of_a_match() -> None:
    assert judged(When(silent=DAY), a_row(1)) == (True, "")


def test_a_policy_reaches_as_far_back_as_its_longest_window() -> None:
    steps = (Escalation(when=When(count=2, over=DAY)), Escalation(when=When(spike=2, over=HOUR, baseline=14 * DAY)))

    assert reach(AlertPolicy()) == reach(AlertPolicy(when=When(silent=DAY))) == timedelta(0)
    assert reach(AlertPolicy(when=When(count=3, over=HOUR))) == HOUR
    assert reach(AlertPolicy(escalate=steps)) == 14 * DAY + HOUR


def test_rules_that_count_nothing_need_no_windows() -> None:
    counting = a_card("counting", when=When(count=2, over=HOUR))

    assert windows([CARD, counting], NOON - MINUTE, NOON) == {
        "counting": (Window(start=NOON - MINUTE - HOUR, end=NOON),)
    }


def test_a_row_takes_the_place_of_its_older_form_and_one_that_is_taken_back_goes() -> None:
    tally = Tally()
    for row in (a_row(1), a_row(2), a_row(1)):
        tally.add(row)
    assert [row.match.article_id for row in tally.of("attack", "story=s1")] == ["a2", "a1"]

    tally.without({("attack", "a2", 1)})

    assert [row.match.article_id for row in tally.of("attack", "story=s1")] == ["a1"]
