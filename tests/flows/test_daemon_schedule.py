"""When a source is polled next: pure, so every clock and every history can be tried."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.config import load_config
from monitor.daemon.loops import Loops
from monitor.daemon.schedule import EVERY, LONGEST_BACKOFF, SCAN_EVERY, phase, plan, spread_over
from monitor.daemon.wiring import build, checked_rules
from monitor.model import SourceSpec
from monitor.sources import Source
from monitor.sources.parser import Parser
from monitor.store import SourceState, Store

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
SLOWEST = 6 * HOUR


@dataclass
class Polled:
    """As much of a source as a schedule needs."""

    id: str = "news"
    kind: str = "feed"
    every: timedelta | None = None
    spec: SourceSpec = field(default_factory=lambda: SourceSpec(id="news", kind="feed", options={}))
    has_baseline: bool = True
    since: timedelta | Literal["all"] | None = None

    def fetch(self, cursor: Any, now: datetime) -> Any:
        raise NotImplementedError

    def is_pending(self, cursor: Any) -> bool:
        return False


def waits(source: Source, **known: Any) -> timedelta:
    options = {name: known.pop(name) for name in ("asked", "is_pending", "spread") if name in known}
    state = SourceState(id=source.id, cursor={}, **known)
    return plan(source, state, NOW, slowest=SLOWEST, **options).at - NOW


def test_a_source_never_polled_is_due_at_once() -> None:
    assert waits(Polled()) == timedelta(0)


def test_a_healthy_source_keeps_its_interval_from_its_last_success() -> None:
    assert waits(Polled(), last_success=NOW - 5 * MINUTE) == EVERY - 5 * MINUTE
    assert waits(Polled(every=HOUR), last_success=NOW - 5 * MINUTE) == 55 * MINUTE


def test_a_poll_that_wrote_nothing_counts_as_well() -> None:
    assert waits(Polled(), last_success=NOW - HOUR, asked=NOW) == EVERY


def test_a_folder_is_looked_at_every_other_second_and_sooner_while_files_grow() -> None:
    folder = Polled(kind="folder")
    assert waits(folder, last_success=NOW) == SCAN_EVERY
    assert waits(folder, last_success=NOW, is_pending=True) < SCAN_EVERY


@pytest.mark.parametrize(
    ("failures", "wait"), [(1, EVERY), (2, 2 * EVERY), (3, 4 * EVERY), (8, LONGEST_BACKOFF), (500, LONGEST_BACKOFF)]
)
def test_failures_double_the_wait_up_to_a_day(failures: int, wait: timedelta) -> None:
    assert waits(Polled(), failures=failures, last_error_at=NOW) == wait


def test_a_folder_that_is_gone_is_looked_for_every_five_minutes_at_least() -> None:
    assert waits(Polled(kind="folder"), failures=50, last_error_at=NOW) == 5 * MINUTE


def test_a_rare_feed_does_not_come_sooner_because_it_failed() -> None:
    assert waits(Polled(every=48 * HOUR), failures=3, last_error_at=NOW) == 48 * HOUR


def test_a_pause_that_the_server_asked_for_holds_up_to_a_day() -> None:
    assert waits(Polled(), failures=1, last_error_at=NOW, not_before=NOW + 3 * HOUR) == 3 * HOUR
    assert waits(Polled(), failures=1, last_error_at=NOW, not_before=NOW + 90 * HOUR) == LONGEST_BACKOFF


def test_a_time_to_come_was_written_by_a_wrong_clock() -> None:
    assert waits(Polled(), last_success=NOW + 1000 * HOUR) == EVERY


def test_overdue_sources_take_turns_and_few_do_not_wait() -> None:
    late = [waits(Polled(id=f"s{n}"), spread=spread_over(10_000)) for n in range(1000)]
    assert 0 <= min(late).total_seconds() < 3 and 297 < max(late).total_seconds() <= 300
    assert waits(Polled(), spread=spread_over(3)) < timedelta(seconds=1)
    assert phase("a") == phase("a") != phase("b")


@given(
    failures=st.integers(0, 10**6),
    last=st.integers(-(10**9), 10**9),
    pause=st.none() | st.integers(-(10**9), 10**9),
    every=st.none() | st.integers(1, 10**7),
    kind=st.sampled_from(["feed", "folder"]),
)
def test_whatever_the_clock_did_no_source_is_put_off_for_longer_than_its_bound(
    failures: int, last: int, pause: int | None, every: int | None, kind: str
) -> None:
    source = Polled(kind=kind, every=None if every is None else timedelta(seconds=every))
    wait = waits(
        source,
        failures=failures,
        last_success=NOW + timedelta(seconds=last),
        not_before=None if pause is None else NOW + timedelta(seconds=pause),
    )
    assert timedelta(0) <= wait <= max(LONGEST_BACKOFF, SLOWEST, source.every or EVERY)


# --- the jobs against the configuration --------------------------------------------------------------------------

SOURCES = "sources: {a: {folder: a}, b: {folder: b, every: 2h}, c: {folder: c, every: 100d}}"


def test_the_sweep_finds_every_lost_source_and_drops_what_is_gone(tmp_path: Path) -> None:
    path = tmp_path / "monitor.yaml"
    path.write_text(f"version: 1\ndatabase: rasid.db\ndefaults: {{notify: []}}\nrules: []\n{SOURCES}\n")
    (tmp_path / "rules.yaml").write_text("version: 1\nrules: {r: {title: r, match: {any: [x-ray]}}}\n")
    path.write_text(path.read_text().replace("rules: []", "rules: [rules.yaml]"))
    config = load_config(path)
    with Store.open(config.database, write=True, now=NOW) as store, Parser() as parser:
        loops = Loops(build(config, checked_rules(config), parser), store, lambda: NOW)
        jobs = loops._schedule
        jobs.set("gone", NOW)
        jobs.set("b", NOW + 1000 * HOUR)  # set before somebody put the clock back
        loops.sweep()
        assert jobs.times().keys() == {"a", "b", "c"}
        assert max(jobs.times().values()) <= NOW + MINUTE
