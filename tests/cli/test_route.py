"""`rasid route`: who would be told, when, and why not now; nothing is sent."""

from __future__ import annotations

import pytest

from tests.flows.receiver import Receiver
from tests.flows.site import ATTACK, Site


@pytest.fixture
def calm(site: Site) -> Site:
    options = site.channels["desk"].removesuffix("}")
    site.channels["desk"] = f'{options}, quiet: {{hours: "22:00-06:00"}}, quiet_lets_through: critical}}'
    site.channels["night"] = f"{options}, from_severity: critical, at_most: 5 per 1h}}"
    site.write()
    return site


def test_it_says_for_each_channel_when_it_would_be_told(calm: Site, receiver: Receiver) -> None:
    said = calm.rasid("route", "--rule", "attack", "--at", "2031-11-27 23:10").stdout

    assert said.splitlines() == [
        "A match of attack (high) at 27 Nov 2031 23:10 (UTC):",
        "  desk: told at 28 Nov 2031 06:00 (gathered for 30 s first; held: the channel has quiet hours)",
        "  night: not told: stored only: the channel takes critical and above",
    ]
    assert receiver.bodies == []


def test_a_severity_of_its_own_passes_what_the_rules_does_not(calm: Site) -> None:
    rows = calm.json("route", "--rule", "attack", "--at", "2026-11-27T23:10", "--severity", "critical")

    assert [(row["channel"], row["told_at"]) for row in rows] == [
        ("desk", "2026-11-27T23:10:30+00:00"),
        ("night", "2026-11-27T23:10:30+00:00"),
    ]


def test_it_knows_the_silences_of_the_store(calm: Site) -> None:
    calm.put("one.json", ATTACK)
    calm.rasid("run", "--once")
    calm.rasid("silence", "rule=attack", "2h", "exercise")

    rows = calm.json("route", "--rule", "attack")

    assert "exercise" in rows[0]["reasons"][0]
    assert calm.json("route", "--rule", "attack", "--at", "+3d", "--severity", "critical")[0]["told_at"]


def test_a_rule_that_tells_nobody_says_so(calm: Site) -> None:
    calm.rules = calm.rules.replace("    note: Call", "    status: trial\n    note: Call")
    calm.write()

    said = calm.rasid("route", "--rule", "attack", "--at", "2026-11-27").stdout

    assert said.splitlines()[1] == "  nobody: not told: the rule is on trial: stored and counted, told to nobody"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--rule", "atack"], "unknown rule 'atack' (did you mean 'attack'?)"),
        (["--rule", "attack", "--at", "soon"], "--at: 'soon' is not a time; write for example '2026-11-27 23:10'"),
        (["--rule", "attack", "--at", "+soon"], "--at: 'soon' is not a duration"),
    ],
)
def test_a_slip_is_a_usage_error(calm: Site, arguments: list[str], message: str) -> None:
    result = calm.rasid("route", *arguments)

    assert result.exit_code == 2
    assert message in result.stderr
