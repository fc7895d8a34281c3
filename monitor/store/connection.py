"""How SQLite connections are opened, and how its errors become StoreError.

One connection writes, with full synchronisation; every other one is opened read-only, since two writers in WAL
mode can damage a file under SQLite before 3.51.3.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from monitor.errors import StoreConflict, StoreError, StoreFull

BUSY_TIMEOUT_S = 10.0

READER_CACHE_KIB = 256
"""Pages that a reading connection keeps. Every commit makes them worthless."""

IDLE = 4
"""Reading connections that are kept open while nobody reads."""

_NO_ROOM = ("SQLITE_FULL", "SQLITE_IOERR_WRITE", "SQLITE_IOERR_SHMSIZE", "SQLITE_IOERR_SHMOPEN", "SQLITE_IOERR_FSYNC")
"""A full disk says the first, a quota or a limit on files one of the others."""


@contextmanager
def store_errors(database: Path) -> Iterator[None]:
    """Turn what SQLite raises into StoreError with the file's name."""
    try:
        yield
    except sqlite3.Error as error:
        raise _kind(error)(f"{database}: {_meaning(error)}") from error


def _kind(error: sqlite3.Error) -> type[StoreError]:
    if _is_full(error):
        return StoreFull
    return StoreConflict if isinstance(error, sqlite3.IntegrityError) else StoreError


def _is_full(error: sqlite3.Error) -> bool:
    return getattr(error, "sqlite_errorname", "") in _NO_ROOM


def _meaning(error: sqlite3.Error) -> str:
    name = getattr(error, "sqlite_errorname", "")
    if _is_full(error):
        return "the disk is full, or cannot be written; nothing of this change was kept"
    if name.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")):
        return f"the database is damaged ({error}); restore a backup"
    return str(error)


def open_writer(database: Path) -> sqlite3.Connection:
    """The one writing connection. The caller holds the lock. A file that is made is its owner's alone. Raises
    sqlite3.Error.
    """
    with suppress(OSError):  # what is wrong with the place, SQLite says better
        os.close(os.open(database, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    connection = sqlite3.connect(
        database, timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False, cached_statements=256
    )
    try:
        _set_up(connection)
        connection.execute("PRAGMA auto_vacuum = INCREMENTAL")  # says nothing to a file that has tables
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
    except BaseException:
        connection.close()
        raise
    return connection


def open_reader(database: Path) -> sqlite3.Connection:
    """A read-only connection to an existing database. Raises sqlite3.Error."""
    connection = sqlite3.connect(
        f"{database.absolute().as_uri()}?mode=ro",
        uri=True,
        timeout=BUSY_TIMEOUT_S,
        isolation_level=None,
        check_same_thread=False,
    )
    _set_up(connection)
    connection.execute("PRAGMA query_only = ON")
    connection.execute(f"PRAGMA cache_size = -{READER_CACHE_KIB}")
    return connection


def _set_up(connection: sqlite3.Connection) -> None:
    connection.row_factory = sqlite3.Row
    connection.execute(f"PRAGMA busy_timeout = {int(BUSY_TIMEOUT_S * 1000)}")
    connection.execute("PRAGMA trusted_schema = OFF")


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    """BEGIN IMMEDIATE, yield, COMMIT; on any error ROLLBACK if SQLite has not already done so.

    A full disk ends a transaction by itself, hence the look at `in_transaction`.
    """
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield connection
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _end(connection: sqlite3.Connection) -> None:
    if connection.in_transaction:  # some errors end it by themselves
        connection.execute("ROLLBACK")


class Readers:
    """Read-only connections: as many as threads read at once, of which `IDLE` are kept for those that come."""

    def __init__(self, database: Path) -> None:
        self._database = database
        self._own = threading.local()
        self._lock = threading.Lock()
        self._idle: list[sqlite3.Connection] = []
        self._closed = False

    @contextmanager
    def snapshot(self) -> Iterator[sqlite3.Connection]:
        """A connection of this thread's alone inside a read transaction: every query sees the same commit."""
        with store_errors(self._database):
            outer: sqlite3.Connection | None = getattr(self._own, "connection", None)
            if outer is not None:  # a read within a read keeps the outer one's snapshot
                yield outer
                return
            connection = self._own.connection = self._take()
            try:
                connection.execute("BEGIN")
                yield connection
            finally:
                self._own.connection = None
                self._give_back(connection)

    def _take(self) -> sqlite3.Connection:
        with self._lock:
            if self._closed:
                raise StoreError(f"{self._database}: the store is closed")
            if self._idle:
                return self._idle.pop()
        return open_reader(self._database)

    def _give_back(self, connection: sqlite3.Connection) -> None:
        """Keep a connection for the next read, unless there are enough or it is of no more use."""
        try:
            _end(connection)
            with self._lock:
                if not self._closed and len(self._idle) < IDLE:
                    self._idle.append(connection)
                    return
        except sqlite3.Error:
            connection.close()
            raise
        connection.close()

    def close(self) -> None:
        """Close all connections; one that is being read from is closed when that read ends."""
        with self._lock:
            self._closed = True
            while self._idle:
                self._idle.pop().close()
