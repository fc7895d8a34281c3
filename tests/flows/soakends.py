"""The other ends of a soak: who receives, what was taken there, and how the daemon looks from outside."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller

from tests.flows.receiver import Receiver
from tests.flows.soakbooks import GONE
from tests.processes import cpu_s, memory


class Answers:
    """What an HTTP receiver answers; remembers which requests it took."""

    def __init__(self) -> None:
        self.status = 200
        self.given: list[int] = []

    def __call__(self, number: int) -> int:
        self.given.append(self.status)
        return self.status


class Letters:
    """An SMTP server that knows one recipient, and now and then takes nothing."""

    def __init__(self) -> None:
        self.is_down = False
        self.taken: list[bytes] = []

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        if self.is_down:
            return "451 come back later"
        if address == GONE:
            return "550 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 fine"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.taken.append(envelope.content)
        return "250 taken"


@dataclass(frozen=True, slots=True)
class Sample:
    """At one moment: bytes, files, threads, seconds of the processor and real ones; `life` counts its starts."""

    at: datetime
    life: int
    rss: int
    files: int
    threads: int
    cpu_s: float
    real_s: float
    wal: int
    database: int

    def __str__(self) -> str:
        mb = 1e6
        return (
            f"{self.at:%d %Hh}, life {self.life}: RSS {self.rss / mb:.0f} MB, {self.files} files,"
            f" {self.threads} threads, CPU {self.cpu_s:.0f} s,"
            f" WAL {self.wal / mb:.1f} MB, database {self.database / mb:.0f} MB"
        )


def sample(at: datetime, life: int, pid: int, database: Path) -> Sample:
    """Look at a process and at its database. Raises OSError when it has ended."""
    status = Path(f"/proc/{pid}/status").read_text()
    wal = database.with_name(f"{database.name}-wal")
    return Sample(
        at=at,
        life=life,
        rss=memory(pid)[1],
        files=len(list(Path(f"/proc/{pid}/fd").iterdir())),
        threads=int(status.partition("Threads:")[2].split()[0]),
        cpu_s=cpu_s(pid),
        real_s=time.monotonic(),
        wal=wal.stat().st_size if wal.exists() else 0,
        database=database.stat().st_size,
    )


@contextmanager
def smtp(handler: Letters) -> Iterator[int]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield port
    finally:
        controller.stop()


def taken(
    receiver: Receiver, answers: Answers, id_of: Callable[[dict[str, Any], dict[str, str]], str]
) -> tuple[list[dict[str, Any]], list[str]]:
    """The bodies that were answered 200, and their ids."""
    every = zip(receiver.bodies, receiver.headers, answers.given, strict=False)
    good = [(body, id_of(body, headers)) for body, headers, status in every if status == 200]
    return [body for body, _ in good], [id for _, id in good]


def lines(path: Path) -> tuple[list[dict[str, Any]], list[str]]:
    """The lines of a file channel that a crash has not cut short."""
    bodies = []
    for line in path.read_text(encoding="utf-8").splitlines():
        with suppress(ValueError):
            bodies.append(json.loads(line))
    return bodies, [str(body["id"]) for body in bodies]
