"""What options of sources hold beyond what all kinds share: time zones and sizes."""

from __future__ import annotations

from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator

from monitor.errors import Problem
from monitor.model import SourceSpec
from monitor.options import Duration, Options, Read, Wait, read_options
from monitor.timing import ascii_digits

__all__ = ["Duration", "Options", "Size", "Wait", "Zone", "read"]

_SIZES = {"B": 1, "KB": 1_000, "MB": 1_000_000, "GB": 1_000_000_000}


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


Zone = Annotated[ZoneInfo, BeforeValidator(_zone)]
Size = Annotated[int, BeforeValidator(_size)]


def read(model: type[Read], spec: SourceSpec) -> tuple[Read | None, tuple[Problem, ...]]:
    """The options of a source, None when they hold an error, and every problem."""
    return read_options(model, spec.options, about=f"source {(spec.listed or spec.id)!r}", where=spec.where)
