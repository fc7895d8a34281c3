"""A short soak, so that the long one (`python -m tests.flows.soak`) always works."""

from __future__ import annotations

from pathlib import Path

from tests.flows.soak import soak


def test_after_changes_failures_reloads_and_a_restart_everything_adds_up(tmp_path: Path) -> None:
    figures, problems = soak(tmp_path, seconds=12, feeds=20, rate=15, every="1s", greylists=False)
    assert problems == [], figures
    assert (figures["matches"] > 30, figures["errors in the log"]) == (True, 0), figures
