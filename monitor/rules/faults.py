"""Faults of rule data by key path, and how one value of text is read: flags, numbers, choices, days.

A reader takes what the YAML held and returns a value, or raises ValueError with a sentence that says what was
expected.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from monitor.errors import Level, did_you_mean
from monitor.timing import ascii_digits, parse_duration

Path = tuple[str | int, ...]

ID = re.compile(r"[a-z][a-z0-9-]*")
_FLAGS = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}
_ARABIC_SEPARATOR = re.compile("[،؛，、；]")


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong at a key path of a rule file; `at_key` points at the key, not at its value.

    `missing` is what it refers to when that is nowhere: another file may have held it.
    """

    path: Path
    message: str
    level: Level = Level.ERROR
    at_key: bool = False
    missing: str = ""


class Faults:
    """Collects faults; `about` is the prefix that names the rule, list or entity at hand."""

    def __init__(self) -> None:
        self.items: list[Fault] = []
        self.about = ""

    def add(self, path: Path, message: str, *, at_key: bool = False, missing: str = "") -> None:
        """Note an error."""
        self.items.append(Fault(path, self.about + message, at_key=at_key, missing=missing))

    def warn(self, path: Path, message: str, *, at_key: bool = False) -> None:
        """Note a warning."""
        self.items.append(Fault(path, self.about + message, Level.WARNING, at_key))


def shape(data: Any) -> str:
    """What `data` is, in words."""
    if isinstance(data, dict):
        return "a mapping"
    if isinstance(data, list):
        return "a list" if data else "an empty list"
    return f"the text {data!r}" if data else "nothing"


def text(data: Any) -> str:
    """A text that is not empty."""
    if isinstance(data, dict) and len(data) == 1:
        key = next(iter(data))
        raise ValueError(
            f"expected a text; ': ' turned it into a mapping with the key {key!r}. Put the text in quotes"
        )
    if not isinstance(data, str):
        raise ValueError(f"expected a text, not {shape(data)}")
    if not data.strip():
        raise ValueError("the value is empty (a text that begins with '#' must be in quotes)")
    return data.strip()


def word(data: Any) -> str:
    """A text that stands for a name: no Arabic comma or semicolon that was meant to separate."""
    found = text(data)
    if separator := _ARABIC_SEPARATOR.search(found):
        raise ValueError(
            f"{found!r} is one item: '{separator[0]}' separates nothing; write an English comma or one a line"
        )
    return found


def several(data: Any) -> tuple[str, ...]:
    """A list of words; one word counts as a list of one."""
    if isinstance(data, str):
        return (word(data),) if data.strip() else ()
    if not isinstance(data, list):
        raise ValueError(f"expected a list, not {shape(data)}")
    return tuple(dict.fromkeys(map(word, data)))


def flag(data: Any) -> bool:
    """true or false (also yes, no, on, off)."""
    found = text(data).lower()
    if found not in _FLAGS:
        raise ValueError(f"{found!r} is neither true nor false")
    return _FLAGS[found]


def whole_number(data: Any, *, least: int = 0, most: int = 1_000_000) -> int:
    """A whole number, also in Arabic-Indic digits."""
    found = ascii_digits(text(data))
    if not re.fullmatch(r"[0-9]{1,9}", found) or not least <= int(found) <= most:
        raise ValueError(f"{found[:40]!r} is not a whole number from {least} to {most}")
    return int(found)


def number(data: Any) -> float:
    """A decimal number, also in Arabic-Indic digits."""
    found = ascii_digits(text(data)).replace("٫", ".").replace("\u2212", "-")
    if not re.fullmatch(r"[-+]?[0-9]{1,9}(\.[0-9]{1,12})?", found):
        raise ValueError(f"{found[:40]!r} is not a number")
    return float(found)


def choice(data: Any, known: Collection[str], what: str) -> str:
    """One of the known words."""
    found = word(data)
    if found.lower() not in known:
        raise ValueError(f"unknown {what} {found!r}{one_of(found, known)}")
    return found.lower()


def one_of(word: str, known: Iterable[str]) -> str:
    """The hint behind an unknown word: the most like, else all that are known; for several in one how to write it."""
    known = tuple(known)
    if not known:
        return "; there is none yet"
    if "," in word:
        return f"; several are a list: [{', '.join(word.replace(',', ' ').split())}]"
    return did_you_mean(word, known) or f"; known are {', '.join(known)}"


def duration(data: Any) -> timedelta:
    """A duration such as 30s, 15m, 2h, 7d; `none` is no time."""
    found = text(data)
    return timedelta(0) if found == "none" else parse_duration(found)


def moment(data: Any) -> datetime:
    """A day (its midnight) or a day and time, without a timezone unless one is written."""
    found = ascii_digits(text(data))
    try:
        if len(found) == 10:
            return datetime.combine(date.fromisoformat(found), datetime.min.time())
        return datetime.fromisoformat(found)
    except ValueError:
        raise ValueError(f"{found[:40]!r} is not a date; write one such as 2026-11-01 or 2026-11-01 18:00") from None
