"""Options of a source kind, validated: what every kind shares of reading text values and telling faults.

Values arrive as text, since the configuration's YAML is text-only. A fault names the source and the option, never
the value, which may be a secret.
"""

from __future__ import annotations

import difflib
from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Annotated, Any, TypeVar
from zoneinfo import ZoneInfo

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

from monitor.errors import Level, Problem
from monitor.model import SourceSpec
from monitor.timing import ascii_digits, parse_duration

_SIZES = {"B": 1, "KB": 1_000, "MB": 1_000_000, "GB": 1_000_000_000}


class Options(BaseModel):
    """The base of all kinds' options: frozen, unknown names refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)


Kind = TypeVar("Kind", bound=Options)


def _duration(value: object) -> object:
    return parse_duration(value) if isinstance(value, str) else value


def _zone(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        return ZoneInfo(value)
    except (ValueError, OSError, KeyError):  # KeyError: ZoneInfoNotFoundError
        raise ValueError("is not a time zone; write a name such as Asia/Baghdad") from None


def _size(value: object) -> object:
    if not isinstance(value, str):
        return value
    text = ascii_digits(value).strip().upper().replace(" ", "")
    number = text.rstrip("KMGB")
    unit = text[len(number) :] or "B"
    if not number.isdigit() or unit not in _SIZES:
        raise ValueError("is not a size; write a number and a unit, such as 500KB or 10MB")
    return int(number) * _SIZES[unit]


Duration = Annotated[timedelta, BeforeValidator(_duration)]
Zone = Annotated[ZoneInfo, BeforeValidator(_zone)]
Size = Annotated[int, BeforeValidator(_size)]


def read(model: type[Kind], spec: SourceSpec, later: Mapping[str, str]) -> tuple[Kind | None, tuple[Problem, ...]]:
    """The options of a source, None when they hold an error, and every problem.

    `later` are known options that do nothing yet, with what happens instead.
    """
    problems = [
        _problem(spec, f"{name!r} is not available yet; {later[name]}", Level.WARNING)
        for name in spec.options
        if name in later
    ]
    present = {name: value for name, value in spec.options.items() if name not in later}
    try:
        return model.model_validate(present), tuple(problems)
    except ValidationError as error:
        known = [*model.model_fields, *later]
        problems += [_problem(spec, _message(dict(fault), known)) for fault in error.errors(include_input=False)]
    return None, tuple(problems)


def _message(fault: Mapping[str, Any], known: Collection[str]) -> str:
    name = str(fault["loc"][0]) if fault["loc"] else ""
    if fault["type"] == "extra_forbidden":
        close = difflib.get_close_matches(name, known, n=1)
        hint = f" (did you mean {close[0]!r}?)" if close else f"; known are {', '.join(sorted(known))}"
        return f"unknown option {name!r}{hint}"
    if fault["type"] == "missing":
        return f"option {name!r} is missing"
    return f"{name!r}: {str(fault['msg']).removeprefix('Value error, ')}"


def _problem(spec: SourceSpec, message: str, level: Level = Level.ERROR) -> Problem:
    where = spec.where
    return Problem(
        file=where.file, line=where.line, column=where.column, message=f"source {spec.id!r}: {message}", level=level
    )
