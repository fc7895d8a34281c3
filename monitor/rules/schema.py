"""The shape of a rule file: which keys there are and what each holds. Data only, all of it optional where a default
exists.

Every entry is validated by itself, so that one run finds every fault. Terms and expressions stay as they were
typed: `lists` and `reading` read those. What pydantic says is turned into plain words with the nearest known key.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, Field, ValidationError

from monitor.errors import did_you_mean
from monitor.rules import faults as read
from monitor.rules.conditions import (
    SEVERITIES,
    STRICT,
    Escalate,
    EscalateSpec,
    Unless,
    UnlessSpec,
    When,
    WhenSpec,
    Words,
)
from monitor.rules.faults import ID, Faults, Path, one_of, shape

Text = Annotated[str, BeforeValidator(read.text)]
Word = Annotated[str, BeforeValidator(read.word)]
Flag = Annotated[bool, BeforeValidator(read.flag)]
Number = Annotated[float, BeforeValidator(read.number)]
Duration = Annotated[timedelta, BeforeValidator(read.duration)]
Moment = Annotated[datetime, BeforeValidator(read.moment)]

STATUSES = ("on", "trial", "off")
GROUP_KEYS = ("rule", "story", "entity", "source", "publisher", "severity")
BECAUSE = (
    *(
        "all",
        "any",
        "none",
        "nowhere",
        "within",
        "fields",
        "needs",
        "not_part_of",
        "cased",
        "mentions",
        "points",
        "query",
    ),
    "at_least",
)
SECTIONS = ("version", "defaults", "lists", "entities", "entities_from", "rules")


def _group_by(data: Any) -> tuple[str, ...]:
    if data == "none":
        return ()
    keys = read.several(data)
    for key in keys:
        if key not in GROUP_KEYS and not key.startswith("$"):
            known = (*GROUP_KEYS, "none")
            raise ValueError(f"unknown group key {key!r}{one_of(key, known)}")
    return keys


def _filter(data: Any) -> Any:
    # a list replaces what a default says, so it says something of every key
    return {"any": data, "all": [], "none": []} if isinstance(data, (str, list)) else data


class _Shape(BaseModel):
    model_config = STRICT


class Filter(_Shape):
    """`sources`, `languages` or `publishers`: a list means any."""

    any: Words | None = None
    all: Words = ()
    none: Words = ()


class AlertSpec(_Shape):
    """A rule's `alert`, before defaults are merged in."""

    group_by: Annotated[tuple[str, ...], BeforeValidator(_group_by)] | None = None
    group_wait: Duration | None = None
    group_interval: Duration | None = None
    throttle: Duration | None = None
    max_age: Duration | None = None
    corrections: Flag | None = None
    unless: Unless | None = None
    when: When | None = None
    escalate: Escalate | None = None


class DefaultsSpec(_Shape):
    """What a rule may inherit."""

    severity: Annotated[str, BeforeValidator(lambda v: read.choice(v, SEVERITIES, "severity"))] | None = None
    status: Annotated[str, BeforeValidator(lambda v: read.choice(v, STATUSES, "status"))] | None = None
    owner: Text | None = None
    tags: Words | None = None
    refs: Annotated[tuple[str, ...], BeforeValidator(read.several)] | None = None
    note: Text | None = None
    from_: Moment | None = Field(default=None, alias="from")
    until: Moment | None = None
    sources: Annotated[Filter, BeforeValidator(_filter)] | None = None
    languages: Annotated[Filter, BeforeValidator(_filter)] | None = None
    publishers: Annotated[Filter, BeforeValidator(_filter)] | None = None
    notify: Words | None = None
    alert: AlertSpec | None = None


class RuleSpec(DefaultsSpec):
    """One rule; `match` and `examples` stay as typed."""

    title: Text = ""
    match: Any = None
    examples: Any = None


class ListSpec(_Shape):
    """One list of terms; the terms stay as typed."""

    title: Text = ""
    note: Text = ""
    lang: Word = ""
    forms: Any = None
    words: Any = None
    exact: Any = None
    starts: Any = None
    patterns: Any = None
    terms: Any = None
    not_part_of: Any = None


class Place(_Shape):
    """Where an entity is."""

    country: Word = ""
    lat: Number | None = None
    lon: Number | None = None


class EntitySpec(_Shape):
    """One entity; its names stay as typed."""

    title: Text = ""
    note: Text = ""
    kind: Word = ""
    country: Word = ""
    place: Place | None = None
    tags: Words = ()
    refs: Words = ()
    cased: Flag | None = None
    name: Flag | None = None
    translit: Flag | None = None
    names: Any = None
    needs: Any = None
    not_part_of: Any = None


class TableSpec(_Shape):
    """One table of entities: a CSV file, which columns hold what, keys for all rows (`set`) or one (`override`)."""

    csv: Text = ""
    id: Word = ""
    title: Word = ""
    names: Words = ()
    tags: Words = ()
    kind: Word = ""
    country: Word = ""
    set: Any = None
    override: Any = None

    def columns(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        """Yield each key of an entity with the columns it is taken from."""
        for key in ("id", "title", "names", "tags", "kind", "country"):
            value = getattr(self, key)
            if value:
                yield key, (value,) if isinstance(value, str) else value


class ExampleSpec(_Shape):
    """One example of a rule; a bare text is an item with only `text`."""

    title: Text = ""
    text: Text = ""
    source: Word = ""
    publisher: Text = ""
    language: Word = ""
    published: Moment | None = None
    entities: Words | None = None
    group: Text | None = None
    because: Annotated[str, BeforeValidator(lambda v: read.choice(v, BECAUSE, "reason"))] | None = None


S = TypeVar("S", bound=BaseModel)
_GLUED = re.compile("([a-z_]+)[:：]")


@dataclass(frozen=True, slots=True)
class RuleFile:
    """One rule file after validation. An entry holds what is fine of it, None when it is no mapping; its id is known
    all the same.
    """

    data: Mapping[str, Any]
    defaults: DefaultsSpec = field(default_factory=DefaultsSpec)
    lists: Mapping[str, ListSpec | None] = field(default_factory=dict)
    entities: Mapping[str, EntitySpec | None] = field(default_factory=dict)
    tables: Mapping[str, TableSpec | None] = field(default_factory=dict)
    rules: Mapping[str, RuleSpec | None] = field(default_factory=dict)


def validate(data: Any, faults: Faults) -> RuleFile:
    """Check a whole file; every fault goes to `faults`."""
    if data == "":
        faults.warn((), "the file is empty")
        return RuleFile({})
    if not isinstance(data, dict):
        faults.add((), f"expected the keys {', '.join(SECTIONS)}, not {shape(data)}")
        return RuleFile({})
    for key in data:
        if key not in SECTIONS:
            faults.add((key,), f"unknown key {key!r}{one_of(key, SECTIONS)}", at_key=True)
    if "version" in data and data["version"] != "1":
        try:
            if read.whole_number(data["version"]) != 1:
                raise ValueError(f"version {data['version']} is not known here; this Rasid reads version 1")
        except ValueError as error:
            faults.add(("version",), str(error))
    defaults = (
        check(DefaultsSpec, data["defaults"], ("defaults",), "defaults: ", faults) if "defaults" in data else None
    )
    return RuleFile(
        data,
        defaults or DefaultsSpec(),
        _section(ListSpec, data, "lists", "list", faults),
        _section(EntitySpec, data, "entities", "entity", faults),
        _section(TableSpec, data, "entities_from", "table", faults),
        _section(RuleSpec, data, "rules", "rule", faults),
    )


def _section(model: type[S], data: Mapping[str, Any], name: str, what: str, faults: Faults) -> dict[str, S | None]:
    entries = data.get(name, {})
    if entries == "":
        return {}
    if not isinstance(entries, dict):
        faults.add(
            (name,), f"{name}: expected a mapping by id, not {shape(entries)}; write 'my-{what}:' before its keys"
        )
        return {}
    found = {}
    for id, entry in entries.items():
        path = (name, id)
        if not ID.fullmatch(id):
            plain = re.sub(r"[\s_.]+", "-", id.strip().lower())
            hint = f" (did you mean {plain!r}?)" if ID.fullmatch(plain) else ""
            faults.add(
                path,
                f"{what} {id!r}: an id begins with a letter a-z and goes on with a-z, 0-9 and '-'{hint}",
                at_key=True,
            )
        found[id] = check(model, entry, path, f"{what} {id!r}: ", faults)
    return found


def check(model: type[S], data: Any, path: Path, about: str, faults: Faults) -> S | None:
    """Validate one entry; its faults are told in plain words. Returns what is fine of it, so that one run finds the
    faults of later steps too, or None when it is no mapping.
    """
    faults.about = about
    try:
        if not isinstance(data, dict):
            glued = _GLUED.match(data) if isinstance(data, str) else None
            hint = f"; write '{glued[1]}: ' with a space" if glued else ""
            faults.add(path, f"expected a mapping of keys, not {shape(data)}{hint}" if data else "it is empty")
            return None
        try:
            return model.model_validate(data)
        except ValidationError as error:
            items = error.errors(include_url=False)
            for item in items:
                _translate(model, data, item, path, faults)
            faulty = {item["loc"][0] for item in items}
            return model.model_validate({key: value for key, value in data.items() if key not in faulty})
    finally:
        faults.about = ""


def _translate(model: type[BaseModel], data: Mapping[str, Any], item: Any, path: Path, faults: Faults) -> None:
    inside: Path = item["loc"]
    if not isinstance(data[str(inside[0])], dict):
        inside = inside[:1]  # a list that stands for {any: [...]}
    whole = (*path, *inside)
    key = str(inside[-1])
    if item["type"] == "extra_forbidden":
        known = _keys(model, inside[:-1])
        hint = did_you_mean(key, known) or f"; known are {', '.join(known)}"
        if (glued := _GLUED.match(key)) and glued[1] in known:
            hint = f"; write '{glued[1]}: ' with a space"
        elif item["input"] == "":
            hint += ". Was a text split at a comma or read as a key? Put it in quotes"
        faults.add(whole, f"unknown key {key!r}{hint}", at_key=True)
        return
    message = str(item["ctx"]["error"]) if item["type"] == "value_error" else f"expected {_expected(item['type'])}"
    faults.add(whole, f"{'.'.join(map(str, inside))}: {message}")


def _keys(model: type[BaseModel], inside: Path) -> tuple[str, ...]:
    """The keys of the model at `inside`."""
    for step in inside:
        model = _NESTED.get(str(step), model)  # a number counts the steps of `escalate`
    return tuple(field.alias or name for name, field in model.model_fields.items())


_NESTED: Mapping[str, type[BaseModel]] = {
    **dict.fromkeys(("sources", "languages", "publishers"), Filter),
    "alert": AlertSpec,
    "unless": UnlessSpec,
    "when": WhenSpec,
    "escalate": EscalateSpec,
    "place": Place,
}


def _expected(kind: str) -> str:
    return "a text" if kind == "string_type" else "a mapping of keys"
