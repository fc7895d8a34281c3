"""Log lines for a daemon: one event and its fields on stderr; what repeats is said once, then counted.

As logfmt, `level=warning event="a delivery failed" channel=desk delivery=d12 why="HTTP 500"`, or the same fields as
one JSON object with the time. Where the journal reads stderr, each line tells it its priority. Never a secret: every
line goes through a redaction that the caller gives.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import threading
from collections.abc import Callable, Mapping
from typing import TextIO

from monitor import timing

QUIET_S = 600.0
"""A warning that comes again within this time is only counted."""

_OWN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
_MOST_REMEMBERED = 1000


def fields_of(record: logging.LogRecord, repeated: int = 0) -> dict[str, str]:
    """A record as fields: level, event, and what was given beside them."""
    fields = {"level": record.levelname.lower(), "event": record.getMessage()}
    fields |= {key: str(value) for key, value in vars(record).items() if key not in _OWN}
    if repeated:
        fields["repeated"] = str(repeated)
    if record.exc_info and record.exc_info[1] is not None:
        fields["error"] = f"{type(record.exc_info[1]).__name__}: {record.exc_info[1]}"
        fields["trace"] = _trace(record.exc_info[1])
    return fields


def logfmt(record: logging.LogRecord, repeated: int = 0) -> str:
    """A record as one line of fields."""
    return _as_logfmt(fields_of(record, repeated))


def _as_logfmt(fields: Mapping[str, str]) -> str:
    return " ".join(f"{key}={_quoted(value)}" for key, value in fields.items())


def _as_json(fields: Mapping[str, str]) -> str:
    return json.dumps({"time": timing.now().isoformat(timespec="milliseconds"), **fields}, ensure_ascii=False)


FORMATS: Mapping[str, Callable[[Mapping[str, str]], str]] = {"logfmt": _as_logfmt, "json": _as_json}
_PRIORITIES = {logging.ERROR: 3, logging.WARNING: 4, logging.INFO: 6}


def is_journal(environment: Mapping[str, str], stream: TextIO) -> bool:
    """Whether the journal reads this stream, so that `<4>` before a line is its priority (sd-daemon(3))."""
    try:
        found = os.fstat(stream.fileno())
    except (OSError, ValueError):
        return False
    return environment.get("JOURNAL_STREAM") == f"{found.st_dev}:{found.st_ino}"


def _trace(error: BaseException) -> str:
    """Where an error came from: file and line of its frames, the innermost last. Never their source lines."""
    places, frame = [], error.__traceback__
    while frame is not None:
        code = frame.tb_frame.f_code
        places.append(f"{code.co_filename.rpartition('/')[2]}:{frame.tb_lineno}")
        frame = frame.tb_next
    return ">".join(places[-6:])


def _quoted(value: str) -> str:
    plain = "".join(letter if letter.isprintable() else " " for letter in value)
    if plain and not any(letter in ' "=' for letter in plain):
        return plain
    return '"' + plain.replace("\\", "\\\\").replace('"', '\\"') + '"'


class Lines(logging.Handler):
    """Writes lines; of warnings that say the same again, one every ten minutes with how many there were."""

    def __init__(
        self,
        redact: Callable[[str], str],
        stream: TextIO | None = None,
        clock: Callable[[], float] = timing.monotonic,
        *,
        form: str = "logfmt",
        has_priorities: bool = False,
    ) -> None:
        super().__init__()
        self._form = FORMATS[form]
        self._has_priorities = has_priorities
        self._redact = redact
        self._stream = stream
        self._clock = clock
        self._said: dict[str, tuple[float, int]] = {}
        self._guard = threading.Lock()

    def emit(self, record: logging.LogRecord) -> None:
        """Write a record, or count it."""
        repeated = 0
        if record.levelno >= logging.WARNING:
            known = self._repeats(logfmt(record))
            if known is None:
                return
            repeated = known
        stream = self._stream or sys.stderr
        try:
            priority = f"<{_PRIORITIES.get(record.levelno, 7)}>" if self._has_priorities else ""
            # Before it is quoted, where a secret could no longer be known, and after.
            fields = {key: self._redact(value) for key, value in fields_of(record, repeated).items()}
            stream.write(f"{priority}{self._redact(self._form(fields))}\n")
            stream.flush()
        except (OSError, ValueError):
            self.handleError(record)

    def _repeats(self, line: str) -> int | None:
        """How often a line was held back since it was last written; None when it is to be held back too."""
        now = self._clock()
        with self._guard:
            since, held = self._said.get(line, (float("-inf"), 0))
            if now - since < QUIET_S:
                self._said[line] = (since, held + 1)
                return None
            if len(self._said) >= _MOST_REMEMBERED:
                self._said = {key: kept for key, kept in self._said.items() if now - kept[0] < QUIET_S}
            self._said[line] = (now, 0)
            return held


def set_up(level: str, redact: Callable[[str], str], form: str = "logfmt") -> None:
    """Send every log line of this process through one handler, at `level` (debug, info, warning, error)."""
    root = logging.getLogger()
    for old in list(root.handlers):
        root.removeHandler(old)
    root.addHandler(Lines(redact, form=form, has_priorities=is_journal(os.environ, sys.stderr)))
    root.setLevel(level.upper())
    for chatty in ("apscheduler", "urllib3", "trafilatura"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
