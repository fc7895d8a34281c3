"""Retention of a running Rasid: goes by the configuration, waits while there is work, ends with the process."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from monitor.config import load_config
from monitor.daemon.keeper import Keeper, limits
from monitor.store import Limits, Store
from tests.store.samples import NOW, article, fetched, ingest

DAY = timedelta(days=1)
YEAR = NOW + 366 * DAY


class Work:
    """Articles that wait to be judged; gone after so many looks, at each of which something happens."""

    def __init__(self, looks: int = 0) -> None:
        self.looks = looks
        self.seen = 0

    def __call__(self) -> bool:
        self.seen += 1
        self.looks -= 1
        return self.looks >= 0


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    (tmp_path / "monitor.yaml").write_text("version: 1\nrules: []\nkeep: {articles: 30d}\n", encoding="utf-8")
    with Store.open(tmp_path / "rasid.db", write=True, now=NOW) as made:
        made.commit(ingest(*(article(str(number)) for number in range(120))), NOW)
        yield made


def keeper(store: Store, work: Work, ending: threading.Event, troubles: list[str] | None = None) -> Keeper:
    config = load_config(store.path.with_name("monitor.yaml"), environment={})
    return Keeper(
        store,
        lambda: config,
        lambda: YEAR,
        is_busy=work,
        ending=ending,
        trouble=lambda loop, error: (troubles if troubles is not None else []).append(f"{loop}: {error}"),
        first_s=0.0,
        pause_s=0.0,
    )


def test_the_configuration_says_before_when_things_go(tmp_path: Path) -> None:
    path = tmp_path / "monitor.yaml"
    path.write_text(
        "version: 1\nrules: []\nkeep: {articles: 30d, matches: forever}\n"
        "sources: {a: {folder: x, keep: 10d}, b: {folder: y, keep: forever}}\n",
        encoding="utf-8",
    )

    assert limits(load_config(path, environment={}), NOW) == Limits(
        articles=NOW - 30 * DAY, matches=None, sources={"a": NOW - 10 * DAY, "b": None}
    )


def test_what_is_old_goes_step_by_step_and_work_comes_first(store: Store, caplog: pytest.LogCaptureFixture) -> None:
    work = Work(looks=5)
    with caplog.at_level(logging.INFO):
        keeper(store, work, threading.Event()).sweep()

    assert store.candidates(()) == []
    assert work.seen > 5 + 3  # it was asked between any two steps
    assert [record.getMessage() for record in caplog.records] == ["pruned"]


def test_between_two_steps_others_write(store: Store) -> None:
    one = article("new", seen=YEAR)

    class Writes(Work):
        def __call__(self) -> bool:
            if not self.seen:
                store.commit(ingest(one, fetch=fetched(one, key="new", at=YEAR)), YEAR)
            return super().__call__()

    keeper(store, Writes(), threading.Event()).sweep()

    assert store.article("a-new") == one
    assert len(store.candidates(())) == 1


def test_it_ends_with_the_process(store: Store) -> None:
    ending = threading.Event()
    ending.set()

    keeper(store, Work(looks=10**9), ending).sweep()

    assert len(store.candidates(())) == 70


def test_a_failing_sweep_is_told_and_the_thread_lives(store: Store) -> None:
    ending, troubles = threading.Event(), list[str]()
    failing = keeper(store, Work(), ending, troubles)
    store.close()
    failing.thread.start()
    while not troubles:
        assert failing.thread.is_alive()
    ending.set()
    failing.thread.join(10)

    assert troubles == [f"keeper: {store.path}: the store is closed"]
