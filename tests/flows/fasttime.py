"""Run a `rasid` command whose world goes faster than ours: schedules, waits of alerts, retries, silences, retention.

    python -m tests.flows.fasttime CLOCK --config monitor.yaml run

`CLOCK` is a file that `Clock.make` wrote; every process that opens it reads the same moment. What measures the
machine stays as it is: timeouts of the network, leases, the watch over threads, the distance of two requests to a
host. The product knows nothing of it; its clock is replaced here before anything else of it is imported.
"""

from __future__ import annotations

import faulthandler
import mmap
import os
import signal
import struct
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

_CELL = struct.Struct("d")
_BEGUN, _MOMENT, _SPEED, _FREE, _HELD = range(5)


class Clock:
    """The wall clock of a faster world, shared through a file; and what is free on its disk."""

    def __init__(self, path: Path) -> None:
        with path.open("r+b") as file:
            self._cells = mmap.mmap(file.fileno(), 5 * _CELL.size)

    @classmethod
    def make(cls, path: Path, begin: datetime, speed: float) -> Clock:
        """Write the file; the world begins now, with that moment."""
        cells = (time.monotonic(), begin.timestamp(), speed, 0.0, 0.0)
        path.write_bytes(b"".join(_CELL.pack(cell) for cell in cells))
        return cls(path)

    def _cell(self, number: int) -> float:
        (value,) = _CELL.unpack_from(self._cells, number * _CELL.size)
        return float(value)

    @property
    def speed(self) -> float:
        """Seconds of the world in one of ours."""
        return self._cell(_SPEED)

    def now(self) -> datetime:
        """The world's moment, truncated to the millisecond as the product's is."""
        passed = ((self._cell(_HELD) or time.monotonic()) - self._cell(_BEGUN)) * self.speed
        moment = datetime.fromtimestamp(self._cell(_MOMENT) + passed, UTC)
        return moment.replace(microsecond=moment.microsecond // 1000 * 1000)

    @property
    def offset(self) -> float:
        """What only a jump changes: the moment at which the world began, as it must have been by now."""
        return self._cell(_MOMENT)

    def jump(self, span: timedelta) -> None:
        """Put the clock forward or back."""
        self._set(_MOMENT, self._cell(_MOMENT) + span.total_seconds())

    @contextmanager
    def held(self) -> Iterator[None]:
        """Let no time pass in the world meanwhile."""
        self._set(_HELD, time.monotonic())
        try:
            yield
        finally:
            self._set(_BEGUN, self._cell(_BEGUN) + time.monotonic() - self._cell(_HELD))
            self._set(_HELD, 0.0)

    def _set(self, number: int, value: float) -> None:
        _CELL.pack_into(self._cells, number * _CELL.size, value)

    @property
    def free(self) -> int:
        """Bytes said to be free on the disk; 0: whatever is."""
        return int(self._cell(_FREE))

    @free.setter
    def free(self, size: int) -> None:
        self._set(_FREE, float(size))


def hasten(clock: Clock) -> None:
    """Give the product this clock. Nothing of it that takes the time may have been imported."""
    from monitor import timing

    assert not {"monitor.store", "monitor.daemon", "monitor.http"} & sys.modules.keys(), "too late"
    speed = clock.speed
    _replace((timing, "now", clock.now))

    from apscheduler.schedulers import base

    from monitor import deliver
    from monitor.daemon import keeper, logs, polling, service, space
    from monitor.store import outbox

    class Fast(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> Fast:
            return cls.fromtimestamp(clock.now().timestamp(), tz)

    process = base.BaseScheduler._process_jobs

    def process_jobs(scheduler: Any) -> float | None:
        wait_s = process(scheduler)
        return None if wait_s is None else wait_s / speed

    def statvfs(path: Path) -> Any:
        return SimpleNamespace(f_bavail=clock.free, f_frsize=1) if clock.free else os.statvfs(path)

    _replace(
        # rounds of the world's time
        (base, "datetime", Fast),
        (base.BaseScheduler, "_process_jobs", process_jobs),
        (service, "SWEEP_S", max(1.0, service.SWEEP_S / speed)),
        (keeper, "EVERY_S", max(1.0, keeper.EVERY_S / speed)),
        (logs, "QUIET_S", logs.QUIET_S / speed),
        # measures of the machine, told by the world's clock
        (service.Service, "_clocks_apart", lambda _: clock.offset),
        (polling, "OVERSLEPT", polling.OVERSLEPT * speed),
        (polling, "LATE", polling.LATE * speed),
        (outbox, "LEASE", outbox.LEASE * speed),
        (deliver, "STALE", deliver.STALE * speed),
        (space, "os", SimpleNamespace(statvfs=statvfs)),
    )
    defaults = keeper.Keeper.__init__.__kwdefaults__
    assert defaults is not None
    defaults["first_s"] = max(2.0, keeper.FIRST_S / speed)


def _replace(*places: tuple[Any, str, Any]) -> None:
    for owner, name, value in places:
        getattr(owner, name)  # it must be there
        setattr(owner, name, value)


if __name__ == "__main__":
    faulthandler.register(signal.SIGUSR2)  # who waits for it in vain asks where every thread stands
    hasten(Clock(Path(sys.argv[1])))
    from monitor.cli import main

    main(sys.argv[2:], prog_name="rasid")
