"""Retry-After, as servers write it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from monitor.http.waits import retry_after

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120),
        (" 1.5 ", 1.5),
        ("Tue, 24 Nov 2026 12:10:00 GMT", 600),
        ("999999999", 86400),
        ("1e300", None),
        ("0", None),
        ("-5", None),
        ("nan", None),
        ("soon", None),
        ("", None),
        ("Tue, 24 Nov 2026 11:00:00 GMT", None),
    ],
)
def test_wish_of_the_server_is_read(value: str, seconds: float | None) -> None:
    expected = None if seconds is None else NOW + timedelta(seconds=seconds)

    assert retry_after({"Retry-After": value}, NOW) == expected


def test_date_is_measured_against_the_servers_own_clock() -> None:
    headers = {"Retry-After": "Tue, 24 Nov 2026 09:01:00 GMT", "Date": "Tue, 24 Nov 2026 09:00:00 GMT"}

    assert retry_after(headers, NOW) == NOW + timedelta(minutes=1)
