"""The lock beside the database: only its holder writes.

`flock` dies with its process, so a crash never leaves a lock behind. The file holds the holder's process id for
the message a second writer gets; it is never deleted, since deleting it would let two processes lock two files.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
from pathlib import Path

from monitor.errors import StoreError, StoreLocked


class Lock:
    """An exclusive lock on `<database>.lock`, held from construction to `release()`."""

    def __init__(self, database: Path) -> None:
        """Take the lock at once. Raises StoreLocked, naming the holder's process if known, or StoreError."""
        path = database.with_name(database.name + ".lock")
        try:
            self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise StoreError(f"{path}: cannot be opened: {error.strerror}") from error
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            holder = self._holder()
            os.close(self._file)
            if not isinstance(error, BlockingIOError):
                raise StoreError(f"{path}: cannot be locked: {error.strerror}") from error
            raise StoreLocked(f"{database} is being written by {holder}; try again when it has ended") from error
        # A full disk must not keep the lock from its holder: the number is only for messages.
        with contextlib.suppress(OSError):
            os.ftruncate(self._file, 0)
            os.pwrite(self._file, f"{os.getpid()}\n".encode(), 0)

    def _holder(self) -> str:
        number = os.pread(self._file, 20, 0).decode("ascii", "replace").strip()
        return f"process {number}" if number.isdecimal() else "another process"

    def release(self) -> None:
        """Let go of the lock. May be called twice."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1
