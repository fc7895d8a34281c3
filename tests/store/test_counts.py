"""What is counted for conditions on volume: what a window reaches, no longer than it does, and only what holds."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from monitor.alerting.conditions import Window
from monitor.model import Counted, GroupState, Severity
from monitor.store import Store
from tests.store.conftest import Look
from tests.store.samples import NOW, article, fetched, group, ingest, match, state

HOUR = timedelta(hours=1)
KEY = "rule=base-attacked"
LAST_HOUR = {"base-attacked": (Window(start=NOW - HOUR, end=NOW),)}


def counted(name: str, at: datetime = NOW, *, key: str = KEY, is_held: bool = True) -> Counted:
    """A match on the article of that name, counted and held back."""
    return Counted(
        key=key,
        match=match(name),
        at=at,
        publisher="gulf",
        wire=f"a-{name}",
        is_held=is_held,
        until=at + HOUR,
    )


def commit(store: Store, name: str, *rows: Counted, now: datetime = NOW) -> None:
    """Commit an article with its match, and what was counted."""
    one = article(name)
    bundle = ingest(one, fetch=fetched(one, key=name), matches=(match(name),), counted=rows)
    assert store.commit(bundle, now)


def names(store: Store, *keys: str) -> list[str]:
    tally = store.tally({"base-attacked": keys or (KEY,)}, LAST_HOUR, {})
    return [row.match.article_id for rows in tally.rows.values() for row in rows]


def test_what_was_counted_comes_back_whole(store: Store) -> None:
    row = counted("one")
    commit(store, "one", row)

    tally = store.tally({"base-attacked": [KEY]}, LAST_HOUR, {"base-attacked": NOW - HOUR})

    assert tally.of("base-attacked", KEY) == [row]
    assert tally.entities == {("base-attacked", "ain-al-asad"): NOW}
    assert tally.activated == {"base-attacked": NOW - HOUR}


def test_only_the_asked_key_and_window_are_read_in_the_order_of_time(store: Store) -> None:
    commit(store, "one", counted("one"))
    commit(store, "two", counted("two", NOW - HOUR / 2))
    commit(store, "old", counted("old", NOW - HOUR))
    commit(store, "else", counted("else", key="rule=else"))

    assert names(store) == ["a-two", "a-one"]
    assert names(store, "rule=else") == ["a-else"]


def test_a_match_that_no_longer_holds_is_not_counted(store: Store) -> None:
    commit(store, "one", counted("one"))
    edited = article("one", version=2)
    bundle = ingest(edited, fetch=fetched(edited, key="edit"), lost=((match("one"), 2),))
    assert store.commit(bundle, NOW)

    assert names(store) == []
    assert store.tally({"base-attacked": [KEY]}, LAST_HOUR, {}).entities == {}


def test_a_row_that_joined_is_held_back_no_more(store: Store, look: Look) -> None:
    commit(store, "one", counted("one"))
    commit(store, "two", counted("two"), counted("one", is_held=False))

    assert look("SELECT is_held, count(*) FROM counted GROUP BY 1 ORDER BY 1") == [(0, 1), (1, 1)]


def test_what_no_window_reaches_is_forgotten(store: Store, look: Look) -> None:
    commit(store, "one", counted("one"))
    commit(store, "two", now=NOW + HOUR)
    assert look("SELECT count(*) FROM counted") == [(1,)]

    commit(store, "three", now=NOW + 2 * HOUR)

    assert look("SELECT count(*) FROM counted") == [(0,)]


def test_a_group_keeps_what_it_escalated_to_and_what_it_owes(store: Store) -> None:
    told = replace(
        group(),
        state=GroupState.TOLD,
        raised=Severity.CRITICAL,
        escalated=("base-attacked:0", "base-attacked:2"),
        told_publishers=frozenset({"gulf", "sea"}),
        new_publishers=frozenset({"river"}),
        corrections=(match("one"),),
    )
    one = article("one")
    bundle = ingest(one, matches=(match("one"),), states=(state(match("one")),), groups=(told,))
    assert store.commit(bundle, NOW)

    assert store.groups("desk", [told.key]) == {told.key: told}
    assert store.groups_holding("a-one") == (told,)
    paid = replace(told, corrections=())
    store.commit_group_soon(paid, (), NOW)()
    assert store.groups("desk", [told.key]) == {told.key: paid}
    assert store.groups_holding("a-one") == ()
