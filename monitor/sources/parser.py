"""Keeper of the worker processes that parse hostile bytes: starts, asks, times out, kills and replaces them.

Workers are spawned, never forked: a fork of the daemon would inherit its address space, locks and descriptors. A
document that kills its worker is told as a SourceError; the next one gets a new worker. A worker that was killed from
outside, as by a system short of memory, says nothing of the document, which is given to another; nor does one that
does not start.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import signal
import subprocess  # runs only this package's own worker
import sys
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

from monitor.errors import ParserError, SourceError
from monitor.sources.parsing.items import Parsed, from_json

MEMORY = 2**30
DEADLINE = timedelta(seconds=10)
START = timedelta(seconds=60)  # a cold disk under load; not counted against the document
GREETING = b"ready\n"  # what a worker says once its imports are done
T = TypeVar("T")
_MODULE = "monitor.sources.parsing.worker"
_LIFE = 2000  # documents until a worker is replaced, in case a library leaks
_FROM_OUTSIDE = frozenset({-signal.SIGKILL, -signal.SIGTERM})  # no document ends its worker so


class Parser:
    """A pool of worker processes, started when first needed. Safe in every thread; close it, or use it in `with`.

    Whatever asks raises ParserError when no worker can be had.
    """

    def __init__(self, *, workers: int = 2, deadline: timedelta = DEADLINE, memory: int = MEMORY) -> None:
        self._deadline = deadline
        self._memory = memory
        self._idle: queue.LifoQueue[_Worker | None] = queue.LifoQueue()
        self._workers = workers
        for _ in range(workers):
            self._idle.put(None)

    def __enter__(self) -> Parser:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def feed(self, body: bytes, content_type: str = "", url: str = "") -> Parsed:
        """The items of a feed. Raises SourceError."""
        return self._ask({"do": "feed", "content_type": content_type, "url": url}, body)

    def page(self, body: bytes, content_type: str = "") -> Parsed:
        """The article of an HTML page, as one item. Raises SourceError."""
        return self._ask({"do": "page", "content_type": content_type}, body)

    def file(self, name: str, body: bytes, max_size: int) -> Parsed:
        """The items of a drop-folder file; `max_size` bounds what it may unpack to. Raises SourceError."""
        return self._ask({"do": "file", "name": name, "max_size": max_size}, body)

    def close(self) -> None:
        """End all workers, waiting for documents under way."""
        for _ in range(self._workers):
            worker = self._idle.get()
            if worker is not None:
                worker.stop()
        for _ in range(self._workers):
            self._idle.put(None)

    def _ask(self, request: dict[str, Any], body: bytes) -> Parsed:
        worker = self._idle.get()
        try:
            if worker is not None and not worker.is_fit:
                worker.stop()
                worker = None
            try:
                worker = worker or _Worker(self._memory)
                answer = worker.ask(request, body, self._deadline)
            except (_Killed, ParserError):
                worker = None
                worker = _Worker(self._memory)
                answer = worker.ask(request, body, self._deadline)
        finally:
            self._idle.put(worker)
        if "error" in answer:
            raise SourceError(answer["error"])
        return from_json(answer["parsed"])


class _Killed(SourceError):
    """The worker was killed by somebody else."""


class _Worker:
    """One process. Used by one thread at a time. Raises ParserError when it does not start."""

    def __init__(self, memory: int) -> None:
        self._asked = 0
        try:
            self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
                [sys.executable, "-m", _MODULE, str(memory)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=_environment(),
                start_new_session=True,  # Ctrl-C at the terminal is the keeper's to handle
            )
            self._within(START, self._await_greeting, "the parser's start", "the parser did not start")
        except OSError as error:
            raise ParserError(f"the parser did not start ({error.strerror or error})") from error
        except SourceError as error:
            raise ParserError(error.reason) from error

    @property
    def is_fit(self) -> bool:
        """Whether it can take another document."""
        return self._process.poll() is None and self._asked < _LIFE

    def ask(self, request: dict[str, Any], body: bytes, deadline: timedelta) -> dict[str, Any]:
        """The worker's answer. Raises SourceError when there is none in time; the process is dead then."""
        self._asked += 1
        question = json.dumps(request | {"size": len(body)}).encode()
        return self._within(
            deadline, lambda: self._exchange(question, body), "parsing", "the parser died on this document"
        )

    def _within(self, span: timedelta, step: Callable[[], T], what: str, failure: str) -> T:
        """Do a step of talking to the process, which is killed after `span`. Raises SourceError."""
        late = threading.Event()

        def give_up() -> None:
            late.set()
            self._process.kill()

        timer = threading.Timer(span.total_seconds(), give_up)
        timer.daemon = True
        timer.start()
        try:
            return step()
        except (OSError, ValueError) as error:
            self.stop()
            if late.is_set():
                raise SourceError(f"{what} took longer than {span.total_seconds():g} s") from error
            code = self._process.returncode
            raise (_Killed if code in _FROM_OUTSIDE else SourceError)(f"{failure} ({_cause(code)})") from error
        finally:
            timer.cancel()
            if late.is_set():
                self.stop()

    def stop(self) -> None:
        """Kill the process and reap it."""
        self._process.kill()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
        self._process.wait()

    def _await_greeting(self) -> None:
        if self._process.stdout is None or self._process.stdout.readline() != GREETING:
            raise ValueError("no greeting")

    def _exchange(self, request: bytes, body: bytes) -> dict[str, Any]:
        """Raises OSError or ValueError when the process is gone."""
        pipe, answers = self._process.stdin, self._process.stdout
        if pipe is None or answers is None:
            raise ValueError("no pipes")
        pipe.write(request + b"\n")
        pipe.write(body)
        pipe.flush()
        size = int(answers.readline())
        answer = answers.read(size)
        if len(answer) < size:
            raise ValueError("the answer breaks off")
        result: dict[str, Any] = json.loads(answer)
        return result


def _environment() -> dict[str, str]:
    """What a worker needs to find this package, and none of the secrets that the environment may hold."""
    kept = {name: value for name in ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR") if (value := os.environ.get(name))}
    paths = [str(Path(__file__).resolve().parents[2]), *(path for path in sys.path if path)]
    return kept | {"PYTHONPATH": os.pathsep.join(paths), "PYTHONUTF8": "1"}


def _cause(returncode: int | None) -> str:
    if returncode is not None and returncode < 0:
        with contextlib.suppress(ValueError):
            return signal.Signals(-returncode).name
    return f"exit {returncode}"
