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

from monitor.errors import ParserError, SourceError
from monitor.sources.parser import Parser
from tests.processes import children, stat

GOOD = b"<rss version='2.0'><channel><item><title>ok</title></item></channel></rss>"


def workers() -> set[int]:
    return set(children(os.getpid()))


def worker_of(parser: Parser) -> int:
    """The process that has read a document for this parser."""
    before = workers()
    assert [item.title for item in parser.feed(GOOD).items] == ["ok"]
    (worker,) = workers() - before
    return worker


def strike(worker: int) -> None:
    os.kill(worker, signal.SIGSEGV)
    os.kill(worker, signal.SIGCONT)


def test_document_is_parsed_in_another_process() -> None:
    with Parser(workers=1) as parser:
        before = workers()
        assert [item.title for item in parser.feed(GOOD).items] == ["ok"]
        assert parser.feed(GOOD).items == parser.feed(GOOD).items
        assert len(workers() - before) == 1

    assert workers() <= before


def test_worker_imports_parsers_only() -> None:
    script = (
        "import sys, monitor.sources.parsing.worker\n"
        "print(*sorted(m for m in ('pydantic', 'requests', 'urllib3.connection', 'yaml', 'sqlite3', 'click',"
        " 'monitor.http', 'monitor.rules', 'monitor.store') if m in sys.modules))"
    )
    found = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.split()

    assert [name for name in found if name.startswith(("monitor", "pydantic", "yaml", "sqlite3", "click"))] == []


def test_slow_document_is_given_up_and_the_next_one_read() -> None:
    with Parser(workers=1, deadline=timedelta(seconds=5)) as parser:
        os.kill(worker_of(parser), signal.SIGSTOP)  # as slow as can be
        with pytest.raises(SourceError, match=r"parsing took longer than 5 s"):
            parser.feed(GOOD)
        assert len(parser.feed(GOOD).items) == 1


@pytest.mark.parametrize("run", [" ", ".", "[", "\u2026"])
def test_long_run_in_a_summary_does_not_cost_the_feed(run: str) -> None:
    summary = f"A{run * 100_000}Z"
    body = (
        '<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><item><title>ok</title>'
        f"<description>{summary}</description><content:encoded>text</content:encoded></item></channel></rss>"
    )
    with Parser() as parser:
        (item,) = parser.feed(body.encode()).items

    assert item.text == f"{summary}\n\ntext"


def test_dead_worker_is_replaced() -> None:
    with Parser(workers=1) as parser:
        worker = worker_of(parser)
        os.kill(worker, signal.SIGKILL)
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline and stat(worker)[0] != "Z":
            pass
        assert len(parser.feed(GOOD).items) == 1


def test_worker_killed_by_its_document_is_told() -> None:
    with Parser(workers=1) as parser:
        worker = worker_of(parser)
        os.kill(worker, signal.SIGSTOP)  # until it has been asked
        threading.Timer(0.2, strike, (worker,)).start()
        with pytest.raises(SourceError, match=r"the parser died on this document \(SIGSEGV\)"):
            parser.feed(GOOD)
        assert len(parser.feed(GOOD).items) == 1


def test_document_whose_worker_was_killed_from_outside_is_given_to_another() -> None:
    with Parser(workers=1) as parser:
        worker = worker_of(parser)
        os.kill(worker, signal.SIGSTOP)
        killer = threading.Timer(0.5, os.kill, (worker, signal.SIGKILL))
        killer.start()
        assert [item.title for item in parser.feed(GOOD).items] == ["ok"]
        killer.join()
        assert worker not in workers()


def test_document_whose_worker_was_killed_as_it_started_is_given_to_another() -> None:
    before = workers()
    killed = set()

    def kill() -> None:
        while not (new := workers() - before):
            time.sleep(0.001)
        killed.update(new)
        for worker in new:
            os.kill(worker, signal.SIGKILL)

    with Parser(workers=1) as parser:
        killer = threading.Thread(target=kill)
        killer.start()
        assert [item.title for item in parser.feed(GOOD).items] == ["ok"]
        killer.join()
    assert len(killed) == 1


def test_parser_that_does_not_start_says_nothing_of_the_document(monkeypatch: pytest.MonkeyPatch) -> None:
    with Parser(workers=1) as parser:
        with (
            monkeypatch.context() as broken,
            pytest.raises(ParserError, match=r"the parser did not start \(exit 1\)"),
        ):
            broken.setattr("monitor.sources.parser._MODULE", "monitor.no_such_module")
            parser.feed(GOOD)
        with monkeypatch.context() as full, pytest.raises(ParserError, match=r"did not start \(No such file"):
            full.setattr(sys, "executable", "/nowhere/python")
            parser.feed(GOOD)
        with (
            monkeypatch.context() as slow,
            pytest.raises(ParserError, match=r"the parser's start took longer than 0 s"),
        ):
            slow.setattr("monitor.sources.parser.START", timedelta())
            parser.feed(GOOD)
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
        before = workers()
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
        assert len(workers() - before) <= 2


def test_worker_sees_no_secret_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CANARY_SECRET", "canary")
    with Parser(workers=1) as parser:
        assert b"canary" not in Path(f"/proc/{worker_of(parser)}/environ").read_bytes()
