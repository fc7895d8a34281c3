"""The flow of one poll, with real sources and a real queue."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Any, Literal

import pytest

from monitor.http.session import Session
from monitor.model import Fetched, SourceSpec
from monitor.poll import PollReport, poll
from monitor.queues.memory import MemoryQueue
from monitor.sources import Source, Tools, build
from monitor.sources.codec import decode
from monitor.sources.parser import Parser
from tests.http.servers import answer, serving

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
BODY = b"<rss version='2.0'><channel><item><title>Base attacked</title></item></channel></rss>"


class Memory:
    """The two questions that a poll asks of the store, answered from memory."""

    def __init__(self) -> None:
        self.cursors: dict[str, Mapping[str, Any]] = {}
        self.failures: list[tuple[str, str, datetime, datetime | None]] = []

    def cursor(self, source: str) -> Mapping[str, Any]:
        return self.cursors.get(source, {})

    def record_failure(self, source: str, reason: str, now: datetime, not_before: datetime | None = None) -> None:
        self.failures.append((source, reason, now, not_before))


def source(kind: str, parser: Parser, **options: Any) -> Source:
    session = Session(user_agent="x", private_networks=[ip_network("127.0.0.0/8")])
    return build(SourceSpec(id="news", kind=kind, options=options), Tools(session=session, parser=parser))


def taken(queue: MemoryQueue) -> Fetched:
    lease = queue.take()
    assert lease is not None
    queue.done(lease)
    return decode(lease.message)


def test_fetch_is_handed_to_the_queue_with_its_key_and_cursor() -> None:
    queue, store = MemoryQueue(), Memory()
    with Parser(workers=1) as parser, serving(answer(BODY, 'ETag: "e"')) as server:
        report = poll(source("feed", parser, url=server.url), store, queue, NOW)

    fetched = taken(queue)
    assert report == PollReport(source="news", articles=1, is_handed=True)
    assert [article.title for article in fetched.articles] == ["Base attacked"]
    assert (fetched.source, fetched.at, fetched.cursor["etag"]) == ("news", NOW, '"e"')
    assert store.failures == []


def test_unchanged_fetch_is_handed_over_too_since_its_cursor_counts() -> None:
    queue, store = MemoryQueue(), Memory()
    with Parser(workers=1) as parser, serving(answer(BODY)) as server:
        feed = source("feed", parser, url=server.url)
        poll(feed, store, queue, NOW)
        store.cursors["news"] = taken(queue).cursor
        report = poll(feed, store, queue, NOW)

    assert (report.unchanged, report.articles, taken(queue).unchanged) == (True, 0, True)


def test_sameness_is_not_handed_over_where_nobody_wants_it_but_news_always_are() -> None:
    queue, store = MemoryQueue(), Memory()
    with Parser(workers=1) as parser, serving(answer(BODY)) as server:
        feed = source("feed", parser, url=server.url)
        first = poll(feed, store, queue, NOW, hands_on_sameness=False)
        store.cursors["news"] = taken(queue).cursor
        second = poll(feed, store, queue, NOW, hands_on_sameness=False)

    assert (first.is_handed, second.is_handed, queue.take()) == (True, False, None)


def test_failure_is_recorded_with_the_servers_wish_and_nothing_is_handed_over() -> None:
    queue, store = MemoryQueue(), Memory()
    reply = answer(b"", "Retry-After: 60", status="503 Service Unavailable")
    with Parser(workers=1) as parser, serving(reply) as server:
        report = poll(source("feed", parser, url=server.url), store, queue, NOW)

    reason = "the server answered 503 Service Unavailable"
    assert report == PollReport(source="news", error=reason)
    assert store.failures == [("news", reason, NOW, NOW + timedelta(minutes=1))]
    assert queue.take() is None


def test_folder_says_when_another_scan_is_owed(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Name\nTitle\nText.")
    queue, store = MemoryQueue(), Memory()
    pending = []
    with Parser(workers=1) as parser:
        folder = source("folder", parser, folder=str(tmp_path))
        for seconds in (0, 3, 6):
            pending.append(poll(folder, store, queue, NOW + timedelta(seconds=seconds)).is_pending)
            store.cursors["news"] = taken(queue).cursor

    assert pending == [True, True, False]
    assert (tmp_path / "processed" / "a.txt").exists()


def test_fault_in_a_kind_is_recorded_and_stops_nothing(caplog: pytest.LogCaptureFixture) -> None:
    class Broken:
        id = kind = "news"
        spec = SourceSpec(id="news", kind="news", options={})
        has_baseline = False
        since: timedelta | Literal["all"] | None = None
        every: timedelta | None = None

        def fetch(self, cursor: Mapping[str, Any], now: datetime) -> Fetched:
            raise KeyError("secret")

        def is_pending(self, cursor: Mapping[str, Any]) -> bool:
            return False

    queue, store = MemoryQueue(), Memory()
    report = poll(Broken(), store, queue, NOW)

    assert report.error == "unexpected fault in the source's code (KeyError)"
    assert store.failures == [("news", report.error, NOW, None)]
    assert "poll failed" in caplog.text
