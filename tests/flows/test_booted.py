"""The service under a systemd of its own, as its unit says: it parses, matches a pattern, delivers under its filters.
When it stands still it is started anew and loses nothing; it stops in mid-send, and starts on the last good files.
"""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.flows.booted import Booted, allowed
from tests.flows.daemon import until
from tests.flows.receiver import Receiver

CONFIGURATION = """\
version: 1
database: rasid.db
rules: [../rules]
fetch: {private_networks: [127.0.0.0/8]}
sources:
  wire: {folder: ../drop, settle: 50ms}
defaults: {notify: [desk]}
channels:
  desk: {kind: webhook, url: "${file:desk}"}
"""
RULES = """\
version: 1
rules:
  bombs:
    title: Bombs
    match:
      any:
        - /(car|truck)[- ]bomb(ing)?/
    alert: {group_by: none, group_wait: 0s}
"""
FEED = """\
<rss version="2.0"><channel><title>t</title>
<item><title>%s</title><guid>%s</guid><link>https://x.example/%s</link>
<description>A car-bombing was reported.</description></item></channel></rss>
"""


@pytest.fixture
def booted(receiver: Receiver) -> Iterator[Booted]:
    if reason := allowed():
        pytest.skip(reason)
    # Not below pytest's own folder, which only its owner may enter: the service is another user.
    with TemporaryDirectory(prefix="rasid-booted-", dir="/var/tmp") as name:
        root = Path(name)
        root.chmod(0o755)
        booted = Booted(root)
        site = root / "srv" / "rasid"
        for folder in ("config/secrets", "rules", "drop"):
            (site / folder).mkdir(parents=True)
        (site / "config" / "monitor.yaml").write_text(CONFIGURATION)
        (site / "config" / "secrets" / "desk").write_text(receiver.url)
        (site / "config" / "secrets" / "desk").chmod(0o600)
        (site / "config" / "secrets").chmod(0o700)
        (site / "rules" / "bombs.yaml").write_text(RULES)
        booted.install("/srv/rasid/config/monitor.yaml")
        with booted:
            booted.wait_until("ActiveState", "active")
            yield booted


def drop(booted: Booted, name: str) -> None:
    """Put a feed with one article into the drop folder, whole."""
    folder = booted.root / "srv" / "rasid" / "drop"
    beside = folder / f".{name}"
    beside.write_text(FEED % (name, name, name))
    beside.rename(folder / f"{name}.xml")


def titles(receiver: Receiver) -> list[str]:
    return [article["title"] for body in receiver.bodies for article in body["articles"]]


def main_process(booted: Booted) -> int:
    """The number of the service's main process, as this side of the namespace counts."""
    groups = subprocess.run(
        ["pgrep", "-f", "rasid/config/monitor.yaml run"], capture_output=True, text=True, check=True
    )
    return min(map(int, groups.stdout.split()))


def stop(booted: Booted) -> None:
    """Stop the service as an operator does; it ends by itself, well and soon."""
    begun = time.monotonic()
    done = booted.inside("systemctl", "stop", "rasid.service")
    assert done.returncode == 0, done.stderr
    assert time.monotonic() - begun < 10
    state = [booted.show(name) for name in ("ActiveState", "Result", "ExecMainStatus")]
    assert state == ["inactive", "success", "0"], booted.said()


def test_the_service_works_under_its_hardening_and_survives_standing_still(
    booted: Booted, receiver: Receiver
) -> None:
    # A parse in a worker process, an RE2 pattern, a secret by LoadCredential, a delivery: under every filter it has.
    drop(booted, "first")
    until(lambda: titles(receiver) == ["first"], 60, booted.said())
    state = booted.root / "var" / "lib" / "rasid"
    assert (state / "rasid.db").stat().st_mode & 0o077 == 0
    assert state.stat().st_uid != 0
    assert (booted.root / "srv" / "rasid" / "drop").stat().st_mode & 0o7777 == 0o2770

    done = booted.inside("systemctl", "reload", "rasid.service")
    assert done.returncode == 0, done.stderr
    until(lambda: "event=reloaded" in booted.said(), 30, booted.said())
    assert booted.show("ActiveState") == "active"

    # It stands still: no WATCHDOG comes, systemd ends it and starts it anew; what lay there meanwhile is told once.
    os.kill(main_process(booted), signal.SIGSTOP)
    drop(booted, "second")
    booted.wait_until("NRestarts", "1")
    booted.wait_until("ActiveState", "active")
    until(lambda: "second" in titles(receiver), 60, booted.said())

    stop(booted)
    assert titles(receiver) == ["first", "second"]


def test_the_service_stops_in_mid_send_and_starts_again_on_the_last_good_files(
    booted: Booted, receiver: Receiver
) -> None:
    released = threading.Event()

    def answer(number: int) -> int:
        if number == 1:
            released.wait(60)  # the send is under way for as long as the service runs
        return 200

    receiver.answers = answer
    site = booted.root / "srv" / "rasid"
    drop(booted, "first")
    until(lambda: titles(receiver) == ["first"], 60, booted.said())
    drop(booted, "second")
    until(lambda: titles(receiver) == ["first", "second"], 60, booted.said())
    stop(booted)
    released.set()

    (site / "config" / "monitor.yaml").write_text("version: [\n")
    (site / "rules" / "bombs.yaml").write_text(RULES.replace("any:", "eny:"))
    done = booted.inside("systemctl", "start", "rasid.service")
    assert done.returncode == 0, done.stderr + booted.said()
    drop(booted, "third")
    until(lambda: "third" in titles(receiver), 60, booted.said())
    assert booted.show("ActiveState") == "active"
    assert "bombs.yaml:6:" in booted.show("StatusText") + booted.said()
    # What was in flight comes again with the same id; nothing else comes twice.
    assert sorted(set(titles(receiver))) == ["first", "second", "third"]
    assert len(set(receiver.ids)) == 3
    assert titles(receiver).count("first") == titles(receiver).count("third") == 1
    stop(booted)
