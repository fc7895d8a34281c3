"""How the options of a kind are read: from text, since the configuration's YAML is text-only.

A fault names the option, never its value, which may be a secret.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

from monitor.errors import Level, Problem, did_you_mean
from monitor.kinds import problem
from monitor.model import Place
from monitor.timing import parse_duration


class Options(BaseModel):
    """The base of all kinds' options: frozen, unknown names refused, values hidden from faults."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True, hide_input_in_errors=True)


Read = TypeVar("Read", bound=Options)


def _duration(value: object) -> object:
    return parse_duration(value) if isinstance(value, str) else value


def wait(value: object) -> timedelta:
    """A duration that is not nothing. Raises ValueError."""
    found = parse_duration(value if isinstance(value, str) else "")
    if not found:
        raise ValueError("must be longer than nothing")
    return found


Duration = Annotated[timedelta, BeforeValidator(_duration)]
Wait = Annotated[timedelta, BeforeValidator(wait)]
_NONE: Mapping[str, str] = {}
_WANTED = {
    "string_type": "must be text",
    "bool_parsing": "must be yes or no",
    "dict_type": "must be a mapping",
    "mapping_type": "must be a mapping",
}


def read_options(
    model: type[Read], options: Mapping[str, Any], idle: Mapping[str, str] = _NONE, *, about: str, where: Place
) -> tuple[Read | None, tuple[Problem, ...]]:
    """The options as `model`, None when they hold an error, and every problem at its option, named by `about`.

    `idle` are known options that have no effect on this kind, with what happens instead.
    """
    problems = [
        problem(f"{about}: {name!r} has no effect; {idle[name]}", where.of(name), Level.WARNING)
        for name in options
        if name in idle
    ]
    try:
        return model.model_validate({k: v for k, v in options.items() if k not in idle}), tuple(problems)
    except ValidationError as error:
        known = [*(made.alias or name for name, made in model.model_fields.items()), *idle]
        faults = dict.fromkeys(
            (_message(dict(fault), known), str(fault["loc"][0]) if fault["loc"] else "")
            for fault in error.errors(include_input=False)
        )
        return None, (*problems, *(problem(f"{about}: {fault}", where.of(name)) for fault, name in faults))


def _message(fault: Mapping[str, Any], known: Collection[str]) -> str:
    name = str(fault["loc"][0]) if fault["loc"] else ""
    if fault["type"] == "extra_forbidden":
        every = f"; known are {', '.join(sorted(known))}"
        return f"unknown option {name!r}{did_you_mean(name, known) or every}"
    if fault["type"] == "missing":
        return f"option {name!r} is missing"
    wanted = _WANTED.get(fault["type"], str(fault["msg"]).removeprefix("Value error, "))
    return f"{name!r}: {wanted}" if name else wanted
