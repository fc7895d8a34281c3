"""How sources stand after polls: written many at a time, read back whole; pauses, troubles, pausing by hand."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from monitor.errors import StoreError
from monitor.model import Failure, Fetched, Pause, SourceState, Wishes
from monitor.rhythm.troubles import Trouble
from monitor.store import Store
from monitor.timing import to_epoch
from tests.store.conftest import Look
from tests.store.samples import NOW, article, failure, fetched, ingest

HOUR = timedelta(hours=1)
LATER = NOW + HOUR
WISHES = Wishes(ttl=HOUR, fresh_for=timedelta(seconds=90), skip_hours=(1, 23), skip_days=(0, 6))


def test_a_state_is_read_back_as_it_was_written(store: Store) -> None:
    moments = tuple(NOW - n * HOUR for n in (3, 2, 1))
    news = [article(f"n{n}", published=moment) for n, moment in enumerate(moments)]
    store.commit(
        replace(
            ingest(*news, fetch=fetched(*news, wishes=WISHES, moved_to="https://new.example/", at=NOW)), is_gap=True
        ),
        NOW,
    )
    gone = Failure(source="wire", at=LATER, reason="gone", status=410, not_before=LATER + HOUR)
    returned = store.record([gone], LATER)

    expected = SourceState(
        id="wire",
        cursor={"etag": "fetch-1"},
        cursor_at=NOW,
        first_parsed=NOW,
        last_success=NOW,
        last_article=NOW,
        failures=1,
        failing_since=LATER,
        last_error="gone",
        last_error_at=LATER,
        not_before=LATER + HOUR,
        gone_since=LATER,
        moved_to="https://new.example/",
        wishes=WISHES,
        appeared=moments,
        haste=1,
    )
    assert store.source_state("wire") == expected == returned["wire"]
    assert store.source_states() == {"wire": expected}
    assert store.source_states(["other"]) == {"other": SourceState(id="other")}


def test_many_outcomes_are_one_transaction(store: Store, look: Look) -> None:
    outcomes = [fetched(source=f"s{n}", unchanged=True) for n in range(100)]
    states = store.record([*outcomes, failure("s0", at=LATER), failure("s0", at=LATER)], LATER)

    assert look("SELECT count(*), sum(failures) FROM source") == [(100, 2)]
    assert states["s0"].failures == 2 and states["s1"].last_success == NOW


@pytest.fixture
def known(store: Store) -> dict[str, SourceState]:
    """A hundred sources as they were read a while ago."""
    store.record([fetched(source=f"s{n}", unchanged=True) for n in range(100)], NOW)
    return dict(store.source_states())


def unchanged(*names: str) -> list[Fetched]:
    """Later fetches that found everything as it was."""
    return [fetched(source=name, unchanged=True, at=LATER) for name in names]


def test_what_changes_nothing_but_the_time_is_as_if_it_were_read(store: Store, known: dict[str, SourceState]) -> None:
    whole = store.record(unchanged("s1"), LATER)["s1"]
    more = replace(unchanged("s5")[0], cursor={"etag": "other"})
    twice: list[Fetched | Failure] = [*unchanged("s3", "s4"), failure("s4", at=LATER), *unchanged("s4")]
    states = store.record([*unchanged("s2", "new"), *twice, failure("s6", at=LATER), more], LATER, known=known)

    assert replace(states["s2"], id="s1") == replace(states["s3"], id="s1") == whole
    assert (states["s4"].failures, states["s5"].cursor, states["s6"].failures) == (0, {"etag": "other"}, 1)
    assert states["s4"].last_error == "status 500"
    assert store.source_states(states) == states


def test_what_somebody_else_has_written_meanwhile_is_kept(store: Store, known: dict[str, SourceState]) -> None:
    news = article(source="s1")
    store.commit(ingest(news, fetch=fetched(news, source="s1", at=NOW + HOUR / 2)), NOW)
    store.perform({"do": "pause", "at": to_epoch(NOW), "sources": ["s2"], "by": "ali"})
    states = store.record(unchanged("s1", "s2", "s3"), LATER, known=known)

    assert (states["s1"].last_article, states["s2"].paused_by) == (NOW + HOUR / 2, "ali")
    assert {state.last_success for state in states.values()} == {LATER}
    assert store.source_states(states) == states


def test_an_edit_is_no_new_article_of_the_rhythm(store: Store) -> None:
    store.commit(ingest(article()), NOW)
    edit = article(version=2, title="Corrected", seen=LATER, published=LATER)
    store.commit(ingest(edit, fetch=fetched(edit, key="fetch-2", at=LATER)), LATER)

    state = store.source_state("wire")
    assert (state.last_article, state.appeared) == (NOW, (NOW,))


def test_an_article_without_a_date_appeared_when_it_was_seen(store: Store) -> None:
    undated = article(published=None, seen=NOW)
    store.commit(ingest(undated), NOW)
    assert store.source_state("wire").appeared == (NOW,)


def test_a_damaged_cursor_is_as_good_as_none(store: Store, database: Path) -> None:
    store.record([failure()], NOW)
    for damage in ("[]", "{", ""):
        with sqlite3.connect(database) as other:
            other.execute("UPDATE source SET cursor = ?", (damage,))
        assert store.cursor("wire") == {}


def test_pauses_begin_and_end_with_the_polls_that_say_so(store: Store) -> None:
    host = Pause(scope="host:x.example", since=NOW, until=LATER, strikes=2, reason="status 503")
    source = Pause(scope="source:wire", since=NOW, until=LATER, reason="status 429 with Retry-After")
    store.record([failure()], NOW, pauses=[host, source])
    assert store.pauses() == {"host:x.example": host, "source:wire": source}

    longer = replace(host, until=LATER + HOUR, strikes=3)
    store.record((), NOW, pauses=[longer], lifted=["source:wire", "host:unknown"])
    assert store.pauses() == {"host:x.example": longer}


def test_pausing_by_hand_holds_over_polls_and_resuming_forgets_what_a_server_wished(store: Store) -> None:
    pause = {"do": "pause", "at": to_epoch(NOW), "sources": ["wire", "new"], "by": "paused by ali: repair"}
    assert store.perform(pause) == 2
    assert store.perform(pause | {"at": to_epoch(LATER), "by": "paused by omar"}) == 0
    store.record([failure()], NOW, pauses=[Pause(scope="source:wire", since=NOW, until=LATER)])
    state = store.source_state("wire")
    assert (state.paused_at, state.paused_by, state.failures) == (NOW, "paused by ali: repair", 1)

    assert store.perform({"do": "resume", "at": to_epoch(NOW), "sources": ["wire", "never"]}) == 1
    assert store.source_state("wire").paused_at is None
    assert store.pauses() == {}
    assert store.source_state("new").paused_at == NOW


def test_troubles_are_replaced_source_by_source(store: Store) -> None:
    store.commit_troubles({"a": {Trouble.FAILING: NOW, Trouble.MOVED: LATER}, "b": {Trouble.SILENT: NOW}}, [])
    store.commit_troubles({"a": {Trouble.GONE: LATER}, "c": {}}, [])
    assert store.troubles() == {"a": {Trouble.GONE: LATER}, "b": {Trouble.SILENT: NOW}}


def test_a_database_of_the_version_before_is_brought_up_to_date(database: Path, store: Store) -> None:
    store.record([failure()], NOW)
    store.close()
    with sqlite3.connect(database) as old:
        for column in (
            "failing_since",
            "gone_since",
            "moved_to",
            "wishes",
            "appeared",
            "haste",
            "paused_at",
            "paused_by",
        ):
            old.execute(f"ALTER TABLE source DROP COLUMN {column}")
        old.execute("DROP TABLE pause")
        old.execute("DROP TABLE trouble")
        old.execute("DELETE FROM _sqlite_migrations WHERE name = '0005-polling'")
        old.execute("PRAGMA user_version = 3")
    with pytest.raises(StoreError, match="older Rasid"):
        Store.open(database, now=NOW)
    with Store.open(database, write=True, now=NOW) as migrated:
        assert migrated.source_state("wire") == SourceState(
            id="wire", failures=1, last_error="status 500", last_error_at=NOW
        )
