"""Copies of the database: made while it is in use, verified, and put back.

A copy is written under another name, checked, made durable and renamed, so that a file with the name of a copy is
always whole. What is put back replaces a database that nobody holds, and the replaced one stays beside it.
"""

from __future__ import annotations

import contextlib
import errno
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from monitor.errors import StoreError, StoreFull
from monitor.store import schema
from monitor.store.connection import open_reader, store_errors
from monitor.store.lock import Lock
from monitor.timing import from_epoch

_BESIDE = ("-wal", "-shm", "-journal")


class Contents(NamedTuple):
    """What a database holds, as far as one wants to know before it is put in place of another."""

    articles: int
    matches: int
    newest: datetime | None  # when its last article, alert or delivery was written
    waiting: int  # deliveries that are not finished


def copy(database: Path, target: Path) -> Contents:
    """Copy a database that may be in use to a new file, verified. Raises StoreError; then there is no such file."""
    if target.exists():
        raise StoreError(f"{target}: there is such a file already")
    partial = target.with_name(f".{target.name}.partial")
    try:
        with contextlib.suppress(FileNotFoundError):
            partial.unlink()
        os.close(os.open(partial, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        with store_errors(target):
            _copy_pages(database, partial)
        found = verify(partial)
        with partial.open("rb") as file:
            os.fsync(file.fileno())
        partial.rename(target)
        _fsync_folder(target.parent)
    except OSError as error:
        kind = StoreFull if error.errno in (errno.ENOSPC, errno.EDQUOT) else StoreError
        raise kind(f"{target}: cannot be written: {error.strerror}") from error
    finally:
        for path in (partial, *(partial.with_name(partial.name + end) for end in _BESIDE)):
            path.unlink(missing_ok=True)
    return found


def _copy_pages(database: Path, partial: Path) -> None:
    with closing(open_reader(database)) as source, closing(sqlite3.connect(partial)) as out:
        source.backup(out)  # in one step, which sees one commit: several would begin anew with each write meanwhile
        out.execute("PRAGMA journal_mode = DELETE")  # one file, to be moved and opened anywhere
        out.execute("PRAGMA synchronous = FULL")


def verify(file: Path) -> Contents:
    """Check that a file is a whole database of Rasid's, and say what it holds. Raises StoreError."""
    if not file.is_file():
        raise StoreError(f"{file}: there is no such file")
    with store_errors(file), closing(sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True)) as db:
        db.row_factory = sqlite3.Row
        try:
            if not schema.check(db, empty_is_fine=True):
                raise StoreError("this file is empty")
            faults = [row[0] for row in db.execute("PRAGMA integrity_check(5)") if row[0] != "ok"]
            faults += [f"a row of {row[0]} refers to nothing" for row in db.execute("PRAGMA foreign_key_check")][:5]
            if faults:
                raise StoreError(f"the database is damaged: {'; '.join(faults)}")
            return _contents(db)
        except StoreError as error:
            raise StoreError(f"{file}: {error}") from error


def _contents(db: sqlite3.Connection) -> Contents:
    articles, matches, newest, waiting = db.execute(
        "SELECT (SELECT count(*) FROM article), (SELECT count(*) FROM match), max("
        " coalesce((SELECT max(changed) FROM article), 0), coalesce((SELECT max(created) FROM alert), 0),"
        " coalesce((SELECT max(settled) FROM delivery), 0)),"
        " (SELECT count(*) FROM delivery WHERE state NOT IN ('sent', 'dead'))"
    ).fetchone()
    return Contents(articles, matches, from_epoch(newest) if newest else None, waiting)


def put_back(file: Path, database: Path, now: datetime) -> tuple[Contents, Path | None]:
    """Put a verified copy in the place of a database that nobody holds. Returns what it holds, and where the replaced
    one is now, if there was one. Raises StoreLocked while somebody holds it, StoreError; then all is as before.
    """
    if file.resolve() == database.resolve():
        raise StoreError(f"{file}: this is the database itself")
    found = verify(file)
    database.parent.mkdir(parents=True, exist_ok=True)
    lock = Lock(database)
    try:
        fresh = database.with_name(f".{database.name}.restored")
        fresh.unlink(missing_ok=True)
        try:
            copy(file, fresh)
            aside = _set_aside(database, now)
            fresh.replace(database)
            _fsync_folder(database.parent)
        except OSError as error:
            raise StoreError(f"{database}: cannot be replaced: {error.strerror}") from error
        finally:
            fresh.unlink(missing_ok=True)
    finally:
        lock.release()
    return found, aside


def _set_aside(database: Path, now: datetime) -> Path | None:
    """Give a database and what belongs to it another name; None when there is none."""
    if not database.exists():
        for end in _BESIDE:
            database.with_name(database.name + end).unlink(missing_ok=True)
        return None
    aside = database.with_name(f"{database.name}.replaced-{now:%Y%m%dT%H%M%SZ}")
    if aside.exists():
        raise StoreError(f"{aside}: there is such a file already")
    os.link(database, aside)  # the name itself is only ever replaced, so that no start finds nothing and begins anew
    for end in _BESIDE:
        with contextlib.suppress(FileNotFoundError):
            database.with_name(database.name + end).rename(aside.with_name(aside.name + end))
    return aside


def _fsync_folder(folder: Path) -> None:
    number = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


def copies_in(folder: Path, name: str) -> Iterator[Path]:
    """The copies of a database in a folder, the newest first: NAME-20261127T013000Z.db."""
    yield from sorted(folder.glob(f"{name}-[0-9]*T[0-9]*Z.db"), reverse=True)
