"""Log lines: fields that can be read back, repetitions counted, secrets taken out."""

from __future__ import annotations

import io
import json
import logging
import os
from datetime import datetime
from pathlib import Path
from typing import Any

from monitor.daemon.logs import QUIET_S, Lines, is_journal, logfmt


def record(message: str, level: int = logging.WARNING, **fields: Any) -> logging.LogRecord:
    made = logging.makeLogRecord({"msg": message, "levelno": level, "levelname": logging.getLevelName(level)})
    vars(made).update(fields)
    return made


def test_a_line_has_level_event_and_fields_with_quotes_only_where_needed() -> None:
    line = logfmt(record("a poll failed", source="wire", why='said "no" = never', empty=""))
    assert line == 'level=warning event="a poll failed" source=wire why="said \\"no\\" = never" empty=""'


def test_nothing_from_outside_begins_a_new_line_or_moves_the_cursor() -> None:
    assert logfmt(record("x", why="one\ntwo\x1b[2J")) == 'level=warning event=x why="one two [2J"'


def test_an_error_shows_where_it_came_from_on_the_same_line() -> None:
    try:
        raise ValueError("boom")
    except ValueError as error:
        made = record("judge failed", exc_info=(ValueError, error, error.__traceback__))
    line = logfmt(made)
    assert ('error="ValueError: boom"' in line, "trace=test_daemon_logs.py:" in line, "\n" in line) == (
        True,
        True,
        False,
    )


def test_a_repeating_failure_is_said_once_and_counted() -> None:
    out, now = io.StringIO(), [0.0]
    lines = Lines(str, out, lambda: now[0])
    for _ in range(5):
        lines.emit(record("a poll failed", source="wire"))
    lines.emit(record("a poll failed", source="other"))
    now[0] = QUIET_S + 1
    lines.emit(record("a poll failed", source="wire"))
    assert out.getvalue().splitlines() == [
        'level=warning event="a poll failed" source=wire',
        'level=warning event="a poll failed" source=other',
        'level=warning event="a poll failed" source=wire repeated=4',
    ]


def test_what_is_no_warning_is_never_held_back() -> None:
    out = io.StringIO()
    lines = Lines(str, out)
    for _ in range(2):
        lines.emit(record("alert", logging.INFO))
    assert len(out.getvalue().splitlines()) == 2


def test_many_different_failures_do_not_grow_without_bound() -> None:
    now = [0.0]
    lines = Lines(str, io.StringIO(), lambda: now[0])
    for number in range(3000):
        now[0] += 1
        lines.emit(record("failed", number=number))
    assert len(lines._said) <= 1001


def test_secrets_are_taken_out() -> None:
    out = io.StringIO()
    Lines(lambda text: text.replace("canary", "***"), out).emit(record("x", why="the canary sang"))
    assert "canary" not in out.getvalue()


def test_as_json_a_line_is_one_object_with_its_time() -> None:
    out = io.StringIO()
    Lines(str, out, form="json").emit(record("a poll failed", source="wire", why='said "no"\nفشل'))
    line = json.loads(out.getvalue())
    assert datetime.fromisoformat(line.pop("time")).tzinfo is not None
    assert line == {"level": "warning", "event": "a poll failed", "source": "wire", "why": 'said "no"\nفشل'}
    assert len(out.getvalue().splitlines()) == 1


def test_a_secret_with_quotes_is_taken_out_of_json_too() -> None:
    out = io.StringIO()
    Lines(lambda text: text.replace('ca"nary', "***"), out, form="json").emit(record("x", why='the ca"nary sang'))
    assert json.loads(out.getvalue())["why"] == "the *** sang"


def test_the_journal_is_told_the_priority(tmp_path: Path) -> None:
    out = io.StringIO()
    lines = Lines(str, out, has_priorities=True)
    for level in (logging.ERROR, logging.WARNING, logging.INFO, logging.DEBUG):
        lines.emit(record("x", level))
    assert [line[:3] for line in out.getvalue().splitlines()] == ["<3>", "<4>", "<6>", "<7>"]


def test_the_journal_is_known_by_the_stream_it_names(tmp_path: Path) -> None:
    with (tmp_path / "stream").open("w") as stream:
        found = os.fstat(stream.fileno())
        assert is_journal({"JOURNAL_STREAM": f"{found.st_dev}:{found.st_ino}"}, stream)
        assert not is_journal({"JOURNAL_STREAM": f"{found.st_dev}:{found.st_ino + 1}"}, stream)
        assert not is_journal({}, stream)
    assert not is_journal({"JOURNAL_STREAM": "1:1"}, io.StringIO())
