"""`rasid status`: the one screen, running or not, and the same as JSON."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from monitor.config import lastgood
from monitor.store import Store
from tests.flows.daemon import Daemon, until
from tests.flows.receiver import Receiver
from tests.flows.site import ATTACK, RULES, Site

AT_ONCE = RULES.replace("throttle: 2h", "group_wait: 0s")


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as made:
        yield made


@pytest.fixture
def site(tmp_path: Path, receiver: Receiver) -> Site:
    desk = f"{{kind: webhook, url: '{receiver.url}', retry: 1h}}"
    return Site(folder=tmp_path, channels={"desk": desk}, rules=AT_ONCE)


def test_before_the_first_start_it_says_what_to_type(site: Site) -> None:
    result = site.rasid("status")
    assert (result.exit_code, "no; to start it: rasid run" in result.stdout) == (0, True), result.output
    assert "2 active after a start" in result.stdout


def test_an_empty_database_has_nothing_to_show_and_no_fault(site: Site) -> None:
    with Store.open(site.database, write=True, now=datetime.now(UTC)):
        pass
    assert "none yet" in site.rasid("status").stdout


def test_a_single_run_is_told_from_a_daemon(site: Site) -> None:
    with Store.open(site.database, write=True, now=datetime.now(UTC)):
        result = site.rasid("status")
    assert result.exit_code == 0
    assert "no daemon but a command such as `rasid run --once` is at work" in result.stdout


def test_the_screen_names_what_fails_waits_and_came_last(site: Site, receiver: Receiver) -> None:
    receiver.answers = lambda n: 500
    site.sources["gone"] = "{folder: nowhere}"
    site.rules += "  broken:\n    title: b\n    match: {any: [attack]}\n    examples: {hit: [nothing]}\n"
    site.write()
    with Daemon(site.config) as daemon:
        site.put("one.json", ATTACK)
        until(lambda: receiver.bodies)
        daemon.wait_for("source=gone")
        daemon.wait_for("event=delivered")
        shown = site.rasid("status").stdout
        told = site.json("status")
        assert daemon.stop() == 0
    assert f"yes, process {daemon.process.pid}" in shown
    assert "2 configured, 1 failing, 0 late" in shown
    assert "gone: folder " in shown
    assert f"wire: {ATTACK['title']}" in shown
    assert "to desk: attack" in shown
    assert "0 sent, 1 waiting, 0 parked, 0 dead" in shown
    assert "broken is not active: an example fails" in shown
    assert told["daemon"]["counters"]["deliveries{result=retried}"] == 1
    assert told["store"]["deliveries"] == {"pending": 1}
    assert [row["id"] for row in told["failing"]] == ["gone"]
    assert set(told["versions"]) == {"rasid", "python", "sqlite", "sqlite_is_safe"}


def test_a_rule_that_costs_much_is_named_with_what_it_costs(site: Site) -> None:
    site.rules += (
        "  dear: {notify: [], match: {all: [{any: [a, b]}, {any: [c, d]}, e], within: 3 words, ordered: true}}\n"
    )
    site.write()
    with Daemon(site.config) as daemon:
        site.put("one.json", {"title": "Letters", "text": "a c. " * 100 + "e"})
        daemon.wait_for("event=ingested")
        shown, told = site.rasid("status").stdout, site.json("status")
        assert daemon.stop() == 0
    assert list(told["dear"]) == ["dear"]
    assert f"dear rules  dear: {told['dear']['dear']} ms an article" in shown


def test_rules_with_which_no_daemon_would_start_are_named(site: Site) -> None:
    site.rules = site.rules.replace("[هجوم, attack]", "[$atack]")
    site.write()
    shown = site.rasid("status").stdout
    assert "with these faults no daemon would start:" in shown
    assert "rules.yaml:7:" in shown


def test_a_faulty_rule_file_is_said_to_go_on_as_it_was_good_after_a_start_too(site: Site) -> None:
    site.put("one.json", ATTACK)
    assert site.rasid("run", "--once").exit_code == 0
    site.rules = site.rules.replace("[هجوم, attack]", "[$atack]")
    site.write()

    shown, told = site.rasid("status"), site.json("status")

    assert (shown.exit_code, "2 active after a start" in shown.stdout) == (0, True), shown.output
    assert f"file {site.folder / 'rules.yaml'}: a start would run the last good one, good since " in shown.stdout
    assert "rules.yaml:7:19: rule 'attack': unknown name '$atack'" in shown.stdout
    assert (told["rules"], [row["runs"] for row in told["held"]]) == ({"active": 2, "inactive": {}}, ["last good"])


def test_a_rule_whose_example_fails_is_said_to_be_left_out_of_a_start(site: Site) -> None:
    site.rules = site.rules.replace("    note: Call", "    examples: {hit: [nothing of it]}\n    note: Call")
    site.write()

    shown = site.rasid("status").stdout

    assert "1 active after a start" in shown
    assert "rule attack: a start would run nothing in its place" in shown


def test_a_faulty_configuration_is_said_to_go_on_as_it_was_good_after_a_start_too(site: Site) -> None:
    lastgood.keep(site.config, site.config.read_bytes(), os.environ)  # as a daemon does
    site.sources["more"] = "{folder: more}"
    site.extra = "chanels: {}"
    site.write()

    shown = site.rasid("status").stdout

    assert "1 configured" in shown
    assert f"configuration {site.config}: a start would run the last good one" in shown
    assert "unknown key 'chanels'" in shown


def test_a_configuration_that_never_was_good_lets_no_daemon_start(site: Site) -> None:
    site.extra = "chanels: {}"
    site.write()

    assert "with these faults no daemon would start:" in site.rasid("status").stdout


def test_no_secret_is_on_the_screen(site: Site, receiver: Receiver) -> None:
    receiver.answers = lambda n: 500
    url = receiver.url + "/canary-of-the-desk"
    site.channels["desk"] = "{kind: webhook, url: '${env:DESK}', retry: 1h}"
    site.write()
    with Daemon(site.config, environment={"DESK": url}) as daemon:
        site.put("one.json", ATTACK)
        daemon.wait_for("event=delivered")
        shown = site.rasid("status", env={"DESK": url})
        assert daemon.stop() == 0
    assert "canary" not in shown.output + json.dumps(daemon.lines)
