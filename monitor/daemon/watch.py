"""Watch files by looking at them: their times, sizes and inodes, and when those have changed and rest, their content.

An editor's rename, two quick saves, a half-written file or another folder behind a link are one change, taken once
two looks in a row have seen the same.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TypeAlias

from monitor.rulefiles.reading import Gone, listed

LOOK_S = 1.0
"""Between two looks."""

MOST_LOOKS = 10
"""Looks after which a change is taken although something still changes: a file that never rests holds up no other."""

Look: TypeAlias = Mapping[str, tuple[int, ...]]
"""What is known of each file without reading it; nothing of one that is not there."""


def look(files: Iterable[Path], folders: Iterable[Path]) -> Look:
    """Look at some files, and at the rule files in some folders."""
    found: dict[str, tuple[int, ...]] = {}
    every = list(files)
    for folder in folders:
        inside = listed(folder)
        every += [folder] if isinstance(inside, Gone) else inside
    for path in every:
        try:
            status = path.stat()  # of what a link leads to
        except OSError:
            found[str(path)] = ()
        else:
            found[str(path)] = (
                status.st_ino,
                status.st_dev,
                status.st_size,
                status.st_mtime_ns,
                status.st_ctime_ns,
            )
    return found


def contents(seen: Iterable[str]) -> Mapping[str, bytes]:
    """A digest of what each file holds; of one that cannot be read it is empty."""
    found = {}
    for path in seen:
        try:
            with Path(path).open("rb") as file:
                found[path] = hashlib.file_digest(file, "sha256").digest()
        except OSError:
            found[path] = b""
    return found


class Watch:
    """Says when files have changed and rest. Belongs to one thread."""

    def __init__(self, look: Callable[[], Look], contents: Callable[[Iterable[str]], Mapping[str, bytes]] = contents):
        self._look = look
        self._contents = contents
        self.take()

    def take(self) -> None:
        """What is there now is known: somebody is about to read it."""
        self._known = self._last = self._look()
        self._digests = dict(self._contents(self._known))
        self._restless = 0

    def adopt(self, paths: Iterable[str]) -> None:
        """Files that were read and are looked at from now on are known as they are."""
        seen = self._look()
        more = {path: seen[path] for path in paths if path in seen and path not in self._known}
        if more:
            self._known = self._last = {**self._known, **more}
            self._digests |= self._contents(more)

    def is_due(self) -> bool:
        """Look once more: whether there is other content now, which is known from then on."""
        seen, last = self._look(), self._last
        self._last = seen
        if seen == self._known:
            self._restless = 0
            return False
        self._restless += 1
        if seen != last and self._restless < MOST_LOOKS:
            return False
        self._known, self._restless = seen, 0
        before, self._digests = self._digests, dict(self._contents(seen))
        return self._digests != before
