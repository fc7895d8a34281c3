"""Text for terminals: harmless, whole, with times that a person reads."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from io import StringIO
from zoneinfo import ZoneInfo

import pytest

from monitor.cli import _screen

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b]0;owned\x07title\x1b[2J", "]0;owned title [2J"),
        ("one\r\ntwo\tthree", "one two three"),
        ("\x9b31mred\x85", "31mred"),
        ("\u202eevil\u202c \u2066x\u2069", "evil   x"),
        ("a\u2028b", "a b"),
        ("مدينة\u200cها \u200fقاعدة", "مدينة\u200cها \u200fقاعدة"),
        ("هُجُومٌ", "هُجُومٌ"),
    ],
)
def test_nothing_reaches_the_terminal_that_it_would_obey(text: str, shown: str) -> None:
    assert _screen.plain(text) == shown


@pytest.mark.parametrize(
    ("ago", "shown"),
    [
        (timedelta(hours=1), "11:00"),
        (timedelta(hours=13), "23 Nov 23:00"),
        (timedelta(days=400), "20 Oct 2025 12:00"),
    ],
)
def test_a_time_is_as_short_as_it_can_be(ago: timedelta, shown: str) -> None:
    assert _screen.clock(NOW - ago, ZoneInfo("Asia/Baghdad"), NOW) == shown


def test_no_time_is_no_text() -> None:
    assert _screen.clock(None, UTC, NOW) == ""


def test_hits_are_marked_and_overlapping_ones_once() -> None:
    assert _screen.marked("a rocket attack", [(9, 15), (2, 8), (2, 15)]).plain == "a [rocket] [attack]"


def test_numbers_agree_with_their_nouns() -> None:
    assert [_screen.count(n, "match", "matches") for n in (0, 1, 2)] == ["no matches", "1 match", "2 matches"]


class Terminal(StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("stream", "total", "has_bar"), [(Terminal, 500, True), (Terminal, 499, False), (StringIO, 500, False)]
)
def test_many_things_have_a_bar_where_somebody_looks(
    stream: type[StringIO], total: int, has_bar: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "xterm")
    shown = stream()
    monkeypatch.setattr(sys, "stderr", shown)
    assert list(_screen.progress(range(total), "matching", total)) == list(range(total))
    assert ("matching" in shown.getvalue() and "100%" in shown.getvalue()) is has_bar
