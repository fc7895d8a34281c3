"""`rasid run` as a process: it polls, tells, stops on a signal without losing anything, and starts again."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from monitor.store import Accounts, Store
from tests.flows.daemon import Daemon, until
from tests.flows.feeds import FeedServer, rss
from tests.flows.receiver import Receiver
from tests.flows.site import ATTACK, RULES, Site

AT_ONCE = RULES.replace("throttle: 2h", "group_wait: 0s, group_by: none")


@pytest.fixture
def feeds() -> Iterator[FeedServer]:
    with FeedServer({"/rss": rss([("1", "Quiet day", "Nothing happened.")])}) as made:
        yield made


@pytest.fixture
def site(tmp_path: Path, receiver: Receiver, feeds: FeedServer) -> Site:
    return Site(
        folder=tmp_path,
        channels={"desk": f"{{kind: webhook, url: '{receiver.url}', retry: 10ms}}"},
        sources={"wire": "{folder: drop, settle: 50ms}", "news": f"{{url: '{feeds.url('/rss')}', every: 1s}}"},
        rules=AT_ONCE,
    )


def accounts(site: Site) -> Accounts:
    with Store.open(site.database, now=datetime.now(UTC)) as store:
        return store.accounts()


def titles(receiver: Receiver) -> list[str]:
    return [article["title"] for body in list(receiver.bodies) for article in body["articles"]]


def test_what_a_folder_and_a_feed_bring_is_told_while_it_runs(
    site: Site, receiver: Receiver, feeds: FeedServer
) -> None:
    with Daemon(site.config) as daemon:
        site.put("one.json", ATTACK)
        daemon.wait_for("event=ingested source=news")  # the first document: baseline
        feeds.bodies["/rss"] = rss([("2", "A second attack", "Came over the wire.")])
        until(lambda: sorted(titles(receiver)) == ["A second attack", ATTACK["title"]])
        assert daemon.stop() == 0
    assert [row["state"] for row in site.json("deliveries")] == ["sent", "sent"]


def test_a_second_daemon_exits_75_and_run_once_too(site: Site) -> None:
    with Daemon(site.config) as daemon:
        for arguments in (["run"], ["run", "--once"]):
            second = site.process(*arguments)
            assert (second.returncode, "is being written by process" in second.stderr) == (75, True), second.stderr
        assert daemon.stop() == 0


def test_invalid_rules_end_the_start_with_3(site: Site) -> None:
    site.rules = site.rules.replace("[هجوم, attack]", "[$atack]")
    site.write()
    assert site.process("run").returncode == 3


@pytest.mark.long
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_in_the_middle_of_work_loses_nothing(site: Site, receiver: Receiver, number: signal.Signals) -> None:
    receiver.answers = lambda n: 500 if n % 3 == 0 else 200
    for n in range(120):
        site.put(f"{n}.json", {"title": f"attack {n}", "text": f"The attack number {n} of a long day."})
    with Daemon(site.config) as daemon:
        until(lambda: len(receiver.bodies) >= 5)
        begun = time.monotonic()
        daemon.send(number)
        assert daemon.end() == 0
        assert time.monotonic() - begun < 30
    assert accounts(site).matches < 120 or len(set(receiver.ids)) < 120, "it had finished before: no test"
    with Daemon(site.config) as daemon:
        until(lambda: len(set(titles(receiver))) == 120, 60)
        until(lambda: {row["state"] for row in site.json("deliveries")} == {"sent"})
        assert daemon.stop() == 0
    counted = accounts(site)
    assert (counted.matches, sum(counted.dispositions.values())) == (120, 120)
    assert len(list((site.drop / "processed").iterdir())) == 120


def test_a_second_signal_is_harmless(site: Site, receiver: Receiver) -> None:
    held = threading.Event()
    receiver.answers = lambda n: 500 if held.wait(2) else 200
    with Daemon(site.config) as daemon:
        site.put("one.json", ATTACK)
        until(lambda: receiver.bodies)
        for number in (signal.SIGTERM, signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            daemon.send(number)
        assert daemon.end() == 0
        assert not any("Traceback" in line for line in daemon.lines)
    assert [row["state"] for row in site.json("deliveries")] == ["sent"]


def test_a_receiver_that_never_answers_does_not_keep_it_from_stopping(site: Site, receiver: Receiver) -> None:
    held = threading.Event()
    receiver.answers = lambda n: 200 if n > 0 else 200 + 300 * (not held.wait(30))
    try:
        with Daemon(site.config) as daemon:
            site.put("one.json", ATTACK)
            until(lambda: receiver.bodies)
            assert daemon.stop(seconds=10) == 0
            assert any("not finished in time" in line for line in daemon.lines)
        with Daemon(site.config) as daemon:  # the lease of the one before is free at once
            until(lambda: len(receiver.bodies) == 2)
            until(lambda: [row["state"] for row in site.json("deliveries")] == ["sent"])
            assert daemon.stop() == 0
    finally:
        held.set()
    assert len(set(receiver.ids)) == 1


def test_killed_without_warning_it_starts_again_without_loss(site: Site, receiver: Receiver) -> None:
    for n in range(40):
        site.put(f"{n}.json", {"title": f"attack {n}", "text": f"The attack number {n} of a long day."})
    with Daemon(site.config) as daemon:
        until(lambda: len(receiver.bodies) >= 3)
        daemon.send(signal.SIGKILL)
        daemon.end()
    with Daemon(site.config) as daemon:
        until(lambda: len(set(titles(receiver))) == 40)
        assert daemon.stop() == 0


def test_a_failing_feed_is_said_once_and_backs_off_while_others_go_on(site: Site, receiver: Receiver) -> None:
    site.sources["gone"] = "{url: 'http://127.0.0.1:9/rss?key=canary-of-a-subscriber', every: 200ms}"
    site.write()
    with Daemon(site.config) as daemon:
        daemon.wait_for('event="a poll failed" source=gone')
        site.put("one.json", ATTACK)
        until(lambda: receiver.bodies)
        until(lambda: next(row["failures"] for row in site.json("sources") if row["id"] == "gone") >= 3)
        assert daemon.stop() == 0
        assert sum("source=gone" in line for line in daemon.lines) == 1
        assert "canary" not in "\n".join(daemon.lines)
