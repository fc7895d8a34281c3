"""Reading one parsed YAML page: typed values at key paths, and every fault found on the way with its place.

The document holds only text, lists and mappings. A reader is a function from text to a value that raises ValueError
with a sentence; the page turns that into a problem and goes on, so that one run finds every fault.
"""

from __future__ import annotations

import ipaddress
import os
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo, available_timezones

from monitor.alerting.wording import LANGUAGES
from monitor.errors import Level, Problem, SourceError, did_you_mean
from monitor.model import Place
from monitor.timing import ascii_digits, parse_duration
from monitor.xmltext import opml
from monitor.yamltext import KEY, Located

T = TypeVar("T")
KeyPath = tuple[str | int, ...]
NOTHING: tuple[str, ...] = ()
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
_SIZE = re.compile(r"([0-9]+)\s*(B|kB|KB|MB|GB|KiB|MiB|GiB)?")
_UNITS = {"B": 1, "kB": 10**3, "KB": 10**3, "MB": 10**6, "GB": 10**9, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30}
_FLAGS = {"yes": True, "true": True, "on": True, "no": False, "false": False, "off": False}
ID = re.compile(r"[a-z][a-z0-9-]*")
_ZONE = "; write a name such as Asia/Baghdad or UTC"
_ARABIC_SEPARATOR = re.compile("[،؛]")


class Page:
    """One file's data, the places of its values, and the problems found so far."""

    def __init__(self, name: str, located: Located) -> None:
        self.name = name
        self.data: Any = located.data
        self.problems: list[Problem] = []
        self._located = located

    def place(self, path: KeyPath, *, key: bool = False) -> Place:
        """Where the value at `path` (or its key) stands; the nearest enclosing place when it has none."""
        places = self._located.places
        candidates = [path[:length] for length in range(len(path), -1, -1)]
        if key:
            candidates.insert(0, (*path, KEY))
        for candidate in candidates:
            if candidate in places:
                line, column = places[candidate]
                return Place(file=self.name, line=line, column=column)
        return Place(file=self.name)

    def entry(self, path: KeyPath, options: Iterable[str]) -> Place:
        """Where an entry stands by its key, and each of its options by its value."""
        inner = {name: self._located.spot((*path, name)) for name in options}
        return replace(self.place(path, key=True), options=inner)

    def fault(self, path: KeyPath, message: str, *, key: bool = False, level: Level = Level.ERROR) -> None:
        """Note a problem at `path`."""
        where = self.place(path, key=key)
        problem = Problem(file=where.file, line=where.line, column=where.column, message=message, level=level)
        self.problems.append(problem)

    def mapping(self, path: KeyPath, data: Any, what: str) -> Mapping[str, Any]:
        """`data` if it is a mapping; else a problem and an empty one. Absent and empty values are empty mappings."""
        if data is None or data == "":
            return {}
        if isinstance(data, dict):
            return data
        self.fault(path, f"{what} must be a mapping of keys, not {_kind(data)}")
        return {}

    def known_keys(self, path: KeyPath, data: Mapping[str, Any], known: Collection[str]) -> None:
        """Note every key that is not known, with the nearest known one."""
        for key in data:
            if key not in known:
                self.fault((*path, key), f"unknown key {key!r}{nearest(key, known)}", key=True)

    def value(self, path: KeyPath, data: Mapping[str, Any], read: Callable[[Any], T], default: T) -> T:
        """The value of the last key of `path` in `data` through `read`; `default` when absent or faulty."""
        key = path[-1]
        if key not in data:
            return default
        try:
            return read(data[str(key)])
        except ValueError as error:
            self.fault(path, f"{key}: {error}")
            return default


def nearest(word: str, known: Collection[str]) -> str:
    """` (did you mean 'x'?)` for the known word most like `word`; else the known words, when there are few."""
    if not known:
        return "; there is none yet"
    return did_you_mean(word, known) or (f"; known are {', '.join(sorted(known))}" if len(known) <= 24 else "")


def words(data: Any) -> str:
    """A plain text."""
    if not isinstance(data, str):
        raise ValueError(f"expected one value, not {_kind(data)}")
    if not data.strip():
        raise ValueError("the value is empty")
    return data.strip()


def several(data: Any) -> tuple[str, ...]:
    """A list of texts; one text counts as a list of one."""
    if isinstance(data, str):
        return (words(data),)
    if not isinstance(data, list):
        raise ValueError(f"expected a list, not {_kind(data)}")
    for item in data:
        if isinstance(item, str) and (found := _ARABIC_SEPARATOR.search(item)):
            raise ValueError(f"{item!r} is one item: {found[0]!r} separates nothing; write an English comma")
    return tuple(words(item) for item in data)


def flag(data: Any) -> bool:
    """yes or no (also true, false, on, off)."""
    text = words(data).lower()
    if text not in _FLAGS:
        raise ValueError(f"{text!r} is neither yes nor no")
    return _FLAGS[text]


def size(data: Any) -> int:
    """A number of bytes such as `10MB`, `500kB` or `2MiB`."""
    text = ascii_digits(words(data))
    found = _SIZE.fullmatch(text)
    if not found or not int(found[1]):
        raise ValueError(f"{text!r} is not a size; write a number and a unit, such as 500kB or 10MB")
    return int(found[1]) * _UNITS[found[2] or "B"]


def count(data: Any) -> int:
    """A whole number from 1 to 100."""
    text = ascii_digits(words(data))
    if not text.isdecimal() or not 1 <= int(text) <= 100:
        raise ValueError(f"{text!r} is not a number from 1 to 100")
    return int(text)


def networks(data: Any) -> tuple[Network, ...]:
    """Networks such as `10.0.0.0/8` or `fd00::/8`; a single address is a network of one."""
    found = []
    for text in several(data):
        try:
            found.append(ipaddress.ip_network(text))
        except ValueError as error:
            raise ValueError(f"{text!r} is not a network; write one such as {_meant(text)}") from error
    return tuple(found)


def _meant(text: str) -> str:
    """The network around an address with a length, else an example."""
    try:
        return str(ipaddress.ip_network(text, strict=False))
    except ValueError:
        return "10.0.0.0/8"


def timezone(data: Any) -> ZoneInfo:
    """A timezone's name such as `Asia/Baghdad`."""
    text = words(data)
    try:
        return ZoneInfo(text)
    except (OSError, ValueError, LookupError) as error:
        zones = () if re.search("[0-9]", text) else available_timezones()  # an offset is like many and means none
        hint = did_you_mean(text, zones)
        if not hint and (places := [zone for zone in sorted(zones) if zone.lower().endswith(f"/{text.lower()}")]):
            hint = f" (did you mean {places[0]!r}?)"
        raise ValueError(f"{text!r} is not a timezone{hint or _ZONE}") from error


def _kind(data: Any) -> str:
    if isinstance(data, str):
        return f"the text {data!r}"
    return "a list" if isinstance(data, list) else "a mapping"


def version(data: Any) -> str:
    """The form of the file: 1. Raises ValueError for another."""
    if ascii_digits(words(data)) != "1":
        raise ValueError(f"{data!r} is not known; this Rasid reads version 1")
    return "1"


def language(data: Any) -> str:
    """The language of the words around an alert. Raises ValueError for one that we have none in."""
    if (word := words(data)) not in LANGUAGES:
        raise ValueError(f"{word!r} is not known; write one of {', '.join(LANGUAGES)}")
    return word


def feed_list(folder: Path, data: Any) -> tuple[Path, opml.FeedList]:
    """A file of feeds (OPML) as named from `folder`, and what it lists."""
    path = near(folder, words(data))
    try:
        return path, opml.read(path.read_bytes())
    except OSError as error:
        reason = (error.strerror or "unreadable").lower()
        raise ValueError(f"{str(path)!r} cannot be read: {reason}") from error
    except SourceError as error:
        raise ValueError(f"{str(path)!r} cannot be used: {error.reason}") from error


def duration(data: Any) -> timedelta:
    """A duration longer than nothing."""
    found = parse_duration(words(data))
    if not found:
        raise ValueError("must be longer than nothing")
    return found


def near(folder: Path, text: str) -> Path:
    """`text` as seen from `folder`, without `..` where leaving it out reaches the same file."""
    path = folder / Path(text).expanduser()
    short = Path(os.path.normpath(path))
    return short if short.resolve() == path.resolve() else path
