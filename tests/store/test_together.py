"""The writer: jobs that wait at the same moment share a commit, and a faulty one harms no other."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest

from monitor.errors import StoreError
from monitor.store.writer import Writer


def insert(number: int, db: sqlite3.Connection) -> int:
    return db.execute("INSERT INTO t VALUES (?)", (number,)).rowcount


def while_held(writer: Writer, pool: ThreadPoolExecutor, numbers: Iterable[int]) -> list[Future[int]]:
    """Insert numbers by jobs that all wait while another one is at work."""
    started, gate = threading.Event(), threading.Event()

    def held(db: sqlite3.Connection) -> bool:
        started.set()
        return gate.wait(10)

    first = pool.submit(writer.run, held)
    assert started.wait(10)
    jobs: list[Callable[[sqlite3.Connection], int]] = [partial(insert, number) for number in numbers]
    futures = [pool.submit(writer.run, job) for job in jobs]
    while writer._jobs.qsize() < len(jobs):
        threading.Event().wait(0.001)
    gate.set()
    assert first.result()
    return futures


def test_jobs_that_wait_together_share_a_commit_and_a_faulty_one_fails_alone(tmp_path: Path) -> None:
    commits: list[str] = []

    def prepare(db: sqlite3.Connection) -> None:
        db.execute("CREATE TABLE t (x INTEGER PRIMARY KEY)")
        db.set_trace_callback(lambda sql: commits.append(sql) if sql == "COMMIT" else None)

    writer = Writer(tmp_path / "a.db", prepare)
    with ThreadPoolExecutor(12) as pool:
        assert [job.result() for job in while_held(writer, pool, range(8))] == [1] * 8
        together = len(commits)
        faulty, *others = while_held(writer, pool, (7, 8, 9))
        with pytest.raises(StoreError, match="UNIQUE"):
            faulty.result()
        assert [job.result() for job in others] == [1, 1]
    writer.close()

    assert together == 2  # the one at work, and all eight
    look = sqlite3.connect(tmp_path / "a.db")
    assert look.execute("SELECT count(*) FROM t").fetchone() == (10,)
    look.close()
