"""The files of one drop folder and its sub-folders, by descriptor: listing, reading, moving. Judges no article.

Every step is taken relative to an open folder, one name at a time, without following links and without waiting for
pipes, so that no one who may write into the folder can make Rasid read or move anything else.
"""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TypeAlias

from monitor.errors import SourceError

PROCESSED, FAILED = "processed", "failed"
DEEPEST = 16
"""Sub-folders within each other that are looked into."""

_UNFINISHED = (".part", ".partial", ".filepart", ".tmp", ".crdownload", ".swp", "~")
_LONGEST_NAME = 255 - len(".9999.reason.txt")
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC

Mark: TypeAlias = tuple[int, int, int]  # size, mtime in ns, inode


@dataclass(frozen=True, slots=True)
class Entry:
    """One file: its printable name, the real names of its sub-folders and its own, its mark.

    `refusal` says why it is not to be opened, if so.
    """

    name: str
    folders: tuple[str, ...]
    real: str
    mark: Mark
    refusal: str = ""

    @property
    def tags(self) -> tuple[str, ...]:
        """The printable names of its sub-folders."""
        return tuple(map(printable, self.folders))


class Dropbox:
    """An open drop folder. Use it in `with`; raises OSError when it is not a folder or may not be read."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._folder = -1

    def __enter__(self) -> Dropbox:
        self._folder = os.open(self._path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self._folder)

    def entries(self) -> dict[str, Entry]:
        """What lies in the folder, by printable name with `/`; without what is hidden, unfinished or done with."""
        found: dict[str, Entry] = {}
        self._list(self._folder, (), found)
        return found

    def _list(self, folder: int, folders: tuple[str, ...], found: dict[str, Entry]) -> None:
        for real in os.listdir(folder):
            if real.startswith(".") or real.endswith(_UNFINISHED) or (not folders and real in (PROCESSED, FAILED)):
                continue
            with contextlib.suppress(FileNotFoundError):
                status = os.stat(real, dir_fd=folder, follow_symlinks=False)
                if not stat.S_ISDIR(status.st_mode):
                    name = "/".join(map(printable, (*folders, real)))
                    found[name] = Entry(name, folders, real, _mark(status), _refusal(status))
                elif len(folders) < DEEPEST:
                    # What became a link meanwhile, or may not be entered, is not looked into.
                    with contextlib.suppress(NotADirectoryError, PermissionError), _opened(real, folder) as inner:
                        self._list(inner, (*folders, real), found)

    def read(self, entry: Entry, max_size: int) -> bytes | None:
        """The file's bytes, or None when it changes meanwhile. Raises SourceError when it cannot be read."""
        try:
            with self._within(self._folder, entry.folders) as folder:
                flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
                descriptor = os.open(entry.real, flags, dir_fd=folder)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise SourceError(f"cannot be opened: {error.strerror}") from error
        with os.fdopen(descriptor, "rb") as file:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode) or _mark(status) != entry.mark:
                return None
            if status.st_size > max_size:
                raise SourceError(f"larger than {max_size} bytes (max_size)")
            try:
                body = file.read(max_size + 1)
            except OSError as error:
                raise SourceError(f"cannot be read: {error.strerror}") from error
            return body if _mark(os.fstat(descriptor)) == entry.mark and len(body) == status.st_size else None

    def move(self, entry: Entry, reason: str = "") -> None:
        """Move a file to `processed/`, or to `failed/` beside its reason, into sub-folders of the same names.

        A name that is there already is not overwritten: the newcomer's gets a number. What is another file by now
        stays in the folder. Raises OSError when it is not possible.
        """
        place = (FAILED if reason else PROCESSED, *entry.folders)
        with (
            self._within(self._folder, entry.folders) as folder,
            self._within(self._folder, place, make=True) as target,
        ):
            name = _free_name(entry.real, target)
            if reason:
                # Written first: a file in failed/ is never without its reason.
                flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
                note = os.open(name + ".reason.txt", flags, 0o644, dir_fd=target)
                with os.fdopen(note, "w", encoding="utf-8") as file:
                    file.write(reason + "\n")
            try:
                os.rename(entry.real, name, src_dir_fd=folder, dst_dir_fd=target)
                is_it = _mark(os.stat(name, dir_fd=target, follow_symlinks=False)) == entry.mark
                if not is_it:  # nobody has read this one
                    os.rename(name, _free_name(entry.real, folder), src_dir_fd=target, dst_dir_fd=folder)
            except OSError:
                if reason:
                    os.unlink(name + ".reason.txt", dir_fd=target)
                raise
            if reason and not is_it:
                os.unlink(name + ".reason.txt", dir_fd=target)

    @contextlib.contextmanager
    def _within(self, folder: int, names: tuple[str, ...], *, make: bool = False) -> Iterator[int]:
        """The sub-folder reached by `names`, entered one by one; made where it is missing, if asked."""
        if not names:
            yield folder
            return
        if make:
            with contextlib.suppress(FileExistsError):
                os.mkdir(names[0], dir_fd=folder)
        with _opened(names[0], folder) as inner, self._within(inner, names[1:], make=make) as found:
            yield found


@contextlib.contextmanager
def _opened(name: str, folder: int) -> Iterator[int]:
    descriptor = os.open(name, _FOLDER, dir_fd=folder)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def printable(name: str) -> str:
    """A file's name as text that can be stored and shown: odd bytes and control characters are escaped."""
    text = os.fsencode(name).decode("utf-8", "backslashreplace")
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)


def _mark(status: os.stat_result) -> Mark:
    return (status.st_size, status.st_mtime_ns, status.st_ino)


def _refusal(status: os.stat_result) -> str:
    if stat.S_ISREG(status.st_mode):
        return ""
    kind = "a symbolic link" if stat.S_ISLNK(status.st_mode) else "not a regular file"
    return f"{kind}; only regular files are read"


def _free_name(real: str, folder: int) -> str:
    """A name not yet used in the folder, nor its reason's: `a.txt`, `a.2.txt`, `a.3.txt` ..."""
    stem, dot, ending = real.rpartition(".")
    if not stem:
        stem, dot, ending = real, "", ""
    raw = os.fsencode(stem)[: _LONGEST_NAME - len(os.fsencode(dot + ending)[:40])]
    stem, ending = os.fsdecode(raw), os.fsdecode(os.fsencode(ending)[:40])
    taken = set(os.listdir(folder))
    name, number = f"{stem}{dot}{ending}", 1
    while name in taken or f"{name}.reason.txt" in taken:
        number += 1
        name = f"{stem}.{number}{dot}{ending}"
    return name
