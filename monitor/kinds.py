"""What kinds of sources and of channels share: how they are found, and how their options are read.

A kind is a module of its package that holds `KIND`, or an entry point of another distribution. Options arrive as
text, since the configuration's YAML is text-only; a fault names the option, never its value, which may be a secret.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Collection, Iterable, Mapping
from datetime import timedelta
from importlib.metadata import entry_points
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

from monitor.errors import Level, Problem, did_you_mean
from monitor.model import Place
from monitor.timing import parse_duration


class Options(BaseModel):
    """The base of all kinds' options: frozen, unknown names refused, values hidden from faults."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True, hide_input_in_errors=True)


Read = TypeVar("Read", bound=Options)


def _duration(value: object) -> object:
    return parse_duration(value) if isinstance(value, str) else value


def _wait(value: object) -> object:
    found = parse_duration(value if isinstance(value, str) else "")
    if not found:
        raise ValueError("must be longer than nothing")
    return found


Duration = Annotated[timedelta, BeforeValidator(_duration)]
Wait = Annotated[timedelta, BeforeValidator(_wait)]
_WANTED = {"string_type": "must be text", "dict_type": "must be a mapping", "mapping_type": "must be a mapping"}


def scan(package: str, path: Iterable[str], group: str) -> dict[str, Any]:
    """Every kind by name: those of the package at `path`, then those of installed entry points of `group`."""
    found: dict[str, Any] = {}
    for module in pkgutil.iter_modules(path):
        kind = None if module.ispkg else getattr(importlib.import_module(f"{package}.{module.name}"), "KIND", None)
        if kind is not None:
            found[kind.name] = kind
    for point in entry_points(group=group):
        found.setdefault(point.name, point.load())
    return found


def read_options(
    model: type[Read], options: Mapping[str, Any], later: Mapping[str, str], *, about: str, where: Place
) -> tuple[Read | None, tuple[Problem, ...]]:
    """The options as `model`, None when they hold an error, and every problem at `where`, named by `about`.

    `later` are known options that do nothing yet, with what happens instead.
    """
    problems = [
        problem(f"{about}: {name!r} is not available yet; {later[name]}", where, Level.WARNING)
        for name in options
        if name in later
    ]
    try:
        return model.model_validate({k: v for k, v in options.items() if k not in later}), tuple(problems)
    except ValidationError as error:
        known = [*model.model_fields, *later]
        faults = dict.fromkeys(_message(dict(fault), known) for fault in error.errors(include_input=False))
        return None, (*problems, *(problem(f"{about}: {fault}", where) for fault in faults))


def unknown(about: str, kind: str, known: Collection[str], where: Place) -> Problem:
    """The problem of a kind that does not exist."""
    return problem(f"{about}: unknown kind {kind!r}; known are {', '.join(sorted(known))}", where)


def problem(message: str, where: Place, level: Level = Level.ERROR) -> Problem:
    """A problem at the place where something was configured."""
    return Problem(file=where.file, line=where.line, column=where.column, message=message, level=level)


def _message(fault: Mapping[str, Any], known: Collection[str]) -> str:
    name = str(fault["loc"][0]) if fault["loc"] else ""
    if fault["type"] == "extra_forbidden":
        every = f"; known are {', '.join(sorted(known))}"
        return f"unknown option {name!r}{did_you_mean(name, known) or every}"
    if fault["type"] == "missing":
        return f"option {name!r} is missing"
    wanted = _WANTED.get(fault["type"], str(fault["msg"]).removeprefix("Value error, "))
    return f"{name!r}: {wanted}"
