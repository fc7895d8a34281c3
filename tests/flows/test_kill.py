"""Killed again and again at random moments: every match reaches every recipient, repetitions bear the same id."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitor.deliver import UNCONFIRMED
from tests.flows.kill import run

RECIPIENTS = 5


@pytest.mark.long
def test_killed_at_random_moments_everything_is_told(tmp_path: Path) -> None:
    report = run(tmp_path, kills=25, articles=120, seed=7)

    assert (report.lost, report.strange, report.untold, report.unfinished) == ((), (), (), 0)
    assert report.matches == 120
    assert report.unowed == ()  # only what was on its way at a kill came again, and once for each
    assert report.repeated <= report.kills * RECIPIENTS * UNCONFIRMED
