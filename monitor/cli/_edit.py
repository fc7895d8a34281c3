"""Add one source to a configuration file that people write: its comments and order stay, and it must load afterwards.

The file is replaced whole, or not at all.
"""

from __future__ import annotations

import os
from pathlib import Path

from monitor.config import inspect_config
from monitor.errors import ConfigError, Level, MonitorError
from monitor.yamltext import KEY, parse


def add_source(path: Path, name: str, options: str) -> None:
    """Write `name: options` (one line of YAML) as the last source of the configuration at `path`.

    Raises MonitorError with the line to write by hand when there is no safe place for it.
    """
    path = path.resolve()
    text = path.read_text(encoding="utf-8")
    lines = text.splitlines(keepends=True)
    at, indent = _place(text, str(path), lines)
    by_hand = f"there is no safe place for it; write it yourself, under 'sources:': {name}: {options}"
    if at is None:
        raise MonitorError(f"{path}: {by_hand}")
    if at and not lines[at - 1].endswith("\n"):
        lines[at - 1] += "\n"
    heading = [] if indent else ["sources:\n"]
    fresh = "".join([*lines[:at], *heading, f"{indent or '  '}{name}: {options}\n", *lines[at:]])
    trial = path.with_name(f".{path.name}.new")
    trial.unlink(missing_ok=True)
    descriptor = os.open(trial, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, path.stat().st_mode & 0o777)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(fresh)
        _, problems = inspect_config(trial)
        if errors := [problem.message for problem in problems if problem.level is Level.ERROR]:
            raise MonitorError(f"{path}: {by_hand} (with it here: {errors[0]})")
        trial.replace(path)
    finally:
        trial.unlink(missing_ok=True)


def _place(text: str, name: str, lines: list[str]) -> tuple[int | None, str]:
    """Before which line (from 0) the source goes, and its indentation: "" when `sources:` is not there yet."""
    located, problems = parse(text.encode(), name)
    if located is None or any(problem.level is Level.ERROR for problem in problems):
        raise ConfigError(problems)
    top = located.data if isinstance(located.data, dict) else {}
    if "sources" not in top:
        return len(lines), ""
    sources = top["sources"]
    head = located.places[("sources", KEY)][0] - 1
    if not isinstance(sources, dict) or not sources:
        # Nothing in it yet: only a bare `sources:` leaves room for a line.
        return (head + 1, "  ") if lines[head].split("#")[0].strip() == "sources:" else (None, "")
    first_line, first_column = located.places[("sources", next(iter(sources)), KEY)]
    if first_line - 1 == head:  # in braces
        return None, ""
    spots = [(path[0] == "sources", line) for path, (line, _) in located.places.items() if path]
    end = min((line for is_source, line in spots if not is_source and line - 1 > head), default=len(lines) + 1)
    return max(line for is_source, line in spots if is_source and line < end), " " * (first_column - 1)
