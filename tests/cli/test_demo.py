"""`rasid demo`: the main job on the seeds of a checkout, offline, in under a minute."""

from __future__ import annotations

import os
import re
import subprocess
import sys

from tests.conftest import ROOT


def test_the_demo_shows_what_the_receiver_got_and_accounts_for_the_rest() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "monitor", "demo"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        env={**os.environ, "TERM": "dumb"},
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    alerts = int(re.search(r"received (\d+) alerts:", done.stdout)[1])  # type: ignore[index]
    assert (alerts >= 8, "[عين الأسد]" in done.stdout) == (True, True)
    assert re.search(r"^Not told, \d+ articles:$", done.stdout, re.M)
    assert "no rule matched" in done.stdout
    assert "Next: " in done.stdout
