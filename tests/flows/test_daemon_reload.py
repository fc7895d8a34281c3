"""SIGHUP and `rasid reload`: what is faulty is held back, the last good goes on, and everybody is told."""

from __future__ import annotations

import os
import signal
from datetime import datetime
from itertools import groupby
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.flows.daemon import Daemon, until
from tests.flows.feeds import FeedServer, rss
from tests.flows.receiver import Receiver
from tests.flows.site import ATTACK, RULES, Site

EVENTS = ("event=reloaded", 'event="reloaded', 'event="not taken')
AT_ONCE = RULES.replace("throttle: 2h", "group_wait: 0s, group_by: none")
COUNT = """
import gc, os, signal

def count(number, frame):
    gc.collect()
    trials = sum(type(one).__name__ == "Trial" for one in gc.get_objects())
    with open(os.environ["COUNTED"] + ".new", "w") as file:
        file.write(str(trials))
    os.replace(file.name, os.environ["COUNTED"])

signal.signal(signal.SIGUSR1, count)
"""
FLOOD = {"title": "A flood in the valley", "text": "The flood took two bridges."}


@pytest.fixture
def site(tmp_path: Path, receiver: Receiver) -> Site:
    return Site(folder=tmp_path, channels={"desk": f"{{kind: webhook, url: '{receiver.url}'}}"}, rules=AT_ONCE)


def test_a_broken_rule_file_keeps_the_old_rules_and_is_named(site: Site, receiver: Receiver) -> None:
    with Daemon(site.config) as daemon:
        site.rules = AT_ONCE.replace("[هجوم, attack]", "[$atack]")
        site.write()
        daemon.send(signal.SIGHUP)
        daemon.wait_for("not taken, the last good goes on")
        assert any("rules.yaml:7:" in line for line in daemon.lines)
        site.put("one.json", ATTACK)
        until(lambda: receiver.bodies)
        status = site.json("status")["daemon"]
        (held,) = status["held"]
        assert (status["reload"]["ok"], held["kind"], held["runs"]) == (False, "file", "last good")
        assert "rules.yaml:7:" in held["problems"][0]
        assert "the last good one runs, good since" in site.rasid("status").stdout
        assert daemon.stop() == 0


def test_the_log_says_reloaded_only_where_something_was_taken(site: Site) -> None:
    good, bad = AT_ONCE, AT_ONCE.replace("[هجوم, attack]", "[$atack]")
    failing = AT_ONCE.replace("    note: Call", "    examples: {hit: [nothing of it]}\n    note: Call")
    more = "web: {listen: '127.0.0.1:0'}\n"
    with Daemon(site.config) as daemon:
        for site.rules, site.extra in ((good, ""), (bad, ""), (failing, ""), (bad, more), (good, more)):
            site.write()
            assert site.rasid("reload").exit_code in (0, 3)
        assert daemon.stop() == 0
    events = [line.split(" ", 1)[1] for line in daemon.lines]
    said = [one.split(" file=")[0].split(" rule=")[0] for one in events if one.startswith(EVENTS)]
    assert [one for one, _ in groupby(said)] == [  # the watch may come before a command
        "event=reloaded changes=none",
        'event="not taken, the last good goes on"',
        'event="reloaded in part" changes="none by name"',
        'event="not taken, the last good goes on"',
        "event=reloaded changes=none",
    ]


def test_the_operator_is_told_of_a_refusal_once_through_the_outbox(site: Site, receiver: Receiver) -> None:
    site.extra = "ops: {notify: [desk]}"
    site.write()
    receiver.answers = lambda n: 500 if n == 0 else 200
    site.channels["desk"] = site.channels["desk"].replace("}", ", retry: 10ms}")
    site.write()
    with Daemon(site.config) as daemon:
        site.rules = AT_ONCE.replace("[هجوم, attack]", "[$atack]")
        site.write()
        for times in (1, 2):
            daemon.send(signal.SIGHUP)
            daemon.wait_for("not taken, the last good goes on", times)
        until(lambda: len(receiver.bodies) == 2)
        until(lambda: [row["state"] for row in site.json("deliveries")] == ["sent"])
        assert daemon.stop() == 0
    assert len(set(receiver.ids)) == 1  # the second try of the one notice
    notice, fault = receiver.bodies[1]["articles"]
    assert notice["title"] == f"Not taken: {site.folder / 'rules.yaml'}"
    assert "rules.yaml:7:" in fault["title"]
    assert site.json("matches") == []


def test_a_bad_save_is_found_and_its_alert_is_on_its_way_within_five_seconds(site: Site, receiver: Receiver) -> None:
    site.extra = "ops: {notify: [desk]}"
    site.write()
    with Daemon(site.config):
        site.rules = AT_ONCE.replace("[هجوم, attack]", "[$atack]")
        site.write()
        saved = (site.folder / "rules.yaml").stat().st_mtime
        until(lambda: receiver.bodies)
    (row,) = site.json("deliveries")
    assert 0 < datetime.fromisoformat(row["created"]).timestamp() - saved < 5


def test_a_good_reload_takes_new_rules_sources_and_channels_and_drops_the_others(
    site: Site, receiver: Receiver
) -> None:
    with Daemon(site.config) as daemon, Receiver() as cases, FeedServer({"/": rss([("1", "x", "y")])}) as feeds:
        site.put("before.json", FLOOD)
        daemon.wait_for("event=ingested")
        site.rules = AT_ONCE.replace("  storm:", "  flood: {title: Floods, match: {any: [flood]}}\n  storm:")
        site.rules = site.rules.replace("title: Floods,", "title: Floods, alert: {group_wait: 0s},")
        site.sources = {"news": f"{{url: '{feeds.url('/')}', every: 500ms}}"}
        site.channels = {"cases": f"{{kind: webhook, url: '{cases.url}'}}"}
        site.write()
        result = site.rasid("reload")
        assert (result.exit_code, "new rule: flood" in result.output) == (0, True), result.output
        assert {"gone source: wire", "new source: news", "gone channel: desk"} <= set(result.output.splitlines())
        daemon.wait_for("event=ingested source=news")
        feeds.bodies["/"] = rss([("2", FLOOD["title"] + " again", "The flood came back.")])
        until(lambda: cases.bodies)
        site.put("after.json", ATTACK)  # its source is gone
        feeds.bodies["/"] = rss([("3", "Another flood", "A third flood, at sea.")])
        until(lambda: len(cases.bodies) == 2)
        assert daemon.stop() == 0
    assert (receiver.bodies, (site.drop / "after.json").exists()) == ([], True)


def test_a_rule_at_work_does_not_vanish_by_a_failing_example(site: Site, receiver: Receiver) -> None:
    with Daemon(site.config) as daemon:
        site.rules = AT_ONCE.replace("    note: Call", "    examples: {hit: [nothing of the sort]}\n    note: Call")
        site.write()
        result = site.rasid("reload")
        assert (result.exit_code, "rule 'attack': example fails" in result.stderr) == (3, True), result.output
        assert "it goes on as it was before" in result.stderr
        site.put("one.json", ATTACK)
        until(lambda: receiver.bodies)
        assert daemon.stop() == 0


def test_a_broken_configuration_keeps_the_old_one_and_hides_its_secrets(site: Site, receiver: Receiver) -> None:
    secret = receiver.url + "/canary-of-the-desk"
    site.channels = {"desk": "{kind: webhook, url: '${env:DESK}', retry: 10ms}"}
    site.write()
    with Daemon(site.config, environment={"DESK": secret}) as daemon:
        site.config.write_text(site.config.read_text().replace("rules: [", "rulez: ["), encoding="utf-8")
        daemon.send(signal.SIGHUP)
        daemon.wait_for("not taken, the last good goes on")
        receiver.answers = lambda n: 500 if n == 0 else 200
        site.put("one.json", ATTACK)
        until(lambda: len(receiver.bodies) == 2)
        assert daemon.stop() == 0
    assert any("monitor.yaml:3:1: unknown key 'rulez'" in line for line in daemon.lines), daemon.lines
    assert "canary" not in "\n".join(daemon.lines)


def test_another_database_needs_a_restart(site: Site) -> None:
    with Daemon(site.config) as daemon:
        text = site.config.read_text()
        site.config.write_text(text.replace("rasid.db", "other.db"), encoding="utf-8")
        daemon.send(signal.SIGHUP)
        daemon.wait_for("it cannot change while Rasid runs")
        assert daemon.stop() == 0


def test_without_a_daemon_reload_says_so(site: Site) -> None:
    result = site.rasid("reload")
    assert (result.exit_code, "no Rasid is running" in result.stderr) == (1, True)


def test_a_reload_tells_nothing_that_came_before_the_rule(site: Site, receiver: Receiver) -> None:
    with Daemon(site.config) as daemon:
        site.put("one.json", FLOOD | {"id": "f"})
        daemon.wait_for("event=ingested")
        site.rules = AT_ONCE.replace("[هجوم, attack]", "[هجوم, attack, flood]")
        site.write()
        assert site.rasid("reload").exit_code == 0
        site.put("again.json", FLOOD | {"id": "f", "text": "The flood took two bridges and a mill."})  # an edit
        site.put("two.json", ATTACK)
        until(lambda: receiver.bodies)
        assert daemon.stop() == 0
    assert [body["articles"][0]["title"] for body in receiver.bodies] == [ATTACK["title"]]


def test_what_ran_first_is_let_go_when_something_else_runs(site: Site, tmp_path: Path) -> None:
    counted = tmp_path / "counted"
    (tmp_path / "hook").mkdir()
    (tmp_path / "hook" / "sitecustomize.py").write_text(COUNT, encoding="utf-8")
    path = os.pathsep.join((str(tmp_path / "hook"), str(ROOT)))
    with Daemon(site.config, environment={"PYTHONPATH": path, "COUNTED": str(counted)}) as daemon:
        site.rules = AT_ONCE.replace("[هجوم, attack]", "[raid]")
        site.write()
        assert site.rasid("reload").exit_code == 0

        def trials() -> str:
            counted.unlink(missing_ok=True)
            daemon.send(signal.SIGUSR1)
            until(counted.exists)
            return counted.read_text()

        until(lambda: trials() == "1")
        assert daemon.stop() == 0
