"""What a parser found, before it becomes an article: plain text in JSON values, nothing judged, nothing cleaned."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One raw item. `date` is as written, `moment` what the parser made of it (ISO 8601, UTC) or ""."""

    guid: str = ""
    url: str = ""
    title: str = ""
    text: str = ""
    author: str = ""
    publisher: str = ""
    language: str = ""
    date: str = ""
    moment: str = ""
    boilerplate: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed:
    """A document's items. `complete` is False when the document breaks off before its end.

    `dropped` items were beyond the most that one document may bring, `errors` were a bridge's failures dressed as
    items.
    """

    items: tuple[Item, ...]
    language: str = ""
    complete: bool = True
    dropped: int = 0
    errors: tuple[str, ...] = ()


_FIELDS = tuple(field.name for field in fields(Item))


def to_json(parsed: Parsed) -> dict[str, Any]:
    """JSON values of a parsed document: each item is a list of its fields in order."""
    return {
        "items": [[getattr(item, name) for name in _FIELDS] for item in parsed.items],
        "language": parsed.language,
        "complete": parsed.complete,
        "dropped": parsed.dropped,
        "errors": parsed.errors,
    }


def from_json(values: Mapping[str, Any]) -> Parsed:
    """The parsed document of JSON values made by `to_json`."""
    items = tuple(Item(**dict(zip(_FIELDS, item, strict=True))) for item in values["items"])
    return Parsed(
        items=items,
        language=values["language"],
        complete=values["complete"],
        dropped=values["dropped"],
        errors=tuple(values["errors"]),
    )
