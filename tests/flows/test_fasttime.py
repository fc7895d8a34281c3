"""The faster clock of the soak: one moment for all who read it, at its own speed."""

from __future__ import annotations

import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.conftest import ROOT
from tests.flows.fasttime import Clock
from tests.flows.site import Site

BEGIN = datetime(2031, 5, 1, tzinfo=UTC)


def test_it_runs_at_its_speed_stands_while_it_is_held_and_jumps(tmp_path: Path) -> None:
    begun = time.monotonic()
    clock = Clock.make(tmp_path / "clock", BEGIN, speed=1000)
    with clock.held():
        other = Clock(tmp_path / "clock")
        held = other.now()
        assert BEGIN <= held <= BEGIN + timedelta(seconds=1000 * (time.monotonic() - begun))
        clock.jump(-timedelta(hours=1))
        assert other.now() == clock.now()
        assert abs(held - clock.now() - timedelta(hours=1)) <= timedelta(milliseconds=1)
    assert other.now() > held - timedelta(hours=1)


def test_a_command_lives_in_that_time(tmp_path: Path) -> None:
    site = Site(folder=tmp_path)
    site.rasid("run", "--once")  # makes the database
    clock = Clock.make(tmp_path / "clock", BEGIN, speed=500)
    program = [sys.executable, "-m", "tests.flows.fasttime", str(tmp_path / "clock")]
    with clock.held():
        silence = [*program, "--config", str(site.config), "silence", "rule=attack", "2h", "an exercise"]
        subprocess.run(silence, cwd=ROOT, check=True, capture_output=True)
    (row,) = site.json("silence", "--all")
    assert row["ends"].startswith("2031-05-01T02:00")
