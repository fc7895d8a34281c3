"""Read the files that rules are made of: rule files, and the tables and word lists that they name.

A name leads only to a regular file of bounded size below the folder that is being loaded, links followed.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

MOST_BYTES_BESIDE = 32_000_000
"""Bytes of a table or word list that are read."""


SUFFIXES = (".yaml", ".yml")
SUITE = ".test.yaml"
"""How the names of files end that hold tests of rules, not rules."""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Stands for the text of a file that is there and cannot be read."""

    reason: str


Text = bytes | Unreadable


@dataclass(frozen=True, slots=True)
class Gone:
    """A rule file or folder that is named and has nothing to read: it is missing, empty or closed to us."""

    path: str
    reason: str


def read(path: Path, most: int) -> bytes:
    """Return the bytes of a regular file, at most one more than `most`.

    Raises OSError, or ValueError for anything that is no file.
    """
    if not stat.S_ISREG(path.stat().st_mode):
        raise ValueError("not a regular file")
    with path.open("rb") as file:
        return file.read(most + 1)


def find(name: str, folder: Path, root: Path) -> Path:
    """Return where a file lies that is named by a rule file in `folder`.

    Raises ValueError when the name is absolute, cannot be one, or leads out of `root`.
    """
    if "\0" in name or Path(name).is_absolute():
        raise ValueError("expected a path relative to the file that names it")
    path = folder / name
    if not Path(os.path.realpath(path)).is_relative_to(os.path.realpath(root)):
        raise ValueError("it lies outside the folder of the rules")
    return path


def walk(folder: Path, seen: set[str] | None = None) -> Iterator[Path]:
    """Yield the rule files of a folder and the folders below it, sorted; names that begin with a dot are passed over.

    Raises OSError where one of them cannot be listed.
    """
    seen = set() if seen is None else seen
    real = os.path.realpath(folder)
    if real in seen:  # a link that leads back
        return
    seen.add(real)
    for path in sorted(folder.iterdir()):
        if path.name.startswith("."):
            continue
        if path.is_dir():
            yield from walk(path, seen)
        elif path.suffix in SUFFIXES and not path.name.endswith(SUITE):
            yield path


def listed(root: Path) -> tuple[Path, ...] | Gone:
    """Return the rule files that a path of the configuration stands for."""
    try:
        if not root.is_dir():
            root.stat()
            return (root,)
        return tuple(walk(root)) or Gone(str(root), "no .yaml file in it")
    except OSError as error:
        return Gone(str(root), why(error))


def read_all(files: Iterable[Path], most: int) -> Mapping[str, Text]:
    """Read files whole; one that ends while it is looked for is left out."""
    found: dict[str, Text] = {}
    for path in files:
        try:
            found[str(path)] = read(path, most)
        except FileNotFoundError:
            continue
        except (OSError, ValueError) as error:
            found[str(path)] = Unreadable(why(error))
    return found


def root_of(path: str, roots: Iterable[Path]) -> Path | None:
    """Return the path of the configuration through which a file is read; None when it is none of theirs."""
    return next((root for root in roots if Path(path) == root or Path(path).is_relative_to(root)), None)


def why(error: OSError | ValueError) -> str:
    """Say why a file cannot be read."""
    return (error.strerror if isinstance(error, OSError) and error.strerror else str(error)).lower()
