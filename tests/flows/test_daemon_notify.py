"""What the service manager hears: READY when serving, WATCHDOG only while every loop turns, in the order it wants."""

from __future__ import annotations

import os
import signal
import sqlite3
import time
from contextlib import closing
from itertools import pairwise
from pathlib import Path

import pytest

from monitor.daemon.notify import Beats, Notifier
from tests.flows.daemon import Daemon, Manager, until
from tests.flows.receiver import Receiver
from tests.flows.site import ATTACK, RULES, Site

WATCHDOG_S = 3.0


@pytest.fixture
def site(tmp_path: Path, receiver: Receiver) -> Site:
    rules = RULES.replace("throttle: 2h", "group_wait: 0s")
    return Site(folder=tmp_path, channels={"desk": f"{{kind: webhook, url: '{receiver.url}'}}"}, rules=rules)


def watched(manager: Manager) -> dict[str, str]:
    return manager.environment | {"WATCHDOG_USEC": str(int(WATCHDOG_S * 1e6))}


def test_ready_comes_when_serving_and_every_notice_in_its_order(site: Site, tmp_path: Path) -> None:
    with Manager(str(tmp_path / "notify")) as manager, Daemon(site.config, environment=watched(manager)) as daemon:
        until(lambda: manager.order == ["READY"])
        assert site.json("status")["running"] is True  # it answers: it does serve
        daemon.send(signal.SIGHUP)
        until(lambda: manager.order == ["READY", "RELOADING", "READY"])
        site.rules = "version: 2"
        site.write()
        daemon.send(signal.SIGHUP)
        until(lambda: len(manager.order) == 5)
        until(lambda: len(manager.said("WATCHDOG")) >= 3)
        assert daemon.stop() == 0
        until(lambda: manager.order[-1] == "STOPPING")
        assert manager.order == ["READY", "RELOADING", "READY", "RELOADING", "READY", "STOPPING"]
        reloading = [notice for _, notice in manager.notices if "RELOADING" in notice]
        assert all(0 < int(notice["MONOTONIC_USEC"]) <= time.monotonic_ns() // 1000 for notice in reloading)
        last_ready = [notice for _, notice in manager.notices if "READY" in notice][-1]
        assert "Not taken: " in last_ready["STATUS"]
        assert manager.said("READY")[0] < manager.said("WATCHDOG")[0]
        pings = manager.said("WATCHDOG")
        assert max(after - before for before, after in pairwise(pings)) < WATCHDOG_S


def test_invalid_rules_are_never_ready(site: Site, tmp_path: Path) -> None:
    site.rules = "version: 2"
    site.write()
    with Manager(str(tmp_path / "notify")) as manager:
        daemon = Daemon(site.config, environment=manager.environment)
        assert daemon.end(30) == 3
        daemon.__exit__(None, None, None)
        assert manager.order == []


def test_an_abstract_socket_is_heard(site: Site) -> None:
    with Manager(f"@rasid-test-{os.getpid()}") as manager, Daemon(site.config, environment=manager.environment):
        until(lambda: manager.order == ["READY"])
        time.sleep(1)
        assert manager.said("WATCHDOG") == []  # nobody asked for it


@pytest.mark.parametrize("loop", ["writer", "judge", "deliver", "scheduler"])
def test_a_loop_that_dies_ends_the_process_and_nothing_is_lost(
    site: Site, receiver: Receiver, tmp_path: Path, loop: str
) -> None:
    with Manager(str(tmp_path / "notify")) as manager:
        with Daemon(site.config, wound=f"{loop}-dies", environment=watched(manager)) as daemon:
            until(lambda: manager.said("WATCHDOG"))
            site.put("one.json", ATTACK)
            hurt_at = time.monotonic()
            daemon.hurt()
            assert daemon.end(15) == 1
            assert any("a loop has died" in line and loop in line for line in daemon.lines), daemon.lines
            assert max(manager.said("WATCHDOG")) < hurt_at + 1
        with Daemon(site.config) as daemon:
            until(lambda: len(set(receiver.ids)) == 1)
            until(lambda: [row["state"] for row in site.json("deliveries")] == ["sent"])
            assert daemon.stop() == 0
    with closing(sqlite3.connect(site.database)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


@pytest.mark.parametrize("loop", ["writer", "judge", "deliver", "scheduler"])
def test_a_loop_that_hangs_is_no_longer_vouched_for(
    site: Site, receiver: Receiver, tmp_path: Path, loop: str
) -> None:
    with Manager(str(tmp_path / "notify")) as manager:
        with Daemon(site.config, wound=f"{loop}-hangs", environment=watched(manager)) as daemon:
            until(lambda: manager.said("WATCHDOG"))
            daemon.hurt()
            time.sleep(WATCHDOG_S)  # what is under way may still be vouched for once
            before = len(manager.said("WATCHDOG"))
            site.put("one.json", ATTACK)
            time.sleep(WATCHDOG_S)
            assert len(manager.said("WATCHDOG")) == before
            daemon.send(signal.SIGABRT)  # as the manager does then
            assert daemon.end() == -signal.SIGABRT
        with Daemon(site.config) as daemon:
            until(lambda: len(set(receiver.ids)) == 1)
            assert daemon.stop() == 0


# --- without a process -------------------------------------------------------------------------------------------


def test_beats_are_taken_only_when_all_have_come_and_then_begin_anew() -> None:
    beats = Beats(("a", "b"))
    beats.beat("a")
    assert (beats.take(), beats.missing) == (False, ("b",))
    beats.beat("b")
    assert (beats.take(), beats.take(), beats.missing) == (True, False, ("a", "b"))


@pytest.mark.parametrize(
    "environment",
    [{}, {"WATCHDOG_USEC": "x"}, {"WATCHDOG_USEC": "0"}, {"WATCHDOG_USEC": "1000000", "WATCHDOG_PID": "1"}],
)
def test_no_ping_is_owed_without_a_watchdog_of_our_own(environment: dict[str, str]) -> None:
    assert Notifier(environment).watchdog is None


def test_a_manager_that_is_gone_harms_nobody(tmp_path: Path) -> None:
    Notifier({"NOTIFY_SOCKET": str(tmp_path / "nobody")}).ready("fine")
