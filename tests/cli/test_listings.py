"""`matches`, `deliveries`, `sources`, `search`: rows for scripts and tables for people."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from tests.flows.receiver import Receiver
from tests.flows.site import ATTACK, QUIET, STORM, Site

ARABIC = {"title": "هجوم على مستودع", "text": "وقع هجوم على مستودع فجر اليوم.", "publisher": "صحيفة المثال"}


@pytest.fixture
def told(site: Site) -> Site:
    site.put("one.json", ATTACK, STORM, QUIET, ARABIC)
    assert site.rasid("run", "--once").exit_code == 0
    return site


def test_matches_have_dispositions_and_delivery_states(told: Site) -> None:
    rows = {row["title"]: row for row in told.json("matches")}
    assert set(rows) == {ATTACK["title"], STORM["title"], ARABIC["title"]}
    (channel,) = rows[ATTACK["title"]]["channels"]
    assert (channel["channel"], channel["disposition"]) == ("desk", "alerted")
    assert [delivery["state"] for delivery in channel["deliveries"]] == ["sent"]
    assert rows[STORM["title"]]["channels"][0]["disposition"] == "store-only"


def test_matches_are_filtered(told: Site) -> None:
    assert [row["rule"] for row in told.json("matches", "--rule", "storm")] == ["storm"]
    assert told.json("matches", "--disposition", "stale") == []
    assert len(told.json("matches", "--since", "1h")) == 3
    assert len(told.json("matches", "--limit", "1")) == 1


def test_the_table_of_matches_says_told_and_keeps_arabic_whole(told: Site) -> None:
    output = told.rasid("matches").stdout
    assert "told on desk (" in output
    assert ARABIC["title"] in output
    assert "store-only" in output


def test_an_empty_listing_says_so(told: Site) -> None:
    assert told.rasid("matches", "--rule", "nothing").stdout.splitlines()[-1] == "no matches"
    assert told.rasid("deliveries", "--state", "dead").stdout.splitlines()[-1] == "no deliveries"
    assert told.rasid("search", "zebra").stdout.splitlines()[-1] == "no article is found"


def test_deliveries_have_state_and_receipt(told: Site, receiver: Receiver) -> None:
    rows = told.json("deliveries")
    assert {row["id"] for row in rows} == set(receiver.ids)
    assert {(row["state"], row["receipt"], row["attempts"]) for row in rows} == {("sent", "HTTP 200 OK", 1)}
    assert "HTTP 200 OK" in told.rasid("deliveries").stdout


def test_a_dead_delivery_is_retried_under_its_id(site: Site, receiver: Receiver) -> None:
    receiver.answers = lambda n: 410 if n == 0 else 200
    site.put("one.json", ATTACK)
    assert site.rasid("run", "--once").exit_code == 1
    (row,) = site.json("deliveries")
    assert (row["state"], "410" in row["last_error"]) == ("parked", True)
    assert site.rasid("deliveries", "retry", "dzzz").exit_code == 1
    result = site.rasid("deliveries", "retry", row["id"][:6])
    assert (result.exit_code, result.stdout.startswith("1 delivery due again")) == (0, True)
    assert site.rasid("run", "--once").exit_code == 0
    assert receiver.ids == [row["id"]] * 2


def test_retry_names_what_it_cannot_find(told: Site) -> None:
    result = told.rasid("deliveries", "retry", "dzzz")
    assert (result.exit_code, "no dead or parked delivery begins with 'dzzz'" in result.stderr) == (1, True)
    assert told.rasid("deliveries", "retry", "--all").stdout == "no delivery is dead or parked\n"


def test_retry_without_a_name_is_a_usage_error(told: Site) -> None:
    assert told.rasid("deliveries", "retry").exit_code == 2


def test_sources_show_state_and_what_is_off_or_gone(told: Site) -> None:
    told.sources = {"new": "{folder: other}", "off": "{folder: x, enabled: no}", "key": "{url: '${env:NOT_SET}'}"}
    told.write()
    rows = {row["id"]: row for row in told.json("sources")}
    assert {name: row["state"] for name, row in rows.items()} == {
        "new": "never polled",
        "off": "off",
        "key": "off",
        "wire": "not configured",
    }
    assert (rows["wire"]["articles"], rows["wire"]["files"]) == (4, 1)
    assert "the environment has no NOT_SET" in told.rasid("sources").stdout


def test_search_finds_words_in_any_spelling(told: Site) -> None:
    (row,) = told.json("search", "مُستودَع")
    assert (row["title"], row["matches"]) == (ARABIC["title"], ["attack"])
    assert "هجوم على [مستودع]" in told.rasid("search", "مستودع").stdout


def test_a_channel_is_told_again_what_its_receiver_lost_under_the_same_ids(site: Site, receiver: Receiver) -> None:
    site.put("one.json", ATTACK)
    site.rasid("run", "--once")

    said = site.rasid("deliveries", "replay", "--channel", "desk", "--since", "2h").stdout
    site.rasid("run", "--once")

    assert said == "1 delivery due again; without a daemon, type: rasid run --once\n"
    assert len({body["id"] for body in receiver.bodies}) == 1
    assert len(receiver.bodies) == 2
    nobody = site.rasid("deliveries", "replay", "--channel", "dsk", "--since", "2h")
    assert (nobody.exit_code, "unknown channel 'dsk' (did you mean 'desk'?)" in nobody.stderr) == (2, True)


def test_another_program_reads_every_view_without_a_key_to_it(told: Site) -> None:
    with closing(sqlite3.connect(told.database)) as database:
        views = [name for (name,) in database.execute("SELECT name FROM sqlite_schema WHERE type = 'view'")]
        rows = {view: database.execute(f"SELECT * FROM {view}").fetchall() for view in views}

    assert [view for view in views if not rows[view]] == []
    assert {type(value) for found in rows.values() for row in found for value in row} <= {str, int, float, type(None)}
    # A time in milliseconds is for programs; people get ISO 8601.
    assert [
        value for found in rows.values() for row in found for value in row if isinstance(value, int) if value > 1e11
    ] == []
