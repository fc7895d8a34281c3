"""When an item was published, as far as that can be believed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from monitor.sources.dates import believable
from tests.sources.conftest import NOW

BAGHDAD = ZoneInfo("Asia/Baghdad")
NOON = "2026-11-23T12:00:00+00:00"


@pytest.mark.parametrize(
    ("date", "moment", "expected"),
    [
        ("Mon, 23 Nov 2026 12:00:00 GMT", NOON, "12:00"),
        ("Mon, 23 Nov 2026 15:00:00 +0300", NOON, "12:00"),
        ("2026-11-23T12:00:00Z", NOON, "12:00"),
        ("2026-11-23T12:00:00.5+00:00", NOON, "12:00"),
        ("Mon, 23 Nov 2026 07:00:00 EST", NOON, "12:00"),
        ("Mon Nov 23 12:00:00 UTC 2026", NOON, "12:00"),
        ("Mon, 23 Nov 2026 12:00:00", NOON, "09:00"),
        ("2026-11-23 12:00", NOON, "09:00"),
        ("2026-11-23", "2026-11-23T00:00:00+00:00", "21:00"),
        ("23 Nov 2026 12:00 PM", NOON, "09:00"),
        ("Mon, 23 Nov 2026 08:00:00 AST", NOON, "05:00"),
        ("2026-11-23T12:00:00", "", "09:00"),
        ("2026-11-23T12:00:00+03:00", "", "09:00"),
        ("Mon, 23 Nov 2026 12:00:00 +0000", "", "12:00"),
        ("23 تشرين الثاني 2026 14:30", "", "11:30"),
        ("الاثنين ٢٣ تشرين الثاني/نوفمبر ٢٠٢٦ - ١٤:٣٠", "", "11:30"),
        ("23 نوفمبر، 2026 2:30 م", "", "11:30"),
        ("23 نونبر 2026 12:30 ص", "", "21:30"),
    ],
)
def test_date_is_read_in_its_own_zone_or_in_the_sources(date: str, moment: str, expected: str) -> None:
    found = believable(date, moment, NOW, BAGHDAD)

    assert found is not None
    assert (found.utcoffset(), f"{found:%H:%M}") == (timedelta(0), expected)


def test_date_without_zone_is_utc_when_the_source_says_nothing() -> None:
    assert believable("2026-11-23 12:00", NOON, NOW) == datetime(2026, 11, 23, 12, tzinfo=UTC)


def test_ast_is_atlantic_time_when_the_source_says_nothing() -> None:
    assert believable("Mon, 23 Nov 2026 08:00:00 AST", NOON, NOW) == datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("name", "month"),
    [
        ("كانون الثاني", 1),
        ("كانون الأول", 12),
        ("آب", 8),
        ("غشت", 8),
        ("جويلية", 7),
        ("مايو", 5),
        ("أيار", 5),
        ("دجنبر", 12),
    ],
)
def test_arabic_month_of_every_region_is_known(name: str, month: int) -> None:
    found = believable(f"16 {name} 2024", "", NOW)

    assert found == datetime(2024, month, 16, tzinfo=UTC)


@pytest.mark.parametrize(
    ("date", "moment"),
    [
        ("", ""),
        ("soon", ""),
        ("0001-01-01T00:00:00", ""),
        ("Thu, 01 Jan 1970 00:00:00 GMT", "1970-01-01T00:00:00+00:00"),
        ("2027-01-01T00:00:00Z", "2027-01-01T00:00:00+00:00"),
        ("31 شباط 2024", ""),
        ("9999-12-31T23:59:59-12:00", ""),
        ("x", "not a date"),
        ("Tue, 99 Nov 2026 12:00:00 GMT", ""),
    ],
)
def test_missing_absurd_or_future_date_is_none(date: str, moment: str) -> None:
    assert believable(date, moment, NOW, BAGHDAD) is None


def test_clock_that_is_hours_ahead_is_believed() -> None:
    assert believable("2026-11-25T11:59:00Z", "2026-11-25T11:59:00+00:00", NOW) is not None


def test_time_is_truncated_to_the_millisecond() -> None:
    found = believable("2026-11-23T12:00:00.123456+00:00", "", NOW)

    assert found is not None and found.microsecond == 123000
