"""How fast the outbox empties: deliveries a second to a local webhook over many channels, beside the bare loop.

    python -m tests.bench.alerts --deliveries 20000 --channels 20
    python -m tests.bench.alerts --memory 1000000

The receiver is a process of its own. The bare loops post the same bodies over as many threads with nothing stored:
once over a connection for each, once over kept ones. `--memory` sends so many messages that hold little more than
ids, and tells the memory of the process after every tenth of them.
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import resource
import sqlite3
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from ipaddress import ip_network
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from monitor import channels, timing
from monitor.alerting.message import encode
from monitor.channels import Channel, Tools
from monitor.deliver import deliver_due
from monitor.http.keeping import Line
from monitor.http.session import Session
from monitor.model import Alert, ChannelSpec, Delivery, DeliveryState, Severity
from monitor.store import Store
from monitor.timing import to_epoch
from tests.channels.samples import ENGLISH

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
ROUND = 5_000
"""Deliveries that wait at a time when memory is measured."""

LOOPBACK = ip_network("127.0.0.0/8")


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while head := await reader.readuntil(b"\r\n\r\n"):
            length = next(
                int(line.partition(b":")[2])
                for line in head.split(b"\r\n")
                if line[:15].lower() == b"content-length:"
            )
            await reader.readexactly(length)
            writer.write(ANSWER)
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    writer.close()


def _serve(pipe: Connection) -> None:
    async def forever() -> None:
        server = await asyncio.start_server(_answer, "127.0.0.1", 0)
        pipe.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(forever())


def _fill(store: Store, names: Sequence[str], deliveries: int, now: datetime) -> None:
    """As many alerts, each with one delivery, over the channels in turn."""
    for number in range(deliveries):
        channel = names[number % len(names)]
        alert = Alert(
            id=f"n{number:016x}",
            channel=channel,
            code="A7K2",
            rules=("attack",),
            severity=Severity.HIGH,
            group_key=f"story=s{number}",
            sequence=1,
            matches=(),
            stories=(),
            reason="first",
            created=now,
        )
        delivery = Delivery(
            id=f"d{number:020x}",
            alert_id=alert.id,
            channel=channel,
            state=DeliveryState.PENDING,
            due=now,
            created=now,
        )
        store.commit_alert_soon(alert, ENGLISH, (delivery,), (), (), now)()


def _fill_with_ids(store: Store, names: Sequence[str], numbers: range, now: datetime) -> None:
    """The same with next to nothing to say, in one transaction."""
    at = to_epoch(now)
    alerts = [(f"n{n:016x}", names[n % len(names)], f"story=s{n}", at) for n in numbers]
    deliveries = [(f"d{n:020x}", f"n{n:016x}", names[n % len(names)], at, at) for n in numbers]

    def job(db: sqlite3.Connection) -> None:
        db.executemany(
            "INSERT INTO alert (id, channel, group_key, sequence, code, severity, rules, stories, reason, created,"
            " content) VALUES (?, ?, ?, 1, 'A7K2', 3, '[]', '[]', 'first', ?, '{\"severity\":\"high\"}')",
            alerts,
        )
        db.executemany(
            "INSERT INTO delivery (id, alert, channel, recipient, state, attempts, due, created)"
            " VALUES (?, ?, ?, '', 'pending', 0, ?, ?)",
            deliveries,
        )

    store._writing.run(job)


def _memory_flat(names: Sequence[str], port: int, deliveries: int) -> int:
    """Send many small messages in rounds; print what the process occupies after each tenth."""
    tenth = max(1, deliveries // 10)
    sent = 0
    with (
        tempfile.TemporaryDirectory() as folder,
        Store.open(Path(folder) / "rasid.db", write=True, now=timing.now()) as store,
    ):
        built = _build(names, port)
        for first in range(0, deliveries, ROUND):
            _fill_with_ids(store, names, range(first, min(first + ROUND, deliveries)), timing.now())
            started = time.perf_counter()
            report = deliver_due(store, built, timing.now())
            sent += report.sent
            if sent // tenth > (sent - report.sent) // tenth:
                rate = report.sent / (time.perf_counter() - started)
                print(f"{sent:>9} sent, {_occupied_mb():.1f} MB, {rate:.0f} a second", flush=True)
    return 0 if sent == deliveries else 1


def _build(names: Sequence[str], port: int) -> Mapping[str, Channel]:
    session = Session(user_agent="rasid/0", private_networks=[LOOPBACK])
    return {
        name: channels.build(
            ChannelSpec(name=name, kind="webhook", options={"url": f"http://127.0.0.1:{port}/{name}"}),
            Tools(session=session),
        )
        for name in names
    }


def _bare(names: Sequence[str], port: int, deliveries: int, *, keeps: bool) -> float:
    """Posts a second with nothing stored, over a thread for each channel."""
    session = Session(user_agent="rasid/0", private_networks=[LOOPBACK])
    body = encode({"id": "d" + "0" * 20, **ENGLISH})
    each = deliveries // len(names)

    def post(name: str) -> None:
        line = Line() if keeps else None
        for _ in range(each):
            session.post(
                f"http://127.0.0.1:{port}/{name}", body, headers={}, timeout=timedelta(seconds=15), line=line
            )

    started = time.perf_counter()
    with ThreadPoolExecutor(len(names)) as pool:
        list(pool.map(post, names))
    return each * len(names) / (time.perf_counter() - started)


def _memory_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _occupied_mb() -> float:
    """What the process occupies now, by Linux."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 2**20


def _rows(figures: Mapping[str, Any]) -> str:
    return "\n".join(f"{name:<34} {value}" for name, value in figures.items())


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--deliveries", type=int, default=20_000)
    parser.add_argument("--channels", type=int, default=20)
    parser.add_argument("--memory", type=int, default=0, metavar="DELIVERIES")
    wanted = parser.parse_args()
    names = [f"c{number}" for number in range(wanted.channels)]
    ours, theirs = multiprocessing.Pipe()
    receiver = multiprocessing.Process(target=_serve, args=(theirs,), daemon=True)
    receiver.start()
    port = ours.recv()
    if wanted.memory:
        return _memory_flat(names, port, wanted.memory)  # the receiver ends with this process
    now = timing.now()
    with tempfile.TemporaryDirectory() as folder, Store.open(Path(folder) / "rasid.db", write=True, now=now) as store:
        _fill(store, names, wanted.deliveries, now)
        before = _memory_mb()
        cpu, started = time.process_time(), time.perf_counter()
        report = deliver_due(store, _build(names, port), timing.now())
        took, cpu = time.perf_counter() - started, time.process_time() - cpu
        after = _memory_mb()
    bare, kept = (_bare(names, port, min(wanted.deliveries, 10_000), keeps=keeps) for keeps in (False, True))
    receiver.terminate()
    receiver.join()
    rate = report.sent / took
    print(
        _rows(
            {
                "deliveries sent": report.sent,
                "over channels": wanted.channels,
                "deliveries a second": f"{rate:.0f}",
                "CPU a delivery, us": f"{cpu / max(report.sent, 1) * 1e6:.0f}",
                "bare posts a second": f"{bare:.0f}",
                "the same on kept connections": f"{kept:.0f}",
                "ratio to the bare loops": f"{rate / bare:.2f} {rate / kept:.2f}",
                "memory before and after, MB": f"{before:.0f} {after:.0f}",
            }
        )
    )
    return 0 if report.sent == wanted.deliveries else 1


if __name__ == "__main__":
    sys.exit(main())
