"""Write what rules are made of as plain JSON values, and read it back: the form in which a compiled pack keeps them.

Only the classes listed here are ever made of what is read; anything else is a ValueError. A place in a file (`path`)
is not kept. Fields that end a record and are at their default are left out, so that most records are short.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields
from datetime import datetime, timedelta
from enum import Enum
from typing import Any, TypeAlias, TypeVar

from monitor.errors import Level, Problem
from monitor.model import AlertPolicy, Article, EntityCard, Escalation, RuleCard, Severity, When
from monitor.rules.catalog import Company, Entity, TermList
from monitor.rules.examples import Example
from monitor.rules.expression import (
    All,
    AtLeast,
    Clause,
    Leaf,
    Name,
    Pick,
    Points,
    Unit,
    Within,
    Word,
)
from monitor.rules.expression import (
    Any as AnyOf,
)
from monitor.rules.filters import Filters, Wanted
from monitor.rules.forms import Inflected, Kind
from monitor.rules.wording import Mode, Needs, Term
from monitor.rules.words import Form
from monitor.rules.words import Word as TermWord

Json: TypeAlias = Any
T = TypeVar("T")

_CLASSES: tuple[Any, ...] = (
    *(AlertPolicy, Article, EntityCard, Escalation, RuleCard, When, Problem),
    *(Company, Entity, TermList, Example, Filters, Wanted, Needs, Term, TermWord),
    *(All, AnyOf, AtLeast, Clause, Leaf, Name, Pick, Points, Within, Word),
)
_ENUMS: tuple[type[Enum], ...] = (Severity, Unit, Mode, Form, Kind, Level)
_PLAIN = frozenset((str, int, float, bool, type(None)))
_NESTED = frozenset((list, dict))
_UNPLACED = (All, AnyOf, AtLeast, Clause, Name, Pick, Points, Word)
"""Classes whose `path` is left out."""


class _Shape:
    """How one class is written: its name, and its fields with their defaults."""

    def __init__(self, made: Any) -> None:
        self.made = made
        self.name = "TermWord" if made is TermWord else made.__name__
        kept = [one for one in fields(made) if one.init and not (made in _UNPLACED and one.name == "path")]
        self.names = tuple(one.name for one in kept)
        self.defaults = tuple(
            one.default_factory() if one.default_factory is not MISSING else one.default for one in kept
        )

    def write(self, thing: object) -> Json:
        values = [getattr(thing, name) for name in self.names]
        size = len(values)
        while size and values[size - 1] == self.defaults[size - 1]:
            size -= 1
        return {self.name: [write(value) for value in values[:size]]}

    def read(self, data: Json) -> Any:
        if not isinstance(data, list) or len(data) > len(self.names):
            raise ValueError(f"no record of a {self.name}")
        try:
            values = [read(item) if type(item) in _NESTED else item for item in data]
            return self.made(**dict(zip(self.names, values, strict=False)))
        except TypeError as error:
            raise ValueError(f"no record of a {self.name}") from error


def write(value: object) -> Json:
    """A value as JSON values. Raises TypeError for what no rule is made of."""
    kind = type(value)
    if kind in _PLAIN:
        return value
    if kind is tuple:
        return [write(item) for item in value]  # type: ignore[attr-defined]
    return _WRITERS[kind](value) if kind in _WRITERS else _unknown(value)


def read(data: Json) -> Any:
    """The value that `write` made JSON values of. Raises ValueError."""
    if type(data) is list:
        return tuple([read(item) if type(item) in _NESTED else item for item in data])
    if type(data) is not dict:
        return data
    if len(data) != 1:
        raise ValueError("no record")
    ((name, inside),) = data.items()
    reader = _READERS.get(name)
    if reader is None:
        raise ValueError(f"no record is called {name!r}")
    return reader(inside)


def read_as(kind: type[T], data: Json) -> T:
    """A value of one class. Raises ValueError."""
    found = read(data)
    if not isinstance(found, kind):
        raise ValueError(f"expected a {kind.__name__}")
    return found


def _unknown(value: object) -> Json:
    raise TypeError(f"no rule holds a {type(value).__name__}")


def _span(data: Json) -> timedelta:
    days, seconds, microseconds = data
    return timedelta(days, seconds, microseconds)


_SHAPES = tuple(map(_Shape, _CLASSES))

_WRITERS: Mapping[type, Callable[[Any], Json]] = {
    **{shape.made: shape.write for shape in _SHAPES},
    **{kind: (lambda value: {type(value).__name__: value.value}) for kind in _ENUMS},
    Inflected: lambda value: {"Inflected": [value.text, str(value.kind)]},
    frozenset: lambda value: {"set": sorted(value)},
    dict: lambda value: {"map": [[key, write(one)] for key, one in value.items()]},
    datetime: lambda value: {"at": value.isoformat()},
    timedelta: lambda value: {"for": [value.days, value.seconds, value.microseconds]},
}
_READERS: Mapping[str, Callable[[Json], Any]] = {
    **{shape.name: shape.read for shape in _SHAPES},
    **{kind.__name__: kind for kind in _ENUMS},
    "Inflected": lambda data: Inflected(data[0], Kind(data[1])),
    "set": frozenset,
    "map": lambda data: {key: read(one) for key, one in data},
    "at": datetime.fromisoformat,
    "for": _span,
}
