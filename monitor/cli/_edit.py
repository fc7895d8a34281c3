"""Write one source into a configuration file that people write: it must load afterwards, and hold one source more.

The file is replaced whole, or not at all.
"""

from __future__ import annotations

import os
from pathlib import Path

from monitor.config import inspect_config
from monitor.config.edit import add_source as added
from monitor.errors import Level, MonitorError


def add_source(path: Path, line: str) -> None:
    """Write `line` (one source, as YAML) into the configuration at `path`.

    Raises MonitorError with the line to write by hand when there is no safe place for it.
    """
    path = path.resolve()
    by_hand = f"write this under 'sources:' yourself: {line}"
    try:
        fresh = added(path.read_bytes().decode("utf-8"), line)
    except ValueError as error:
        raise MonitorError(f"{path}: {error}; {by_hand}") from error
    trial = path.with_name(f".{path.name}.new")
    trial.unlink(missing_ok=True)
    descriptor = os.open(trial, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, path.stat().st_mode & 0o777)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(fresh.encode())
        _, problems = inspect_config(trial)
        if errors := [problem.message for problem in problems if problem.level is Level.ERROR]:
            raise MonitorError(f"{path}: the line does not fit there ({errors[0]}); {by_hand}")
        trial.replace(path)
    finally:
        trial.unlink(missing_ok=True)
