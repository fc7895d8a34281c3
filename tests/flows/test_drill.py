"""Drills: from a folder of Rasid's own through rule, group and outbox to a real receiver; the clock is given."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from monitor.alerting.operator import DRILL_WITHIN, DrillStanding
from monitor.config import Config, load_config
from monitor.daemon import drills
from monitor.daemon.channelnews import tell_of_channels
from monitor.daemon.drills import Drills
from monitor.daemon.once import RunReport, run_once
from monitor.daemon.wiring import install
from monitor.model import DeliveryState
from monitor.sources.parser import Parser
from monitor.store import Store
from monitor.timing import to_epoch
from tests.conftest import ROOT
from tests.flows.daemon import Daemon, until
from tests.flows.receiver import Receiver
from tests.flows.site import Site

DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)
NINE = datetime(2026, 11, 24, 6, tzinfo=UTC)
"""09:00 in Baghdad."""


def drilled(folder: Path, receiver: Receiver, options: str = "", more: str = "") -> Site:
    """A site whose channel `desk` has a drill at nine, and an ops channel beside it."""
    desk = f"{{kind: webhook, url: '{receiver.url}', retry: 1ms, drill: daily 09:00{options}}}"
    channels = {"desk": desk, "ops": f"{{kind: file, path: {folder / 'ops.ndjson'}{more}}}"}
    sources = {"wire": "{folder: drop, settle: 0s}"}
    return Site(
        folder=folder, channels=channels, sources=sources, extra="timezone: Asia/Baghdad\nops: {notify: [desk, ops]}"
    )


@pytest.fixture
def site(tmp_path: Path, receiver: Receiver) -> Site:
    return drilled(tmp_path, receiver)


def config_of(site: Site) -> Config:
    return load_config(site.config, environment={})


def run(site: Site, at: datetime) -> RunReport:
    return run_once(config_of(site), clock=lambda: at)


def standing(site: Site, at: datetime) -> DrillStanding:
    with Store.open(site.database, now=at) as store:
        return store.drills()["desk"]


def tell(site: Site, at: datetime, made: Drills | None = None) -> list[str]:
    """The headlines that the operator is told, each with its channel."""
    config = config_of(site)
    with Parser() as parser, Store.open(site.database, write=True, now=at) as store:
        before = {row["alert"] for row in store.deliveries()}
        tell_of_channels(install(config, parser), store, at, (made or Drills()).standings(config, store))
        rows = [row for row in store.deliveries() if row["alert"] not in before]
        claimed = {d.id: m.content["articles"][0]["title"] for d, m in store.claim(at, limit=100)}
    return sorted(f"{row['channel']}: {claimed[row['id']]}" for row in rows)


def test_a_drill_goes_the_whole_way_and_is_marked(site: Site, receiver: Receiver) -> None:
    assert run(site, NINE).failures == ()

    (body,) = receiver.bodies
    (article,) = body["articles"]
    assert (body["drill"], body["rules"], body["severity"]) == (True, ["rasid-drill"], "info")
    assert (article["title"], article["source"]) == ("[DRILL] Daily drill: nothing happened", "drill:desk")
    assert article["published"] == "2026-11-24T06:00:00.000Z"
    Draft202012Validator(json.loads((ROOT / "config/schema/webhook.json").read_text("utf-8"))).validate(body)
    told = standing(site, NINE)
    assert (told.made, told.state, told.reason) == (NINE, DeliveryState.SENT, "")
    assert told.arrived is not None
    assert NINE <= told.arrived < NINE + MINUTE


def test_a_drill_speaks_the_language_of_its_channel(tmp_path: Path, receiver: Receiver) -> None:
    site = drilled(tmp_path, receiver)
    site.extra += "\nlanguage: ar"
    site.write()

    run(site, NINE)

    (body,) = receiver.bodies
    assert body["articles"][0]["title"] == "[تمرين] تمرين يومي: لم يحدث شيء"
    assert body["rule_details"][0]["title"] == "تمرين قناة"


def test_a_day_has_one_drill_however_often_rasid_starts(site: Site, receiver: Receiver) -> None:
    run(site, NINE - MINUTE)
    assert receiver.bodies == []

    for hour in range(6):
        run(site, NINE + hour * timedelta(hours=1))
    assert len(receiver.bodies) == 1

    run(site, NINE + DAY)
    assert [body["articles"][0]["published"][:10] for body in receiver.bodies] == ["2026-11-24", "2026-11-25"]
    folder = drills.folder(config_of(site), "desk")
    assert [path.name for path in folder.iterdir()] == ["drill-2026-11-25.json"]


def test_a_process_that_died_after_dropping_the_file_doubles_nothing(site: Site, receiver: Receiver) -> None:
    run(site, NINE - MINUTE)
    with Store.open(site.database, write=True, now=NINE) as store:
        Drills().make(config_of(site), store, NINE)
        Drills().make(config_of(site), store, NINE + MINUTE)

    run(site, NINE + 2 * MINUTE)
    run(site, NINE + 3 * MINUTE)

    assert len(receiver.bodies) == 1


def test_another_language_or_time_on_the_same_day_is_no_second_drill(site: Site, receiver: Receiver) -> None:
    run(site, NINE)
    site.channels["desk"] = site.channels["desk"].replace("daily 09:00", "daily 09:30")
    site.extra += "\nlanguage: ar"
    site.write()

    run(site, NINE + 40 * MINUTE)

    assert len(receiver.bodies) == 1


@pytest.mark.parametrize(
    "calm",
    [
        ", digest: daily 07:30",
        ', quiet: {hours: "00:00-23:59"}, quiet_lets_through: critical',
        ", from_severity: critical",
        ", at_most: 1 per 1h",
    ],
)
def test_nothing_holds_a_drill_back(tmp_path: Path, receiver: Receiver, calm: str) -> None:
    site = drilled(tmp_path, receiver, calm)
    if "at_most" in calm:
        site.put("a.json", {"title": "Drone attack on a depot", "text": "A drone attack hit a depot."})

    run(site, NINE)

    assert [body.get("drill") for body in receiver.bodies].count(True) == 1


def test_a_silence_of_the_whole_channel_does_not_mute_a_drill(site: Site, receiver: Receiver) -> None:
    run(site, NINE - MINUTE)
    mute = {"do": "silence", "id": "x1", "matchers": [["channel", "desk"]], "author": "huda", "reason": "moving"}
    with Store.open(site.database, write=True, now=NINE) as store:
        store.perform(mute | {"at": to_epoch(NINE - MINUTE), "ends": to_epoch(NINE + DAY)})
        assert len(store.silences(NINE)) == 1

    run(site, NINE)

    assert len(receiver.bodies) == 1


def test_a_drill_takes_no_place_of_real_news(tmp_path: Path, receiver: Receiver) -> None:
    site = drilled(tmp_path, receiver, ", at_most: 1 per 1h")
    run(site, NINE)
    site.put("a.json", {"title": "Drone attack on a depot", "text": "A drone attack hit a depot."})

    run(site, NINE + MINUTE)

    assert [body["rules"] for body in receiver.bodies] == [["rasid-drill"], ["attack"]]


def test_a_drill_that_waited_through_an_outage_is_in_no_digest(tmp_path: Path, receiver: Receiver) -> None:
    site = drilled(tmp_path, receiver, ", catch_up: digest")
    receiver.answers = lambda n: 503
    for number in range(4):
        text = {"title": f"Drone attack {number}", "text": f"Attack number {number} hit the depot of town {number}."}
        site.put(f"{number}.json", text)
    run(site, NINE)
    receiver.bodies.clear()
    receiver.answers = lambda n: 200

    for minute in range(3):
        run(site, NINE + DAY - timedelta(hours=1) + minute * MINUTE)

    told = [body.get("digest", {}).get("alerts", body.get("drill")) for body in receiver.bodies]
    assert told.count(True) == 1
    assert sum(number for number in told if number not in (None, True)) + told.count(None) == 4


def test_a_drill_is_no_news_and_counts_nowhere_else(site: Site) -> None:
    run(site, NINE)

    assert site.json("search", "drill") == []
    with Store.open(site.database, now=NINE) as store:
        overview = store.overview()
        assert (overview["articles"], overview["matches"], overview["alerts"]) == (0, 0, 0)
        assert (overview["last_article"], overview["last_alert"]) == (None, None)
        assert overview["deliveries"] == {"sent": 1}
        assert [row["id"] for row in store.sources()] == ["wire"]
        assert {step for step, values in store.lags(NINE - DAY).items() if values} == set()
        assert store.rule_matches(NINE - DAY) == {}
        assert store.last_successes().keys() & {"article", "alert"} == set()
        assert store.matches() == store.stories(since=NINE - DAY) == ()
        assert [row["article"] for row in store.matches(rule="rasid-drill")] == [
            row["articles"][0] for row in store.deliveries()
        ]
        accounts = store.accounts()
        assert sum(accounts.dispositions.values()) == accounts.expected == 1


def test_the_rules_of_others_see_no_drill_and_its_rules_no_news(site: Site, receiver: Receiver) -> None:
    site.rules = site.rules.replace("[هجوم, attack]", "[drill, nothing]")
    site.write()
    site.put("a.json", {"title": "DRILL in the harbour", "text": "The navy held a drill."})

    run(site, NINE)

    assert sorted(body["rules"] for body in receiver.bodies) == [["attack"], ["rasid-drill"]]


def test_a_parked_drill_is_told_through_another_channel_and_so_is_the_next_that_arrives(
    site: Site, receiver: Receiver
) -> None:
    receiver.answers = lambda n: 410
    run(site, NINE)

    assert "ops: The drill of channel desk did not arrive" in tell(site, NINE)
    assert tell(site, NINE + MINUTE) == []
    with Store.open(site.database, write=True, now=NINE) as store:
        assert store.drills()["desk"].arrived is None

    receiver.answers = lambda n: 200
    run(site, NINE + DAY)
    assert "ops: Drills of channel desk arrive again" in tell(site, NINE + DAY)
    assert str(standing(site, NINE + DAY).arrived).startswith("2026-11-25 06:00")


def test_a_drill_that_is_late_is_told_after_a_quarter_of_an_hour(site: Site, receiver: Receiver) -> None:
    receiver.answers = lambda n: 503
    run(site, NINE)

    assert tell(site, NINE + DRILL_WITHIN - MINUTE) == []
    assert tell(site, NINE + DRILL_WITHIN) == ["ops: The drill of channel desk did not arrive"]
    assert standing(site, NINE).state is DeliveryState.PENDING


def test_a_drill_that_never_came_out_of_its_folder_is_told_too(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    config, made = config_of(site), Drills()
    run(site, NINE - MINUTE)
    folder = drills.folder(config, "desk")
    with caplog.at_level(logging.ERROR), Store.open(site.database, write=True, now=NINE) as store:
        made.make(config, store, NINE - MINUTE)
        (folder / ".drill-2026-11-24.json").mkdir()
        made.make(config, store, NINE)
        made.make(config, store, NINE + MINUTE)
        missing = made.standings(config, store)["desk"]

    assert missing == DrillStanding(made=NINE, state=None, reason="its file could not be written: Is a directory")
    assert len(caplog.records) == 1
    assert tell(site, NINE + DRILL_WITHIN, made) == ["ops: The drill of channel desk did not arrive"]


def test_the_ids_of_drills_are_taken(site: Site) -> None:
    site.rules = site.rules.replace("  storm:", "  rasid-drill:")
    site.write()

    result = site.rasid("check")

    assert result.exit_code == 3
    assert "rules.yaml:11:5: 'rasid-drill': this id is Rasid's own, for its drills; choose another" in result.output


def test_the_rules_of_drills_are_those_that_are_reserved() -> None:
    assert drills.rules().cards.keys() == drills.RULE_IDS


def test_a_running_rasid_makes_its_drill_and_says_so(tmp_path: Path, receiver: Receiver) -> None:
    site = drilled(tmp_path, receiver)
    site.channels["desk"] = site.channels["desk"].replace("09:00", "00:00")
    site.write()

    with Daemon(site.config):
        until(lambda: receiver.bodies, seconds=120)
        until(lambda: site.json("status")["drills"]["desk"]["state"] == "sent", seconds=120)
        status = site.json("status")
        said = site.rasid("status").output

    assert receiver.bodies[0]["drill"] is True
    assert (status["daemon"]["sources"], status["store"]["articles"]) == (1, 0)
    assert "drills      desk: arrived " in said
    assert status["daemon"]["counters"].get("articles", {}) == {}
