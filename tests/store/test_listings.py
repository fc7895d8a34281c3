"""What the commands show: rows of matches, deliveries and sources, and searching in folded words."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from monitor.model import DeliveryState, Disposition, Failure, GroupState
from monitor.store import Store
from tests.store.conftest import Look
from tests.store.samples import (
    NOW,
    alert,
    article,
    delivery,
    fetched,
    group,
    ingest,
    limits,
    match,
    state,
    taken,
    waiting,
)

LATER = NOW + timedelta(minutes=5)


@pytest.fixture
def filled(store: Store) -> Store:
    """Two matches of one rule, the first told by an alert whose delivery is dead, and a quiet match of another."""
    store.commit(waiting("one", "two"), NOW)
    found = match("quiet", "price-of-bread", entities=())
    quiet = article("quiet", source="feed")
    store.commit(
        ingest(
            quiet,
            fetch=fetched(quiet, source="feed", at=LATER),
            matches=(found,),
            states=(state(found, Disposition.STORE_ONLY, channel="", group_key=""),),
        ),
        LATER,
    )
    one = match("one")
    store.commit_alert_soon(
        alert(one),
        {},
        [delivery(recipient="a@example.org")],
        group([match("two")], state=GroupState.TOLD, sequence=1),
        [state(one, Disposition.ALERTED, alert_id="n-1")],
        LATER,
    )()
    ((claimed, _),) = store.claim(NOW)
    assert claimed.lease is not None
    dead = replace(claimed, state=DeliveryState.DEAD, attempts=1, last_error="550 no such user")
    store.settle(dead, LATER, token=claimed.lease.token, receipt="550")
    return store


def test_matches_are_listed_newest_first_with_what_became_of_them(filled: Store) -> None:
    rows = filled.matches()

    assert [(row["article"], row["rule"]) for row in rows] == [
        ("a-quiet", "price-of-bread"),
        ("a-two", "base-attacked"),
        ("a-one", "base-attacked"),
    ]
    assert rows[2] == {
        "match": 1,
        "article": "a-one",
        "version": 1,
        "title": "Rocket fire near the base, report one",
        "url": "https://news.example/one",
        "source": "wire",
        "publisher": "news.example",
        "language": "en",
        "published": "2026-11-24T08:00:00.000Z",
        "seen": "2026-11-24T08:00:00.000Z",
        "story": "s-a-one",
        "rule": "base-attacked",
        "severity": "high",
        "entities": ["ain-al-asad"],
        "spans": [{"field": "title", "start": 0, "end": 6, "term": "rocket", "text": "Rocket"}],
        "excerpt": "Two rockets fell near Ain al-Asad on Monday, says report one. Nobody was hurt.",
        "matched": "2026-11-24T08:00:00.000Z",
        "lost": 0,
        "channels": [
            {
                "channel": "desk",
                "disposition": "alerted",
                "reason": "as the test wants",
                "group": "rule=base-attacked",
                "code": "A7K2",
                "alert": "n-1",
                "at": "2026-11-24T08:05:00.000Z",
                "deliveries": [
                    {
                        "id": "d-1",
                        "recipient": "a@example.org",
                        "state": "dead",
                        "attempts": 1,
                        "last_error": "550 no such user",
                    }
                ],
            }
        ],
    }
    assert rows[0]["channels"][0]["deliveries"] == []


def test_matches_are_filtered(filled: Store) -> None:
    def articles(**filters: object) -> list[str]:
        return [row["article"] for row in filled.matches(**filters)]

    assert articles(rule="base-attacked", limit=1) == ["a-two"]
    assert articles(article_id="a-one") == ["a-one"]
    assert articles(source="feed") == ["a-quiet"]
    assert articles(channel="desk", disposition="waiting") == ["a-two"]
    assert articles(channel="") == ["a-quiet"]
    assert articles(disposition="alerted") == ["a-one"]
    assert articles(since=LATER) == ["a-quiet"]
    assert articles(rule="' OR 1 --") == []


def test_deliveries_are_listed_with_their_alert(filled: Store) -> None:
    (row,) = filled.deliveries()

    assert row == {
        "id": "d-1",
        "alert": "n-1",
        "code": "A7K2",
        "group": "rule=base-attacked",
        "sequence": 1,
        "channel": "desk",
        "recipient": "a@example.org",
        "state": "dead",
        "attempts": 1,
        "due": "2026-11-24T08:00:00.000Z",
        "created": "2026-11-24T08:00:00.000Z",
        "settled": "2026-11-24T08:05:00.000Z",
        "last_error": "550 no such user",
        "receipt": "550",
        "severity": "high",
        "rules": ["base-attacked"],
        "reason": "first",
        "articles": ["a-one"],
        "title": "Rocket fire near the base, report one",
    }
    assert filled.deliveries(state="dead", channel="desk", code="a7k2", alert_id="n-1", since=NOW, limit=5) == (row,)
    assert filled.deliveries(state="sent") == filled.deliveries(since=LATER) == ()


def test_deliveries_are_counted_by_state_and_those_that_wait_by_channel(filled: Store) -> None:
    states = ("pending", "sent", "sent", "parked", "held")
    later = [delivery(f"d-of-{n}", alert_id="n-2", recipient=f"{n}", state=DeliveryState(word))
             for n, word in enumerate(states)]  # fmt: skip
    later.append(delivery("d-duty", alert_id="n-2", channel="duty"))
    filled.commit_alert_soon(alert(match("two"), sequence=2), {}, later, (), (), LATER)()

    assert filled.overview()["deliveries"] == {"dead": 1, "held": 1, "parked": 1, "pending": 2, "sent": 2}
    assert filled.pending() == {"desk": 1, "duty": 1}


def test_the_rows_of_all_deliveries_are_never_read_to_count_them(filled: Store, look: Look) -> None:
    said: list[str] = []
    with filled._readers.snapshot() as db:
        db.set_trace_callback(said.append)
        filled.overview()
        filled.pending()
        db.set_trace_callback(None)

    steps = [str(step[3]) for sql in said if "delivery" in sql for step in look(f"EXPLAIN QUERY PLAN {sql}")]
    assert [step for step in steps if step.startswith("SCAN delivery") and "INDEX" not in step] == []
    assert len([step for step in steps if "delivery" in step]) >= 6


def test_sources_are_listed_with_their_counts(filled: Store) -> None:
    bad = fetched(
        key="fetch-2", at=LATER, files=(taken("bad.txt", reason="empty"), taken("one.txt", sha256="cd" * 32))
    )
    filled.commit(ingest(fetch=bad), LATER)
    filled.record([Failure(source="feed", at=LATER, reason="status 500", not_before=LATER)], LATER)

    feed, wire = filled.sources()

    assert feed == {
        "id": "feed",
        "articles": 1,
        "matches": 1,
        "files": 0,
        "failed_files": 0,
        "failures": 1,
        "last_error": "status 500",
        "first_parsed": "2026-11-24T08:05:00.000Z",
        "last_success": "2026-11-24T08:05:00.000Z",
        "last_article": "2026-11-24T08:05:00.000Z",
        "last_error_at": "2026-11-24T08:05:00.000Z",
        "not_before": "2026-11-24T08:05:00.000Z",
    }
    assert [wire[key] for key in ("id", "articles", "matches", "files", "failed_files", "failures")] == [
        "wire", 2, 2, 2, 1, 0,
    ]  # fmt: skip


def test_a_match_can_be_read_when_the_text_of_its_article_is_gone(filled: Store) -> None:
    (before,) = filled.matches(article_id="a-one")
    assert filled.prune(limits(LATER), LATER)["articles"] == 2

    (row,) = filled.matches(article_id="a-one")

    assert row == before
    assert (row["title"], row["url"], row["publisher"]) == (
        "Rocket fire near the base, report one",
        "https://news.example/one",
        "news.example",
    )
    assert [span["text"] for span in row["spans"]] == ["Rocket"]
    assert row["excerpt"] == "Two rockets fell near Ain al-Asad on Monday, says report one. Nobody was hurt."
    assert filled.deliveries()[0]["title"] == "Rocket fire near the base, report one"
