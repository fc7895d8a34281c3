"""Texts of rule files are kept as they are, with since when; what the operator was told is remembered."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from monitor.errors import StoreError
from monitor.model import RuleCard, Severity
from monitor.store import Store
from tests.store.samples import NOW, article, fetched, ingest

LATER = NOW + timedelta(minutes=5)


def card(id: str) -> RuleCard:
    return RuleCard(id=id, hash="1", title="", severity=Severity.LOW, notify=())


def test_only_what_changed_gets_another_time(store: Store) -> None:
    store.activate([card("a")], NOW, {"/r/a.yaml": b"one", "/r/b.yaml": b"two", "/r/c.csv": b"\xff\x00"})
    store.activate([card("a")], LATER, {"/r/a.yaml": b"one", "/r/b.yaml": b"new"})
    assert store.last_good() == {"/r/a.yaml": (b"one", NOW), "/r/b.yaml": (b"new", LATER)}
    store.activate([card("a")], LATER)  # without texts: they stay
    assert store.last_good().keys() == {"/r/a.yaml", "/r/b.yaml"}


def test_they_are_there_after_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "rasid.db"
    with Store.open(path, write=True, now=NOW) as store:
        store.activate([], NOW, {"/r/a.yaml": "قاعدة".encode()})
    with Store.open(path, now=LATER) as store:
        assert store.last_good() == {"/r/a.yaml": ("قاعدة".encode(), NOW)}
        with pytest.raises(StoreError, match="reading only"):
            store.activate([], LATER, {})


def test_a_damaged_text_is_left_out(store: Store) -> None:
    store.activate([], NOW, {"/r/a.yaml": b"one", "/r/b.yaml": b"two"})
    store._writing.run(lambda db: db.execute("UPDATE last_good SET text = x'00' WHERE path = '/r/a.yaml'"))
    assert store.last_good() == {"/r/b.yaml": (b"two", NOW)}


def test_what_begins_is_remembered_until_it_is_over(store: Store) -> None:
    store.commit_setbacks({("file", "a.yaml"): NOW, ("rule", "a"): NOW}, (), ())
    assert store.setbacks() == {("file", "a.yaml"): NOW, ("rule", "a"): NOW}
    store.commit_setbacks({("folder", "r"): LATER}, [("file", "a.yaml")], ())
    assert store.setbacks() == {("rule", "a"): NOW, ("folder", "r"): LATER}


def test_recent_articles_are_counted_and_spread_evenly(store: Store) -> None:
    for number in range(20):
        one = article(f"a{number:02}", seen=NOW if number < 4 else LATER)
        store.commit(ingest(one, fetch=fetched(one, key=one.id)), LATER)
    total, found = store.recent(LATER, 8)
    assert (total, len(found)) == (16, 8)
    assert {one.id for one in found} <= {article(f"a{number:02}").id for number in range(4, 20)}
    assert store.recent(LATER, 100)[0] == len(store.recent(LATER, 100)[1]) == 16
