"""What goes by retention, what stays, and in which steps."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from monitor.errors import StoreConflict, StoreError
from monitor.model import DeliveryState, Disposition, GroupState
from monitor.store import Limits, Store, retention
from monitor.store.retention import Step
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

LATER = NOW + timedelta(days=800)
EVERYTHING = limits(LATER, LATER)


@pytest.fixture
def told(store: Store) -> Store:
    """An article whose match was told and sent; its group is closed, its file known."""
    store.commit(waiting("one"), NOW)
    files = (taken("one.txt", "a-one"),)
    store.commit(ingest(fetch=fetched(key="files", files=files, at=NOW + timedelta(minutes=1))), NOW)
    store.commit_alert_soon(
        alert(match()),
        {"title": "x"},
        [delivery()],
        group(state=GroupState.CLOSED, due=None),
        [state(match(), Disposition.ALERTED, alert_id="n-1")],
        NOW,
    )()
    ((claimed, _),) = store.claim(NOW)
    assert claimed.lease is not None
    store.settle(delivery(state=DeliveryState.SENT, attempts=1), NOW, token=claimed.lease.token, receipt="r")
    return store


def kept(look: Look) -> dict[str, int]:
    """Rows of each table that is not empty, but for what describes the file itself."""
    tables = [name for (name,) in look("SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table'")]
    found = {name: look(f"SELECT count(*) FROM {name}")[0][0] for name in sorted(tables)}
    return {name: rows for name, rows in found.items() if rows and not name.startswith(("sqlite", "_sqlite"))}


def test_what_was_told_long_ago_goes_whole_and_the_identity_stays(told: Store, look: Look) -> None:
    gone = told.prune(EVERYTHING, LATER)

    assert gone == {
        "articles": 1, "matches": 1, "alerts": 1, "groups": 1, "stories": 1, "files": 1, "fetches": 2,
    }  # fmt: skip
    assert kept(look) == {"article": 1, "source": 1, "story_seed": 1}
    assert told.known("wire", [article("one")]).ids["a-one"].is_pruned
    assert told.prune(EVERYTHING, LATER) == {}
    assert look("PRAGMA foreign_key_check") == []


def test_a_text_goes_and_its_match_stays_until_its_own_time(told: Store) -> None:
    week = NOW + timedelta(days=7)

    assert told.prune(limits(week, NOW), week) == {"articles": 1}

    assert (len(told.matches()), len(told.deliveries()), told.article("a-one")) == (1, 1, None)
    assert told.story("s-a-one") is not None
    assert told.accounts().expected == sum(told.accounts().dispositions.values()) == 1


def test_an_article_not_told_leaves_its_story_with_its_text(store: Store, look: Look) -> None:
    store.commit(ingest(article()), NOW)
    week = NOW + timedelta(days=7)

    assert store.prune(limits(week), week) == {"articles": 1, "stories": 1}

    assert look("SELECT story, story_reason FROM article") == [(None, "")]


def test_a_story_whose_article_was_edited_stays_as_long_as_the_new_text_may_find_others(store: Store) -> None:
    store.commit(ingest(article()), NOW)
    edited, edit = article(version=2, text="Another text."), NOW + timedelta(days=2)
    fetch = fetched(edited, key="edit", at=edit)
    store.commit(ingest(replace(edited, seen=edit), fetch=fetch), edit, text_keys={("a-one", 2): "key"})

    soon, later = NOW + timedelta(days=4), NOW + timedelta(days=6)
    assert store.prune(limits(soon), soon) == {"articles": 1}
    assert store.prune(limits(later), later) == {"stories": 1}


@pytest.mark.parametrize("stage", ["pending", "leased", "held", "parked"])
def test_what_is_not_delivered_keeps_everything_that_it_tells(told: Store, look: Look, stage: str) -> None:
    told._writing.run(lambda db: db.execute("UPDATE delivery SET state = ?", (stage,)).rowcount)

    assert told.prune(EVERYTHING, LATER) == {"fetches": 2}

    assert told.article("a-one") is not None
    assert len(told.matches()) == len(told.deliveries()) == 1


def test_what_was_given_up_goes_like_what_was_sent(told: Store) -> None:
    told._writing.run(lambda db: db.execute("UPDATE delivery SET state = 'dead'").rowcount)

    assert told.prune(EVERYTHING, LATER)["alerts"] == 1


def test_what_waits_in_a_group_stays(store: Store, look: Look) -> None:
    store.commit(waiting("one"), NOW)

    assert store.prune(EVERYTHING, LATER) == {"fetches": 1}

    assert store.groups("desk", ["rule=base-attacked"])["rule=base-attacked"].pending == (match(),)


def test_a_correction_that_is_still_to_be_told_keeps_its_match(store: Store) -> None:
    store.commit(waiting("one"), NOW)
    store.commit_group_soon(group(corrections=(match(),), state=GroupState.TOLD), (), NOW)()

    assert store.prune(EVERYTHING, LATER) == {"fetches": 1}


def test_a_source_may_keep_its_articles_shorter_longer_or_for_ever(store: Store) -> None:
    for source in ("agency", "wire", "blog", "court"):
        one = article(source, source=source)
        store.commit(ingest(one, fetch=fetched(one, source=source, key=source)), NOW)
    day = timedelta(days=1)
    sources = {"agency": NOW + day, "blog": NOW, "court": None}
    now = NOW + 4 * day

    assert store.prune(Limits(articles=NOW, matches=None, sources=sources), now)["articles"] == 1

    assert [name for name in ("agency", "wire", "blog", "court") if store.article(f"a-{name}")] == [
        "wire", "blog", "court",
    ]  # fmt: skip
    assert store.prune(Limits(articles=None, matches=None, sources={}), LATER) == {"fetches": 4}
    assert store.prune(Limits(articles=LATER, matches=None, sources=sources), LATER)["articles"] == 1


def test_a_step_is_small_and_what_was_edited_meanwhile_stays(store: Store) -> None:
    names = [str(number) for number in range(60)]
    store.commit(ingest(*map(article, names)), NOW)

    step = store.next_step(limits(LATER), LATER)
    assert step is not None
    assert (step.kind, len(step.rows)) == ("articles", 50)
    edited = article("0", version=2, title="Corrected", seen=NOW + timedelta(hours=1))
    store.commit(ingest(edited, fetch=fetched(edited, key="fetch-2")), NOW)

    assert store.take_step(step, LATER) == 49
    assert store.take_step(step, LATER) == 0
    assert store.article("a-0") == edited


def test_rows_found_before_something_began_to_need_them_stay(told: Store) -> None:
    steps: list[Step] = []
    week = NOW + timedelta(days=7)
    told.prune(limits(week), week)
    for kind in retention.KINDS:
        skip = retention.KINDS.keys() - {kind}
        if step := told.next_step(EVERYTHING, NOW + timedelta(days=7), skip):
            steps.append(step)
    told._writing.run(lambda db: db.execute("UPDATE delivery SET state = 'parked'").rowcount)

    assert [(step.kind, told.take_step(step, week)) for step in steps] == [("matches", 0)]


def test_a_kind_that_cannot_be_deleted_does_not_stop_the_others_or_go_on_for_ever() -> None:
    asked: list[set[str]] = []

    def find(skip: object) -> Step | None:
        asked.append(set(skip))  # type: ignore[call-overload]
        return next((Step(kind, [[1]]) for kind in ("articles", "matches") if kind not in asked[-1]), None)

    gone = retention.sweep(find, lambda step: int(step.kind == "matches" and len(asked) < 4), lambda: True)

    assert gone == {"matches": 2}
    assert asked == [set(), {"articles"}, {"articles"}, {"articles"}, {"articles", "matches"}]


def test_a_sweep_ends_when_it_is_told_to(store: Store) -> None:
    store.commit(ingest(*(article(str(number)) for number in range(60))), NOW)

    assert store.prune(limits(LATER), LATER, go_on=lambda: False) == {"articles": 50}


def test_a_dry_run_counts_and_deletes_nothing(told: Store, look: Look) -> None:
    before = kept(look)

    assert told.prunable(EVERYTHING, LATER) == {
        "articles": 1, "matches": 0, "alerts": 0, "groups": 0, "stories": 0, "files": 0, "silences": 0, "fetches": 2,
    }  # fmt: skip
    assert kept(look) == before


def test_a_dropped_version_leaves_what_its_match_needs_to_be_read(store: Store) -> None:
    found = match(version=2)
    for version in range(1, 27):
        one = article(version=version, title=f"Rocket, take {version}", seen=NOW + timedelta(minutes=version))
        matches = (found,) if version == 2 else ()
        states = tuple(state(each, Disposition.STALE) for each in matches)
        bundle = ingest(one, fetch=fetched(one, key=f"k{version}"), matches=matches, states=states)
        store.commit(bundle, NOW)

    (row,) = store.matches()

    assert row["title"] == "Rocket, take 2"


@pytest.fixture
def large(database: Path) -> Iterator[Store]:
    with Store.open(database, write=True, now=NOW) as store:
        for number in range(20):
            one = article(str(number), text=f"{number} " + "x" * 400_000)
            store.commit(ingest(one, fetch=fetched(one, key=str(number))), NOW)
        yield store


def test_the_file_gives_back_what_retention_freed_and_keeps_some_to_fill_again(large: Store, look: Look) -> None:
    ((before,),) = look("PRAGMA page_count")

    gone = large.prune(limits(LATER), LATER)

    ((after,), (free,)) = (*look("PRAGMA page_count"), *look("PRAGMA freelist_count"))
    assert free == retention.FREE_PAGES
    assert before - after == gone["pages"] > 1000
    assert look("PRAGMA integrity_check") == [("ok",)]


def test_a_garbled_step_is_refused(store: Store) -> None:
    with pytest.raises(StoreError, match="no step of retention: 'article' with 1 rows"):
        store.take_step(Step("article", [[1]]), NOW)


def test_what_something_unforeseen_needs_keeps_no_other_kind() -> None:
    taken: list[str] = []

    def take(step: Step) -> int:
        if step.kind == "articles":
            raise StoreConflict("FOREIGN KEY constraint failed")
        taken.append(step.kind)
        return 1

    def find(stuck: Collection[str]) -> Step | None:
        left = [kind for kind in ("articles", "matches") if kind not in stuck and kind not in taken]
        return Step(left[0], [[1]]) if left else None

    with pytest.raises(StoreConflict):
        retention.sweep(find, take, lambda: True)
    assert taken == ["matches"]
