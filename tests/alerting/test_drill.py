"""When a drill is due, and what its file holds."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from monitor.alerting.drill import due, file_of, source_of

NINE = time(9)


@pytest.mark.parametrize(
    ("zone", "clock", "before", "moment"),
    [
        ("Asia/Baghdad", NINE, "2026-11-24T05:59:59", "2026-11-24T06:00:00"),
        ("Europe/Berlin", NINE, "2026-07-01T06:59:59", "2026-07-01T07:00:00"),
        ("Europe/Berlin", NINE, "2026-12-01T07:59:59", "2026-12-01T08:00:00"),
        ("Europe/Berlin", time(2, 30), "2026-03-29T00:59:59", "2026-03-29T01:00:00"),  # left out: at the jump
        ("Europe/Berlin", time(2, 30), "2026-10-25T00:29:59", "2026-10-25T00:30:00"),  # comes twice: the first
        ("Africa/Cairo", time(0), "2027-04-29T21:59:59", "2027-04-29T22:00:00"),  # no midnight on 30 April
    ],
)
def test_a_drill_is_due_from_its_local_time_on(zone: str, clock: time, before: str, moment: str) -> None:
    there = ZoneInfo(zone)
    early, now = (datetime.fromisoformat(text).replace(tzinfo=UTC) for text in (before, moment))
    day = now.astimezone(there).date()

    assert due(clock, there, now) == day
    assert due(clock, there, early) in (None, day - timedelta(days=1))


@pytest.mark.parametrize("zone", ["Europe/Berlin", "Africa/Cairo", "Asia/Beirut", "America/New_York", "Asia/Baghdad"])
def test_every_day_of_a_year_has_one_drill(zone: str) -> None:
    there, made, now = ZoneInfo(zone), set(), datetime(2027, 1, 1, 12, tzinfo=UTC)
    for _ in range(365 * 48):
        if (day := due(time(0, 30), there, now)) is not None:
            made.add(day)
        now += timedelta(minutes=30)

    assert {date(2027, 1, 2) + timedelta(days=ahead) for ahead in range(364)} <= made
    assert len(made) <= 367


def test_its_file_is_the_same_whenever_it_is_written_and_marked_in_its_language() -> None:
    berlin, day = ZoneInfo("Europe/Berlin"), date(2026, 7, 1)

    english = file_of(day, NINE, berlin, "en")

    assert english["id"] == "drill-2026-07-01"
    assert english["title"].startswith("[DRILL] ")
    assert english["published"] == "2026-07-01T07:00:00+00:00"
    assert file_of(day, NINE, berlin, "ar")["title"].startswith("[تمرين] ")
    assert file_of(day, NINE, berlin, "tr") == english
    assert source_of("desk") == "drill:desk"
