"""Options of a channel kind, validated: what every kind shares of reading text values and telling faults.

Values arrive as text, since the configuration's YAML is text-only. A fault names the channel and the option, never
the value: URLs, passwords and header values are secrets.
"""

from __future__ import annotations

import difflib
import ipaddress
from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

from monitor.errors import Level, Problem
from monitor.http.guard import Network
from monitor.model import ChannelSpec
from monitor.timing import parse_duration


class Options(BaseModel):
    """The base of all kinds' options: frozen, unknown names refused, values hidden from `repr` and from faults."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True, hide_input_in_errors=True)


Kind = TypeVar("Kind", bound=Options)


def _duration(value: object) -> object:
    found = parse_duration(value if isinstance(value, str) else "")
    if not found:
        raise ValueError("must be longer than nothing")
    return found


def _networks(value: object) -> object:
    if isinstance(value, str):
        value = value.replace(",", " ").split()
    try:
        if not isinstance(value, list):
            raise ValueError
        return tuple(ipaddress.ip_network(item) for item in value)
    except ValueError:
        raise ValueError("is not a list of networks; write for example [127.0.0.0/8, 10.1.0.0/16]") from None


_WANTED = {"string_type": "must be text", "dict_type": "must be a mapping", "mapping_type": "must be a mapping"}

Duration = Annotated[timedelta, BeforeValidator(_duration)]
Networks = Annotated[tuple[Network, ...], BeforeValidator(_networks)]


def read(model: type[Kind], spec: ChannelSpec, later: Mapping[str, str]) -> tuple[Kind | None, tuple[Problem, ...]]:
    """The options of a channel, None when they hold an error, and every problem.

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
        faults = {_message(dict(fault), known): None for fault in error.errors(include_input=False)}
        problems += [_problem(spec, message) for message in faults]
    return None, tuple(problems)


def _message(fault: Mapping[str, Any], known: Collection[str]) -> str:
    name = str(fault["loc"][0]) if fault["loc"] else ""
    if fault["type"] == "extra_forbidden":
        close = difflib.get_close_matches(name, known, n=1)
        hint = f" (did you mean {close[0]!r}?)" if close else f"; known are {', '.join(sorted(known))}"
        return f"unknown option {name!r}{hint}"
    if fault["type"] == "missing":
        return f"option {name!r} is missing"
    wanted = _WANTED.get(fault["type"], str(fault["msg"]).removeprefix("Value error, "))
    return f"{name!r}: {wanted}"


def _problem(spec: ChannelSpec, message: str, level: Level = Level.ERROR) -> Problem:
    where = spec.where
    text = f"channel {spec.name!r}: {message}"
    return Problem(file=where.file, line=where.line, column=where.column, message=text, level=level)
