"""Twelve compressed hours of everything that can go wrong; `python -m tests.bench.soak` runs a month of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.flows.soak import Size, Soak


@pytest.mark.long
def test_after_twelve_hours_of_faults_every_article_is_stored_and_told_once(tmp_path: Path) -> None:
    soak = Soak(tmp_path, Size(hours=12))
    account = soak.run()
    assert account.problems == (), account.figures
    # That nothing was wrong says something only where everything happened.
    assert soak.did.keys() >= {
        "kill -9", "SIGTERM", "good edit, SIGHUP", "faulty edit, SIGHUP", "good edit, found by the watch", "silence",
        "disk nearly full", "parser killed", "clock jump", "hook down", "chat down", "mail down", "log down",
    }, soak.did  # fmt: skip
    assert soak.did["kill -9"] >= 2
    assert max(one.wal for one in soak.samples) < 32e6
