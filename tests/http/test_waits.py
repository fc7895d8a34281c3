"""Retry-After, as servers write it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from monitor.http.waits import fresh_for, retry_after

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


def test_a_source_may_ask_to_be_left_alone_for_a_week() -> None:
    assert retry_after({"Retry-After": "9999999"}, NOW, timedelta(days=7)) == NOW + timedelta(days=7)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Cache-Control": "public, max-age=600"}, 600),
        ({"Cache-Control": 'MAX-AGE="600"'}, 600),
        ({"Cache-Control": "max-age=600", "Age": "100"}, 500),
        ({"Cache-Control": "max-age=600", "Age": "700"}, None),
        ({"Cache-Control": "max-age=600, no-cache"}, None),
        ({"Cache-Control": "no-store, max-age=600"}, None),
        ({"Cache-Control": "max-age=0", "Expires": "Tue, 24 Nov 2026 13:00:00 GMT"}, None),
        ({"Cache-Control": "max-age=-1"}, None),
        ({"Cache-Control": "max-age=soon"}, None),
        ({"Cache-Control": "max-age=" + "9" * 12}, 365 * 86400),
        ({"Cache-Control": "s-maxage=5"}, None),
        ({"Expires": "Tue, 24 Nov 2026 13:00:00 GMT", "Date": "Tue, 24 Nov 2026 12:00:00 GMT"}, 3600),
        ({"Expires": "Tue, 24 Nov 2026 13:00:00 GMT", "Pragma": "no-cache"}, None),
        ({"Expires": "0", "Date": "Tue, 24 Nov 2026 12:00:00 GMT"}, None),
        ({"Expires": "Thu, 01 Jan 1970 00:00:00 GMT", "Date": "Tue, 24 Nov 2026 12:00:00 GMT"}, None),
        ({"Expires": "Tue, 24 Nov 2026 13:00:00 GMT"}, None),
        ({}, None),
    ],
)
def test_how_long_an_answer_is_fresh(headers: dict[str, str], seconds: int | None) -> None:
    assert fresh_for(headers) == (None if seconds is None else timedelta(seconds=seconds))
