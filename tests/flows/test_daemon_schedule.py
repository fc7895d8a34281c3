"""The jobs of the scheduler against configuration, store and clock."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from monitor import timing
from monitor.config import load_config
from monitor.daemon.loops import Loops
from monitor.daemon.pollers import MOST_UNJUDGED, POLLERS, most_at_work
from monitor.daemon.polling import Polling
from monitor.daemon.wiring import install
from monitor.model import Failure, Fetched
from monitor.rhythm.plan import spread_over
from monitor.sources.parser import Parser
from monitor.store import Store
from monitor.timing import to_epoch
from tests.flows.daemon import until

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
YEAR, HOUR, MINUTE, SECOND = timedelta(days=365), timedelta(hours=1), timedelta(minutes=1), timedelta(seconds=1)

FOLDERS = "a: {folder: a}, b: {folder: b, every: 2h}, c: {folder: c, every: 100d}"
FEEDS = ", ".join(f"s{n}: {{url: 'http://host{n % 50}.example/{n}', every: 1h}}" for n in range(200))


class Bench:
    """The loops of a daemon that is not started, and a clock to turn."""

    def __init__(self, folder: Path, sources: str) -> None:
        path = folder / "monitor.yaml"
        (folder / "rules.yaml").write_text("version: 1\nrules: {r: {title: r, match: {any: [x-ray]}}}\n")
        path.write_text(
            f"version: 1\ndatabase: rasid.db\ndefaults: {{notify: []}}\nrules: [rules.yaml]\nsources: {{{sources}}}\n"
        )
        self.now = NOW
        self.config = load_config(path)
        self.store = Store.open(self.config.database, write=True, now=NOW)
        self.parser = Parser()
        self.loops = self.begin()

    def begin(self) -> Loops:
        """A new process over the same database."""
        self.loops = Loops(install(self.config, self.parser), self.store, lambda: self.now)
        return self.loops

    @property
    def polling(self) -> Polling:
        return self.loops.polling

    def jobs(self) -> dict[str, timedelta]:
        """How long after now each source is polled."""
        return {name: at - self.now for name, at in self.polling._schedule.times().items()}

    def succeed(self, *names: str, at: datetime | None = None) -> None:
        moment = at or self.now
        self.store.record([Fetched(source=name, key="k", at=moment, unchanged=True) for name in names], moment)

    def close(self) -> None:
        self.parser.close()
        self.store.close()


@pytest.fixture
def bench(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Bench]:
    made = Bench(tmp_path, request.param)
    yield made
    made.close()


folders = pytest.mark.parametrize("bench", [FOLDERS], indirect=True, ids=["folders"])
feeds = pytest.mark.parametrize("bench", [FEEDS], indirect=True, ids=["feeds"])


@folders
def test_the_sweep_finds_every_lost_source_and_drops_what_is_gone(bench: Bench) -> None:
    jobs = bench.polling._schedule
    jobs.set("gone", NOW)
    jobs.set("b", NOW + 1000 * HOUR)  # set before somebody put the clock back
    bench.polling.sweep()
    assert bench.jobs().keys() == {"a", "b", "c"}
    assert max(bench.jobs().values()) <= MINUTE


@folders
def test_a_source_paused_by_hand_has_no_job_until_it_is_resumed(bench: Bench) -> None:
    bench.polling.plan_all()
    bench.store.perform({"do": "pause", "at": to_epoch(NOW), "sources": ["b", "unknown"], "by": "ali: repair"})
    bench.polling.replan(["b", "unknown"])
    bench.polling.sweep()
    assert bench.jobs().keys() == {"a", "c"}
    bench.store.perform({"do": "resume", "at": to_epoch(NOW), "sources": ["b"]})
    bench.polling.replan(["b"])
    assert bench.jobs().keys() == {"a", "b", "c"}


@folders
def test_nothing_is_polled_while_judging_is_behind(bench: Bench) -> None:
    waiting = bench.loops._queue
    bench.now = timing.now()
    for n in range(MOST_UNJUDGED):
        waiting.put(f"fetch {n}", b"")
    bench.polling.start()
    until(lambda: bench.polling._pollers.waiting == 3, what="for all to be due")
    assert bench.loops.metrics.shown() == {}

    lease = waiting.take()
    assert lease is not None
    waiting.done(lease)
    until(lambda: not bench.polling._pollers.waiting, what="for all to be polled")
    bench.loops.ending.set()
    bench.polling.stop(30)


def test_fewer_are_fetched_at_a_time_the_more_waits_to_be_judged() -> None:
    assert [most_at_work(n) for n in (0, 1, 3, MOST_UNJUDGED - 1, MOST_UNJUDGED)] == [POLLERS, 16, 8, 4, 0]


@folders
def test_a_poller_that_begins_is_never_seen_dead(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    begin = threading.Thread.start
    dead: list[str] = []

    def start(thread: threading.Thread) -> None:
        if thread.name.startswith("poll-"):  # whoever looks at this moment
            dead.extend(
                one.name for one in bench.polling.threads if one.name.startswith("poll-") and not one.is_alive()
            )
        begin(thread)

    monkeypatch.setattr(threading.Thread, "start", start)
    bench.now = timing.now()
    bench.polling.start()
    until(lambda: bench.loops.metrics.shown(), what="for a poll")
    bench.loops.ending.set()
    bench.polling.stop(30)

    assert [name for name in dead if name.startswith("poll-")] == []


@feeds
def test_many_new_sources_are_spread_and_few_are_not_kept_waiting(bench: Bench) -> None:
    bench.polling.plan_all()
    waits = sorted(bench.jobs().values())
    assert timedelta(0) <= waits[0] < SECOND < 9 * SECOND < waits[-1] < spread_over(200) == 10 * SECOND


@pytest.mark.parametrize("jump", [-YEAR, YEAR], ids=["back", "forward"])
@feeds
def test_after_the_clock_jumped_a_year_every_source_is_due_within_its_interval(bench: Bench, jump: timedelta) -> None:
    bench.succeed(*(f"s{n}" for n in range(200)))
    bench.begin().polling.plan_all()
    assert all(0.9 * HOUR <= wait <= HOUR for wait in bench.jobs().values())
    bench.now += jump
    bench.polling.plan_all()
    waits = bench.jobs().values()
    assert len(waits) == 200
    if jump > timedelta(0):  # overdue: they take turns
        assert max(waits) < 10 * SECOND
    else:
        assert all(0.9 * HOUR <= wait <= HOUR for wait in waits)


@feeds
def test_jobs_that_were_overslept_take_turns_once_and_are_then_done_however_late(bench: Bench) -> None:
    polling = bench.polling
    polling.plan_all()
    bench.now += 8 * HOUR  # the machine slept; its scheduler wakes first
    for name in list(bench.jobs()):
        polling._fire([name])
    assert polling.count == 0
    assert 5 * SECOND < max(bench.jobs().values()) < 10 * SECOND
    bench.now += 8 * HOUR
    for name in list(bench.jobs()):
        polling._fire([name])
    assert polling.count == 200


@feeds
def test_a_pause_of_one_source_holds_every_source_of_its_host_also_after_a_restart(bench: Bench) -> None:
    refusal = Failure(source="s0", at=NOW, reason="the server answered 503", status=503, host="host0.example")
    bench.polling.book.settle([refusal])
    bench.begin().polling.plan_all()
    held = {name for name, wait in bench.jobs().items() if wait >= HOUR}
    assert held == {"s0", "s50", "s100", "s150"}

    bench.now += 2 * HOUR
    answer = Fetched(source="s50", key="k", at=bench.now, unchanged=True, host="host0.example")
    bench.polling.book.settle([answer])
    assert bench.store.pauses() == bench.polling.book.pauses == {}


@feeds
def test_while_most_hosts_are_out_of_reach_failures_do_not_count_and_afterwards_all_are_due_again(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    second = iter(range(10**6))
    monkeypatch.setattr("monitor.timing.monotonic", lambda: 2.0 * next(second))
    names = [f"s{n}" for n in range(50)]
    bench.succeed(*names)
    book = bench.begin().polling.book

    def missed(name: str) -> Failure:
        host = bench.polling.installed.sources[name].host
        return Failure(source=name, at=bench.now, reason="no answer", host=host, is_unreachable=True)

    for name in reversed(names):
        book.settle([missed(name)])
    counted = [name for name in names if bench.store.source_state(name).failures]
    assert len(counted) == 25  # until it was clear
    assert bench.loops.polling.book.was_offline

    bench.now += 90 * MINUTE
    back = [
        Fetched(source=name, key="k", at=bench.now, unchanged=True, host=f"host{name[1:]}.example") for name in names
    ]
    for answer in back[:30]:
        book.settle([answer])
    assert not book.was_offline
    waits = bench.jobs()
    assert all(waits[name] < 3 * SECOND for name in names[30:])  # also s30 to s49, though some were counted

    bench.now += MINUTE
    book.settle([missed("s49")])  # alone: its server is at fault after all
    assert bench.jobs()["s49"] > HOUR


@feeds
def test_a_source_that_no_longer_exists_when_its_turn_comes_is_let_go(bench: Bench) -> None:
    installed = bench.polling.installed
    bench.polling._fire(["s1"])
    bench.polling.replace(replace(installed, sources={"s2": installed.sources["s2"]}))
    bench.polling._poll("s1")
    assert (bench.polling.count, set(bench.jobs())) == (0, {"s2"})


@folders
def test_sources_due_together_are_one_job_and_what_lost_its_job_is_found(bench: Bench) -> None:
    jobs, scheduler = bench.polling._schedule, bench.polling._schedule._scheduler
    for n in range(100):
        jobs.set(f"s{n}", NOW + HOUR + timedelta(milliseconds=n % 50 + 1))
    jobs.set("a", NOW + 2 * HOUR)
    assert len(scheduler.get_jobs()) == 2

    scheduler.remove_job(str(to_epoch(NOW + HOUR) + 50))
    assert jobs.times() == {"a": NOW + 2 * HOUR}
    jobs.set("s0", NOW + HOUR + timedelta(milliseconds=1))
    assert jobs.times().keys() == {"a", "s0"}


@folders
def test_a_source_that_was_put_off_is_polled_at_its_new_moment_alone(bench: Bench) -> None:
    jobs = bench.polling._schedule
    fired: list[set[str]] = []
    jobs._fire = lambda names: fired.append(set(names))
    moment = timing.now()
    jobs.set("early", moment)
    jobs.set("late", moment)
    jobs.set("gone", moment)
    jobs.set("late", moment + HOUR)
    jobs.drop(["gone", "never there"])
    jobs.start()
    until(lambda: fired, what="for the job")
    jobs.stop()
    assert fired == [{"early"}]
