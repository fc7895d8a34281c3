"""`rasid silence`: what it mutes, what it says, what it refuses; and that a muted match is kept and explained."""

from __future__ import annotations

import getpass

import pytest

from tests.flows.receiver import Receiver
from tests.flows.site import ATTACK, Site


@pytest.fixture
def told(site: Site) -> Site:
    site.put("one.json", ATTACK)
    assert site.rasid("run", "--once").exit_code == 0
    return site


def _code(site: Site) -> str:
    return str(site.json("deliveries")[0]["code"])


def test_a_silenced_rule_is_stored_told_to_nobody_and_explained(told: Site, receiver: Receiver) -> None:
    said = told.rasid("silence", "rule=attack", "2h", "exercise", "announced", "--author", "huda")
    told.put("two.json", {"title": "Attack on a bridge", "text": "An attack closed a bridge.", "id": "bridge"})
    summary = told.rasid("run", "--once").stdout.splitlines()[-1]

    (silence,) = told.json("silence")
    rows = {row["title"]: row["channels"][0]["disposition"] for row in told.json("matches")}

    assert summary == "1 match (not told: 1 silenced); no alerts, no deliveries sent."
    assert "1 silence holds; which: rasid silence" in told.rasid("status").stdout
    assert said.stdout.startswith("Silenced until ")
    assert said.stdout.endswith(f"rule attack. To end it: rasid silence --lift {silence['id']}\n")
    assert (silence["matchers"], silence["author"]) == ({"rule": "attack"}, "huda")
    assert rows == {ATTACK["title"]: "alerted", "Attack on a bridge": "silenced"}
    assert len(receiver.bodies) == 1
    (row,) = (row for row in told.json("search", "bridge"))
    assert "by huda: exercise announced" in told.rasid("explain", row["id"]).stdout


def test_a_lifted_silence_lets_news_through_again(told: Site, receiver: Receiver) -> None:
    told.rasid("silence", "rule=attack", "severity=high", "2h")
    (silence,) = told.json("silence")
    lifted = told.rasid("silence", "--lift", silence["id"])
    told.put("two.json", {"title": "Attack on a bridge", "text": "An attack closed a bridge."})
    told.rasid("run", "--once")

    assert lifted.stdout == f"Lifted {silence['id']}: what comes from now on is told again.\n"
    assert told.rasid("silence").stdout.splitlines()[-1] == "nothing is silenced"
    assert "no reason given" in told.rasid("silence", "--all").stdout
    assert len(receiver.bodies) == 2


def test_the_line_of_a_message_works_as_it_stands(told: Site) -> None:
    code = _code(told)
    assert told.rasid("silence", code.lower(), "2h").exit_code == 0
    assert told.json("silence")[0]["matchers"] == {"code": code}
    assert told.json("silence")[0]["author"] == getpass.getuser()


def test_a_rule_that_never_ran_can_be_silenced(told: Site) -> None:
    told.rules += "  floods: {match: flood}\n"
    told.write()
    assert told.rasid("silence", "rule=floods", "2h").exit_code == 0
    assert told.json("silence")[0]["matchers"] == {"rule": "floods"}
    assert "did you mean 'floods'?" in told.rasid("silence", "rule=flods", "2h").stderr


@pytest.mark.parametrize(
    ("words", "exit_code", "message"),
    [
        (("rule=attack",), 2, "for how long? Write a duration, such as 2h"),
        (("rule=attack", "soon"), 2, "'soon' is not a duration"),
        (("rule=attack", "0s"), 2, "lasts more than nothing and at most a year"),
        (("rule=attack", "2y"), 2, "lasts more than nothing and at most a year"),
        (("attack", "2h"), 2, "'attack' is neither a code nor label=value; labels are rule, entity"),
        (("2h",), 2, "'2h' is neither a code nor label=value"),
        (("ruel=attack", "2h"), 1, "unknown label 'ruel' (did you mean 'rule'?)"),
        (("severity=hihg", "2h"), 1, "there is no severity 'hihg' (did you mean 'high'?)"),
        (("rule=atack", "2h"), 1, "there is no rule 'atack' (did you mean 'attack'?)"),
        (("source=wier", "2h"), 1, "there is no source 'wier' (did you mean 'wire'?)"),
        (("channel=dask", "2h"), 1, "there is no channel 'dask' (did you mean 'desk'?)"),
        (("ZZZZ", "2h"), 1, "no alert has the code 'ZZZZ'; see: rasid matches"),
        (("--lift", "x1"), 1, "no silence 'x1' holds now; see: rasid silence"),
        (("rule=attack", "2h", "--lift", "x1"), 2, "one at a time"),
    ],
)
def test_what_cannot_be_silenced_is_refused_in_words(
    told: Site, words: tuple[str, ...], exit_code: int, message: str
) -> None:
    refused = told.rasid("silence", *words)
    assert refused.exit_code == exit_code
    assert message in refused.output
    assert told.json("silence") == []
