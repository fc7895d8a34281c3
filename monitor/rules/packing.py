"""Arrays and records in one run of bytes: written part by part, read where they lie, a record only when it is wanted.

Knows nothing of rules, and nothing that it reads is ever executed: numbers are numbers, records are JSON, texts are
UTF-8. Who hands bytes to `Parts` has made sure that they are those that `Packing` made.
"""

from __future__ import annotations

import json
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, Generic, NamedTuple, TypeAlias, TypeVar, overload

import numpy as np

from monitor.rules.tables import Rows

N = TypeVar("N")
T = TypeVar("T")

Json: TypeAlias = Any

MOST_KEPT = 1_000
"""Things of one part that are kept once they were read, those last asked for. More of them would save little where
thousands of rules are each hit now and then, and grow for weeks.
"""

_ALIGNED = 8


class Packing:
    """Parts to be written, by name."""

    def __init__(self) -> None:
        self.parts: dict[str, bytes | bytearray | memoryview] = {}

    def ints(self, name: str, numbers: Iterable[int], code: str = "i") -> None:
        """Numbers of 32 (`i`, `I` for none below 0) or 64 bits (`q`)."""
        self.parts[name] = memoryview(array(code, numbers)).cast("B")

    def rows(self, name: str, rows: Rows) -> None:
        """Rows of numbers."""
        numbers, ends = rows.arrays
        self.parts[name], self.parts[f"{name}/ends"] = numbers.cast("B"), ends.cast("B")

    def grouped(self, name: str, some: Grouped) -> None:
        """Rows under keys."""
        self.ints(f"{name}/keys", some.keys, "q")
        self.rows(name, some.rows)

    def records(self, name: str, records: Iterable[Json]) -> None:
        """JSON values, each to be read by itself."""
        self._runs(name, map(encoded, records))

    def texts(self, name: str, texts: Iterable[str]) -> None:
        """Texts, each to be read by itself."""
        self._runs(name, (text.encode(errors="surrogatepass") for text in texts))

    def _runs(self, name: str, runs: Iterable[bytes]) -> None:
        written, ends = bytearray(), array("q", [0])
        for run in runs:
            written += run
            ends.append(len(written))
        self.parts[name] = written
        self.parts[f"{name}/ends"] = memoryview(ends).cast("B")

    def words(self, name: str, words: Iterable[str]) -> None:
        """Words of one line each, to be read all at once."""
        self.parts[name] = "\n".join(words).encode(errors="surrogatepass")

    def layout(self) -> dict[str, tuple[int, int]]:
        """Of each part where it begins and how many bytes it has."""
        found, end = {}, 0
        for name, part in self.parts.items():
            found[name] = end, len(part)
            end += len(part) + -len(part) % _ALIGNED
        return found

    def chunks(self) -> Iterator[bytes | bytearray | memoryview]:
        """All parts one behind the other, as `layout` says."""
        for part in self.parts.values():
            yield part
            yield bytes(-len(part) % _ALIGNED)


class Parts:
    """Parts to be read. Raises ValueError where one is missing or has another shape."""

    def __init__(self, buffer: bytes | memoryview, layout: Mapping[str, tuple[int, int]]) -> None:
        self._buffer = memoryview(buffer)
        self._layout = layout

    def raw(self, name: str) -> memoryview:
        """The bytes of one part."""
        if name not in self._layout:
            raise ValueError(f"it has no part {name!r}")
        start, size = self._layout[name]
        return self._buffer[start : start + size]

    def ints(self, name: str, code: str = "i") -> memoryview:
        """Numbers."""
        return self.raw(name).cast(code)  # type: ignore[call-overload,no-any-return]

    def rows(self, name: str) -> Rows:
        """Rows of numbers."""
        return Rows.of(self.ints(name), self.ints(f"{name}/ends", "q"))

    def grouped(self, name: str) -> Grouped:
        """Rows under keys."""
        return Grouped(self.ints(f"{name}/keys", "q"), self.rows(name))

    def words(self, name: str) -> list[str]:
        """Words."""
        text = _text(self.raw(name))
        return text.split("\n") if text else []

    def records(self, name: str, read: Callable[[Json], T], most: int = MOST_KEPT) -> Records[T]:
        """Records, each as `read` makes of it."""
        return Records(self.raw(name), self.ints(f"{name}/ends", "q"), lambda run: read(json.loads(_text(run))), most)

    def texts(self, name: str, most: int = MOST_KEPT) -> Records[str]:
        """Texts."""
        return Records(self.raw(name), self.ints(f"{name}/ends", "q"), _text, most)


def encoded(record: Json) -> bytes:
    """A JSON value in few bytes, lone surrogates included."""
    return json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode(errors="surrogatepass")


def _text(run: memoryview) -> str:
    return str(run, "utf-8", "surrogatepass")


class Records(Sequence[T]):
    """Records that are read, each from its bytes, when they are asked for."""

    def __init__(self, raw: memoryview, ends: memoryview, read: Callable[[memoryview], T], most: int) -> None:
        self._ends = ends
        self._at = lru_cache(most)(lambda at: read(raw[ends[at] : ends[at + 1]]))

    def __len__(self) -> int:
        return len(self._ends) - 1

    @overload
    def __getitem__(self, at: int) -> T: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[T]: ...
    def __getitem__(self, at: int | slice) -> T | Sequence[T]:
        if isinstance(at, slice):
            return [self[one] for one in range(*at.indices(len(self)))]
        if not 0 <= at < len(self):
            raise IndexError(at)
        return self._at(at)


class View(Mapping[str, T], Generic[T]):
    """A mapping of given keys, in their order; `read` says what stands under one."""

    def __init__(self, keys: Mapping[str, object], read: Callable[[str], T]) -> None:
        self._keys, self._read = keys, read

    def __getitem__(self, key: str) -> T:
        if key not in self._keys:
            raise KeyError(key)
        return self._read(key)

    def __contains__(self, key: object) -> bool:
        return key in self._keys

    def __iter__(self) -> Iterator[str]:
        return iter(self._keys)

    def __len__(self) -> int:
        return len(self._keys)


class Keyed(Mapping[str, T], Generic[N, T]):
    """A mapping of which only the keys are there, each with a number or numbers; `read` makes of both what stands
    under it.
    """

    def __init__(self, numbers: Mapping[str, N], read: Callable[[str, N], T], most: int = MOST_KEPT) -> None:
        self.numbers = numbers
        self._read = lru_cache(most)(lambda key: read(key, numbers[key]))

    def __getitem__(self, key: str) -> T:
        return self._read(key)

    def __contains__(self, key: object) -> bool:
        return key in self.numbers

    def __iter__(self) -> Iterator[str]:
        return iter(self.numbers)

    def __len__(self) -> int:
        return len(self.numbers)


class Grouped(NamedTuple):
    """Rows of numbers under keys (sorted): pairs of numbers, each in one, or numbers."""

    keys: Sequence[int]
    rows: Rows

    @classmethod
    def of(cls, keys: array[int], rows: array[int], width: int) -> Grouped:
        """Each of `keys` with the next `width` numbers of `rows`; of one key in the given order."""
        all_keys = np.asarray(keys, np.int64)
        order = all_keys.argsort(kind="stable")
        distinct, starts = np.unique(all_keys[order], return_index=True)
        numbers = np.asarray(rows, np.int32).reshape(-1, width)[order].ravel()
        ends = np.append(starts, len(all_keys)) * width
        return cls(distinct.data, Rows.of(numbers.data, ends.astype(np.int64).data))


def paired(left: int, right: int) -> int:
    """A pair of numbers as one."""
    return left << 32 | right
