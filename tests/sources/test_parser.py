"""The keeper of the parser processes: what hostile documents do to a worker stays with the worker."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from datetime import timedelta
from pathlib import Path

import pytest

from monitor.errors import SourceError
from monitor.sources.parser import Parser

GOOD = b"<rss version='2.0'><channel><item><title>ok</title></item></channel></rss>"
SLOW = b"<rss version='2.0'><channel>" + b"<item><title>x</title></item>" * 60_000 + b"</channel></rss>"


def workers() -> list[int]:
    """The processes that this one has started and not reaped."""
    pids = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == os.getpid():
            pids.append(int(stat.parent.name))
    return pids


def test_document_is_parsed_in_another_process() -> None:
    with Parser(workers=1) as parser:
        before = set(workers())
        assert [item.title for item in parser.feed(GOOD).items] == ["ok"]
        assert parser.feed(GOOD).items == parser.feed(GOOD).items
        assert len(set(workers()) - before) == 1

    assert set(workers()) <= before


def test_worker_imports_parsers_only() -> None:
    script = (
        "import sys, monitor.sources.parsing.worker\n"
        "print(*sorted(m for m in ('pydantic', 'requests', 'urllib3.connection', 'yaml', 'sqlite3', 'click',"
        " 'monitor.http', 'monitor.rules', 'monitor.store') if m in sys.modules))"
    )
    found = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.split()

    assert [name for name in found if name.startswith(("monitor", "pydantic", "yaml", "sqlite3", "click"))] == []


def test_slow_document_is_given_up_and_the_next_one_read() -> None:
    with Parser(workers=1, deadline=timedelta(seconds=0.3)) as parser:
        assert len(parser.feed(GOOD).items) == 1
        started = time.monotonic()
        with pytest.raises(SourceError, match=r"parsing took longer than 0\.3 s"):
            parser.feed(SLOW)
        assert time.monotonic() - started < 2
        assert len(parser.feed(GOOD).items) == 1


def test_dead_worker_is_replaced() -> None:
    with Parser(workers=1) as parser:
        before = set(workers())
        parser.feed(GOOD)
        (worker,) = set(workers()) - before
        os.kill(worker, signal.SIGKILL)
        deadline = time.monotonic() + 5
        while (
            time.monotonic() < deadline
            and Path(f"/proc/{worker}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
        ):
            pass
        assert len(parser.feed(GOOD).items) == 1


def test_worker_killed_by_its_document_is_told() -> None:
    with Parser(workers=1) as parser:
        before = set(workers())
        parser.feed(GOOD)
        (worker,) = set(workers()) - before
        threading.Timer(0.2, os.kill, (worker, signal.SIGSEGV)).start()
        with pytest.raises(SourceError, match=r"the parser died on this document \(SIGSEGV\)"):
            parser.feed(SLOW)
        assert len(parser.feed(GOOD).items) == 1


def test_document_that_needs_too_much_memory_is_refused() -> None:
    with Parser(workers=1, memory=250_000_000) as parser:
        with pytest.raises(SourceError, match=r"ran out of memory|the parser died"):
            parser.feed(
                b"<rss version='2.0'><channel><item><title>"
                + b"x&amp;" * 15_000_000
                + b"</title></item></channel></rss>"
            )
        assert len(parser.feed(GOOD).items) == 1


def test_many_threads_share_few_workers() -> None:
    with Parser(workers=2) as parser:
        before = set(workers())
        titles: list[str] = []

        def work(number: int) -> None:
            body = GOOD.replace(b"ok", str(number).encode())
            titles.append(f"{number}={parser.feed(body).items[0].title}")

        threads = [threading.Thread(target=work, args=(number,)) for number in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(titles) == sorted(f"{n}={n}" for n in range(20))
        assert len(set(workers()) - before) <= 2


def test_worker_sees_no_secret_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CANARY_SECRET", "canary")
    with Parser(workers=1) as parser:
        before = set(workers())
        parser.feed(GOOD)
        (worker,) = set(workers()) - before
        assert b"canary" not in Path(f"/proc/{worker}/environ").read_bytes()
