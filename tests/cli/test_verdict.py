"""`rasid verdict`: what people say of alerts, by code, and where it is shown."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from monitor.store import Store
from tests.flows.receiver import Receiver
from tests.flows.site import ATTACK, QUIET, STORM, Site

AT_ONCE = {"title": "Rocket attack at the port", "text": "A rocket attack hit the port of the town on Sunday."}


def told(site: Site, receiver: Receiver) -> list[str]:
    """Two alerts of one rule; their codes."""
    site.put("one.json", ATTACK, AT_ONCE, QUIET, STORM)
    assert site.rasid("run", "--once").exit_code == 0
    return [body["code"] for body in receiver.bodies]


def test_an_alert_is_judged_by_its_code_and_judged_again(site: Site, receiver: Receiver) -> None:
    first, second = told(site, receiver)
    assert site.rasid("verdict", first.lower(), "useful").stdout.splitlines() == [
        f"{first} is useful: attack",
        "  attack: 1 useful, 0 noise: 100 %",
    ]
    assert (
        "attack: 1 useful, 1 noise: 50 %" in site.rasid("verdict", second, "noise", "--note", "an old story").stdout
    )
    assert "attack: 0 useful, 2 noise: 0 %" in site.rasid("verdict", first, "noise").stdout


def test_verdicts_are_listed_with_who_and_why(site: Site, receiver: Receiver) -> None:
    first, second = told(site, receiver)
    site.rasid("verdict", first, "noise", "--note", "تمرين معلن", "--author", "huda")
    (row,) = site.json("verdict")
    assert (row["code"], row["verdict"], row["by"], row["note"], row["rules"]) == (
        first, "noise", "huda", "تمرين معلن", ["attack"],
    )  # fmt: skip
    listed = site.rasid("verdict").stdout
    assert "تمرين معلن" in listed and "huda" in listed and second not in listed
    assert site.json("verdict", "--rule", "storm") == []
    assert "no verdicts" in site.rasid("verdict", "--rule", "storm").stdout


def test_an_alerts_id_is_as_good_as_its_code(site: Site, receiver: Receiver) -> None:
    told(site, receiver)
    alert = receiver.bodies[0]["alert"]
    (row,) = site.json("verdict", alert[:8], "useful")
    assert row["alert"] == alert


def test_status_and_rules_show_the_precision_of_each_rule(site: Site, receiver: Receiver) -> None:
    first, second = told(site, receiver)
    assert "verdicts" not in site.rasid("status").stdout
    site.rasid("verdict", first, "useful")
    site.rasid("verdict", second, "noise")
    assert "verdicts    attack: 1 useful, 1 noise: 50 %" in site.rasid("status").stdout
    assert site.json("status")["verdicts"] == {"attack": {"useful": 1, "noise": 1, "precision": 0.5}}
    assert "50 % of 2" in site.rasid("rules").stdout
    rows = {row["id"]: row["verdicts"] for row in site.json("rules")}
    assert rows["attack"]["precision"] == 0.5
    assert rows["storm"] == {"useful": 0, "noise": 0, "precision": None}


def test_what_is_no_alert_or_no_verdict_is_said(site: Site, receiver: Receiver) -> None:
    first, _ = told(site, receiver)
    unknown = site.rasid("verdict", "ZZZZ", "useful")
    assert (unknown.exit_code, "no alert has the code or id 'ZZZZ'" in unknown.stderr) == (1, True)
    assert site.rasid("verdict", first).exit_code == 2
    assert site.rasid("verdict", first, "good").exit_code == 2
    assert site.rasid("verdict", "--note", "why").exit_code == 2


def test_the_verdict_goes_through_whoever_holds_the_database(site: Site, receiver: Receiver) -> None:
    first, _ = told(site, receiver)
    with Store.open(site.database, write=True, now=datetime.now(UTC)):
        result = site.rasid("verdict", first, "noise", "--json")
    assert json.loads(result.stdout)[0]["verdict"] == "noise"
