"""The flow of one poll, with real sources and a real queue."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Any, Literal

import pytest

from monitor.http.session import Session
from monitor.model import Failure, Fetched, SourceSpec
from monitor.poll import PollReport, poll
from monitor.queues.memory import MemoryQueue
from monitor.sources import Source, Tools, build
from monitor.sources.codec import decode
from monitor.sources.parser import Parser
from tests.http.servers import answer, serving

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
BODY = b"<rss version='2.0'><channel><item><title>Base attacked</title></item></channel></rss>"


def source(kind: str, parser: Parser, **options: Any) -> Source:
    session = Session(user_agent="x", private_networks=[ip_network("127.0.0.0/8")])
    return build(SourceSpec(id="news", kind=kind, options=options), Tools(session=session, parser=parser))


def taken(queue: MemoryQueue) -> Fetched:
    lease = queue.take()
    assert lease is not None
    queue.done(lease)
    return decode(lease.message)


def test_fetch_is_handed_to_the_queue_with_its_key_and_cursor() -> None:
    queue = MemoryQueue()
    with Parser(workers=1) as parser, serving(answer(BODY, 'ETag: "e"')) as server:
        report = poll(source("feed", parser, url=server.url), {}, queue, NOW)

    fetched = taken(queue)
    assert report == PollReport(source="news", articles=1)
    assert [article.title for article in fetched.articles] == ["Base attacked"]
    assert (fetched.source, fetched.at, fetched.cursor["etag"]) == ("news", NOW, '"e"')


def test_unchanged_fetch_needs_no_judging_and_is_returned_to_be_written_down() -> None:
    queue = MemoryQueue()
    with Parser(workers=1) as parser, serving(answer(BODY)) as server:
        feed = source("feed", parser, url=server.url)
        poll(feed, {}, queue, NOW)
        cursor = taken(queue).cursor
        report = poll(feed, cursor, queue, NOW)

    assert isinstance(report.outcome, Fetched)
    assert (report.unchanged, report.articles, report.outcome.unchanged, queue.take()) == (True, 0, True, None)
    assert report.outcome.cursor["sha256"] == cursor["sha256"]


def test_failure_is_returned_with_who_answered_what_and_the_servers_wish() -> None:
    queue = MemoryQueue()
    reply = answer(b"", "Retry-After: 60", status="503 Service Unavailable")
    with Parser(workers=1) as parser, serving(reply) as server:
        report = poll(source("feed", parser, url=server.url), {}, queue, NOW)

    reason = "the server answered 503 Service Unavailable"
    failure = Failure(
        source="news", at=NOW, reason=reason, status=503, host="127.0.0.1", not_before=NOW + timedelta(minutes=1)
    )
    assert report == PollReport(source="news", error=reason, outcome=failure)
    assert queue.take() is None


def test_failure_to_reach_anybody_says_so() -> None:
    with Parser(workers=1) as parser, serving(b"") as server:
        feed = source("feed", parser, url=server.url)
    report = poll(feed, {}, MemoryQueue(), NOW)

    assert isinstance(report.outcome, Failure)
    assert (report.outcome.is_unreachable, report.outcome.host, report.outcome.status) == (True, "127.0.0.1", 0)


def test_folder_says_when_another_scan_is_owed(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Name\nTitle\nText.")
    queue = MemoryQueue()
    pending = []
    cursor: Mapping[str, Any] = {}
    with Parser(workers=1) as parser:
        folder = source("folder", parser, folder=str(tmp_path))
        for seconds in (0, 3, 6):
            report = poll(folder, cursor, queue, NOW + timedelta(seconds=seconds))
            pending.append(report.is_pending)
            cursor = report.outcome.cursor if isinstance(report.outcome, Fetched) else taken(queue).cursor

    assert pending == [True, True, False]
    assert (tmp_path / "processed" / "a.txt").exists()


def test_fault_in_a_kind_is_returned_and_stops_nothing(caplog: pytest.LogCaptureFixture) -> None:
    class Broken:
        id = kind = "news"
        spec = SourceSpec(id="news", kind="news", options={})
        has_baseline = False
        since: timedelta | Literal["all"] | None = None
        every: timedelta | None = None
        max_delay: timedelta | None = None
        backoff_scope = host = ""

        def fetch(self, cursor: Mapping[str, Any], now: datetime) -> Fetched:
            raise KeyError("secret")

        def is_pending(self, cursor: Mapping[str, Any]) -> bool:
            return False

    report = poll(Broken(), {}, MemoryQueue(), NOW)

    assert report.error == "unexpected fault in the source's code (KeyError)"
    assert report.outcome == Failure(source="news", at=NOW, reason=report.error)
    assert "poll failed" in caplog.text
