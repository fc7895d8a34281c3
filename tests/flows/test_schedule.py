"""The schedule of polls: whoever is due is handed on, and nothing of it is kept."""

from __future__ import annotations

import gc
import threading
from collections.abc import Collection
from datetime import timedelta

from monitor.daemon.schedule import TOGETHER_MS, Schedule, _end
from monitor.timing import now

JOBS = 40


def test_jobs_that_ran_are_forgotten() -> None:
    fired: list[str] = []
    is_done = threading.Event()

    def fire(sources: Collection[str]) -> None:
        fired.extend(sources)
        if len(fired) == JOBS:
            is_done.set()

    schedule = Schedule(fire)
    schedule.start()
    begin = now()
    for number in range(JOBS):
        schedule.set(f"s{number}", begin + timedelta(milliseconds=number * TOGETHER_MS))
    ids = {str(_end(begin + timedelta(milliseconds=number * TOGETHER_MS))) for number in range(JOBS)}
    assert is_done.wait(30)
    schedule.stop()
    schedule.thread.join(30)

    kept = {id for one in gc.get_objects() if isinstance(one, dict) for id in ids & {*map(_text, one)}}
    assert sorted(fired) == sorted(f"s{number}" for number in range(JOBS))
    assert len(kept) <= 1  # the last


def _text(key: object) -> str:
    return key if isinstance(key, str) else ""
