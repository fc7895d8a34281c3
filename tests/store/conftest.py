"""A database file of its own for each test, open for writing, and a second connection that looks at it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from monitor.store import Store
from tests.store.samples import NOW

Look = Callable[..., list[tuple[Any, ...]]]


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """Where the database is, or is to be."""
    return tmp_path / "rasid.db"


@pytest.fixture
def store(database: Path) -> Iterator[Store]:
    """A store open for writing."""
    with Store.open(database, write=True, instance="this", now=NOW) as opened:
        yield opened


@pytest.fixture
def look(database: Path) -> Iterator[Look]:
    """Query the file over a second connection, which sees only what is committed."""
    connections: list[sqlite3.Connection] = []

    def query(sql: str, *values: Any) -> list[tuple[Any, ...]]:
        if not connections:
            connections.append(sqlite3.connect(database))
        return connections[0].execute(sql, values).fetchall()

    yield query
    for connection in connections:
        connection.close()
