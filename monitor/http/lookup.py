"""Name lookups with a deadline: a lookup knows no timeout, so it runs on a thread that may be left behind.

The threads are kept for the next lookup, since starting one costs more than a lookup from a cache. A literal address
is no lookup and needs no thread.
"""

from __future__ import annotations

import queue
import socket
import threading
from collections.abc import Callable, Iterable
from ipaddress import IPv4Address
from typing import Any, TypeAlias

from monitor.errors import HttpError
from monitor.http import guard
from monitor.http.deadline import Deadline

SocketAddress: TypeAlias = tuple[Any, ...]
Resolved: TypeAlias = list[tuple[Any, Any, int, str, SocketAddress]]
Resolver: TypeAlias = Callable[..., Iterable[tuple[Any, Any, int, str, SocketAddress]]]  # socket.getaddrinfo
Answer: TypeAlias = "queue.SimpleQueue[Resolved | Exception]"

MOST_THREADS = 64
"""Lookups at a time; more wait, and fail at their deadline when all of these hang."""


def resolve(resolver: Resolver, host: str, port: int, deadline: Deadline) -> Resolved:
    """Every address of `host`, in the resolver's order; an IPv4 address is its own. Raises HttpError."""
    address = _literal(host)
    found: Resolved | Exception
    if isinstance(address, IPv4Address):
        found = [(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (host, port))]
    elif address is not None:  # its zone has a number
        found = _ask(resolver, host, port)
    else:
        answer: Answer = queue.SimpleQueue()
        _THREADS.run(lambda: answer.put(_ask(resolver, host, port)))
        try:
            found = answer.get(timeout=deadline.remaining())
        except queue.Empty:
            raise HttpError("deadline", "the name was not resolved before the deadline") from None
    if isinstance(found, Exception):
        raise HttpError("network", f"the name {host!r} cannot be resolved") from found
    return found


def _literal(host: str) -> guard.Address | None:
    """The address that a host is, in its usual form."""
    try:
        return guard.parse(host)
    except ValueError:
        return None


def _ask(resolver: Resolver, host: str, port: int) -> Resolved | Exception:
    try:
        return list(resolver(host, port, type=socket.SOCK_STREAM))
    except (OSError, ValueError) as error:  # ValueError: UnicodeError of impossible names, NUL
        return error


class _Threads:
    """Daemon threads that run one job after the other; another begins when all are busy, up to a bound.

    Not an executor: the end of the process would wait for its threads, and one of them may hang in a lookup.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._jobs: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._begun = 0
        self._busy = 0  # running or waiting jobs

    def run(self, job: Callable[[], None]) -> None:
        with self._lock:
            self._busy += 1
            if self._busy > self._begun < self._most:
                self._begun += 1
                threading.Thread(target=self._work, name=f"http-lookup-{self._begun}", daemon=True).start()
        self._jobs.put(job)

    def _work(self) -> None:
        while True:
            self._jobs.get()()
            with self._lock:
                self._busy -= 1


_THREADS = _Threads(MOST_THREADS)
