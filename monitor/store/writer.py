"""The writer thread: owns the only writing connection and runs one job at a time, each as a whole or not at all.

A job is a function of the connection. Its caller waits for the commit, so that what returns is on the disk. Jobs that
wait at the same moment share one commit, since the disk is the slow part; when one of them fails, each is run alone.
"""

from __future__ import annotations

import queue
import sqlite3
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from monitor.errors import StoreError
from monitor.store.connection import open_writer, store_errors, transaction

MOST_TOGETHER = 64
"""Jobs that share one commit."""

T = TypeVar("T")
Job = Callable[[sqlite3.Connection], Any]


class Writer:
    """The thread that writes. The caller of the constructor holds the database's lock."""

    def __init__(self, database: Path, prepare: Job) -> None:
        """Open the connection and run `prepare` (migrations) on the thread. Raises StoreError."""
        self._database = database
        self._jobs: queue.SimpleQueue[tuple[Job, Future[Any]] | None] = queue.SimpleQueue()
        self._closing = threading.Lock()
        self._closed = False
        self._connection: sqlite3.Connection | None = None
        ready: Future[None] = Future()
        self._thread = threading.Thread(target=self._run, args=(prepare, ready), name="store-writer", daemon=True)
        self._thread.start()
        try:
            with store_errors(database):
                ready.result()
        except BaseException:
            self._closed = True
            self._thread.join()
            raise

    def run(self, job: Callable[[sqlite3.Connection], T]) -> T:
        """Run `job` in one transaction on the writer thread and return its result once it is committed.

        Raises StoreError; then nothing of the job was kept. A job must not call this again.
        """
        if threading.current_thread() is self._thread:
            raise StoreError("a write may not wait for another write")
        return self.wait(self.submit(job))

    def submit(self, job: Callable[[sqlite3.Connection], T]) -> Future[T]:
        """Have `job` run after all that was asked for before; `wait` gives its result. Raises StoreError."""
        future: Future[T] = Future()
        self._put(job, future)
        return future

    def wait(self, future: Future[T]) -> T:
        """The result of a job, once it is committed. Raises StoreError; then nothing of the job was kept."""
        with store_errors(self._database):
            return future.result()

    def _put(self, job: Job, future: Future[Any]) -> None:
        with self._closing:
            if self._closed:
                raise StoreError(f"{self._database}: the store is closed")
            self._jobs.put((job, future))

    @property
    def is_alive(self) -> bool:
        """Whether the thread runs."""
        return self._thread.is_alive()

    def ping(self, done: Callable[[], None]) -> None:
        """Have `done` called on the thread when it comes round; does not wait. Writes nothing."""
        future: Future[None] = Future()
        future.add_done_callback(lambda _: done())
        self._put(lambda connection: None, future)

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """BEGIN IMMEDIATE, yield the connection, COMMIT or ROLLBACK. Only for the writer thread itself."""
        if threading.current_thread() is not self._thread or self._connection is None:
            raise StoreError("store.transaction() belongs to the writer thread")
        with transaction(self._connection):
            yield self._connection

    def close(self) -> None:
        """Finish what is queued, then close. May be called twice."""
        with self._closing:
            if self._closed:
                return
            self._closed = True
            self._jobs.put(None)
        self._thread.join()

    def _run(self, prepare: Job, ready: Future[None]) -> None:
        try:
            self._connection = open_writer(self._database)
            prepare(self._connection)
        except BaseException as error:  # the thread's boundary: the opener raises it
            if self._connection is not None:
                self._connection.close()
            ready.set_exception(error)
            return
        ready.set_result(None)
        try:
            self._work()
        finally:
            self._end()
        self._connection.close()

    def _end(self) -> None:
        """Nobody may wait for a thread that has ended, whatever ended it."""
        with self._closing:
            self._closed = True
        while not self._jobs.empty():
            item = self._jobs.get()
            if item is not None:
                item[1].set_exception(StoreError(f"{self._database}: the writer has ended"))

    def _work(self) -> None:
        while (item := self._jobs.get()) is not None:
            waiting = [item]
            is_last = False
            while len(waiting) < MOST_TOGETHER and not self._jobs.empty():
                more = self._jobs.get()
                if more is None:
                    is_last = True
                    break
                waiting.append(more)
            if len(waiting) == 1 or not self._together(waiting):
                for job, future in waiting:
                    self._alone(job, future)
            if is_last:
                return

    def _alone(self, job: Job, future: Future[Any]) -> None:
        """Run a job in a transaction of its own."""
        try:
            with self.transaction() as connection:
                result = job(connection)
        except BaseException as error:  # the thread's boundary: the caller raises it
            future.set_exception(error)
        else:
            future.set_result(result)

    def _together(self, waiting: list[tuple[Job, Future[Any]]]) -> bool:
        """Run jobs in one transaction. False, and nothing kept, when one of them fails: then each is run alone."""
        try:
            with self.transaction() as connection:
                results = [job(connection) for job, _ in waiting]
        except BaseException:  # whose fault it is shows when each is alone
            return False
        for (_, future), result in zip(waiting, results, strict=True):
            future.set_result(result)
        return True
