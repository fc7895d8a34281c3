"""Tell the service manager how we stand: sd_notify over `NOTIFY_SOCKET`, and when a watchdog ping is owed.

The protocol of sd_notify(3): one datagram of VARIABLE=value lines, to a path or an abstract socket. Without a manager
every call does nothing. Never raises: a manager that is gone harms no one.
"""

from __future__ import annotations

import contextlib
import os
import socket
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta

from monitor import timing


class Notifier:
    """Sends notices to the service manager named in the environment, if there is one."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        address = environment.get("NOTIFY_SOCKET", "")
        self._address = "\0" + address[1:] if address.startswith("@") else address
        self.watchdog = _watchdog(environment)

    def ready(self, status: str) -> None:
        """Serving."""
        self._send("READY=1", f"STATUS={status}")

    def reloading(self) -> None:
        """Rereading the configuration; `ready` ends it. The manager orders notices by the monotonic time."""
        self._send("RELOADING=1", f"MONOTONIC_USEC={time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000}")

    def stopping(self) -> None:
        """On the way out."""
        self._send("STOPPING=1", "STATUS=stopping")

    def alive(self) -> None:
        """Every loop has beaten."""
        self._send("WATCHDOG=1")

    def status(self, text: str) -> None:
        """One line for `systemctl status`."""
        self._send(f"STATUS={text}")

    def _send(self, *lines: str) -> None:
        if not self._address:
            return
        text = "\n".join(line.replace("\n", " ") for line in lines)
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as out:
            out.settimeout(1)
            out.sendto(text.encode("utf-8", "replace"), self._address)


def _watchdog(environment: Mapping[str, str]) -> timedelta | None:
    """How often the manager wants a ping at the least; None when it wants none from this process."""
    if environment.get("WATCHDOG_PID", str(os.getpid())) != str(os.getpid()):
        return None
    try:
        microseconds = int(environment.get("WATCHDOG_USEC", "0"))
    except ValueError:
        return None
    return timedelta(microseconds=microseconds) if microseconds > 0 else None


class Beats:
    """Which of some loops have beaten since somebody last asked, and how long ago each did."""

    def __init__(self, names: Iterable[str], clock: Callable[[], float] = timing.monotonic) -> None:
        self._names = tuple(names)
        self._clock = clock
        self._beaten: set[str] = set()
        self._last = dict.fromkeys(self._names, clock())
        self._lock = threading.Lock()

    def beat(self, name: str) -> None:
        """A loop has gone round once more."""
        with self._lock:
            self._beaten.add(name)
            self._last[name] = self._clock()

    def idle(self) -> Mapping[str, float]:
        """Seconds since each loop came round last."""
        with self._lock:
            now = self._clock()
            return {name: now - at for name, at in self._last.items()}

    @property
    def missing(self) -> tuple[str, ...]:
        """Loops that have not beaten since the last `take` that was true."""
        with self._lock:
            return tuple(name for name in self._names if name not in self._beaten)

    def take(self) -> bool:
        """Whether all have beaten; if so, begin anew."""
        with self._lock:
            if not self._beaten.issuperset(self._names):
                return False
            self._beaten.clear()
            return True
