"""Read the files that rules are made of: rule files, and the tables and word lists that they name.

A name leads only to a regular file of bounded size below the folder that is being loaded, links followed.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

MOST_BYTES_BESIDE = 32_000_000
"""Bytes of a table or word list that are read."""


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


def why(error: OSError | ValueError) -> str:
    """Say why a file cannot be read."""
    return (error.strerror if isinstance(error, OSError) and error.strerror else str(error)).lower()
