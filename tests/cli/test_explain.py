"""`rasid explain`: why told and why not, for an article, a file, a code and a named rule."""

from __future__ import annotations

import re
import shutil

import pytest

from tests.flows.receiver import Receiver
from tests.flows.site import ATTACK, QUIET, STORM, Site


@pytest.fixture
def told(site: Site) -> Site:
    site.put("one.json", ATTACK, STORM, QUIET)
    assert site.rasid("run", "--once").exit_code == 0
    return site


def article(site: Site, title: object) -> str:
    (row,) = [row for row in site.json("matches") if row["title"] == title]
    return str(row["article"])


def explain(site: Site, *arguments: str) -> str:
    result = site.rasid("explain", *arguments)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_an_article_that_was_told(told: Site) -> None:
    lines = explain(told, article(told, ATTACK["title"])[:8]).splitlines()
    assert lines[0] == "Drone attack on a depot"
    assert re.fullmatch(r"  in story s[0-9a-f]{8} \(1 article\): the first of its story", lines[2])
    assert lines[3] == "attack high: هجوم في الأخبار"
    assert lines[4:6] == ["    Drone [attack] on a depot", "    A drone [attack] hit a depot at dawn.…"]
    assert re.fullmatch(
        r"  Told on desk at \d\d:\d\d \([A-Z0-9]{4}: first news of its group\): delivered, HTTP 200 OK", lines[6]
    )


def test_why_is_the_same_command(told: Site) -> None:
    one = article(told, ATTACK["title"])
    assert told.rasid("why", one).stdout == explain(told, one)


def test_the_same_bytes_again_are_said_in_words(told: Site, receiver: Receiver) -> None:
    shutil.copy(told.drop / "processed" / "one.json", told.drop / "again.json")
    assert told.rasid("run", "--once").exit_code == 0
    output = explain(told, article(told, ATTACK["title"]))
    assert re.search(r"^Dropped again at \d\d:\d\d with the same bytes: already known, nothing told$", output, re.M)
    assert len(receiver.bodies) == 1


def test_a_match_that_no_channel_wanted(told: Site) -> None:
    output = explain(told, article(told, STORM["title"]))
    assert "  Not told anywhere: the rule notifies no channel" in output


def test_a_file_is_found_by_its_bytes(told: Site) -> None:
    output = explain(told, str(told.drop / "processed" / "one.json"))
    assert "Told on desk at" in output
    assert "No rule matched." in output  # of the third article


def test_a_file_that_was_never_dropped_is_tried(told: Site) -> None:
    path = told.folder / "new.txt"
    path.write_text("A headline\n\nAn attack was reported in the harbour.")
    output = explain(told, str(path))
    assert "was never taken by a source" in output
    assert "An [attack] was reported" in output


def test_a_file_is_tried_before_there_is_a_database(site: Site) -> None:
    path = site.folder / "new.txt"
    path.write_text("A headline\n\nNothing happened in the harbour.")
    assert "No rule matched." in explain(site, str(path))


def test_a_code_shows_its_group_and_its_articles(told: Site) -> None:
    code = told.json("deliveries")[0]["code"]
    output = explain(told, code.lower())
    assert output.startswith(f"{code}  story=")
    assert re.search(r"  on desk: told at \d\d:\d\d, quiet until ", output)
    assert "Drone attack on a depot" in output


def test_a_folded_match_says_into_what_and_until_when(site: Site) -> None:
    site.rules = site.rules.replace("throttle: 2h", "throttle: 2h, group_by: [rule]")
    site.write()
    site.put("one.json", ATTACK)
    site.rasid("run", "--once")
    site.put("two.json", {"title": "Second attack", "text": "Another attack was reported in the north."})
    site.rasid("run", "--once")
    output = explain(site, article(site, "Second attack"))
    pattern = r"  Not told on desk: folded into [A-Z0-9]{4} \(sent [^)]*\d\d:\d\d\), quiet until .*\d\d:\d\d"
    assert re.search(pattern, output), output


def test_a_named_rule_says_what_it_lacked(told: Site) -> None:
    output = explain(told, article(told, ATTACK["title"]), "storm")
    assert "storm" in output
    assert re.search(r"\bcoast\b", output)


def test_an_unknown_rule_is_an_error_with_the_known_ones(told: Site) -> None:
    result = told.rasid("explain", article(told, ATTACK["title"]), "strom")
    assert (result.exit_code, "there is no rule 'strom' (did you mean 'storm'?)" in result.stderr) == (1, True)


def test_a_rule_that_is_off_says_so(told: Site) -> None:
    told.rules += "  quiet: {title: Off for now, status: off, match: {any: [peace]}}\n"
    told.write()
    assert "quiet is not active: " in explain(told, article(told, ATTACK["title"]), "quiet")


def test_what_is_known_nowhere_is_an_error(told: Site) -> None:
    result = told.rasid("explain", "a0000000")
    assert (result.exit_code, "'a0000000' is no article, no alert, no file and no code" in result.stderr) == (1, True)


def test_a_file_that_holds_no_article_is_named_with_the_reason(told: Site) -> None:
    path = told.folder / "photo.png"
    path.write_bytes(b"\x89PNG")
    result = told.rasid("explain", str(path))
    assert (result.exit_code, result.stderr.startswith(f"{path}: unknown kind of file '.png'")) == (1, True)


def test_a_dropped_file_that_was_not_understood_says_why(told: Site) -> None:
    (told.drop / "broken.json").write_text('{"title": "cut off')
    assert told.rasid("run", "--once").exit_code == 1
    output = explain(told, str(told.drop / "failed" / "broken.json"))
    assert "broken.json: taken by wire at" in output
    assert "and not understood: " in output


def test_an_edited_article_shows_both_versions_and_what_was_withdrawn(site: Site, receiver: Receiver) -> None:
    site.channels = {"desk": "{kind: webhook, url: '${env:NOT_SET}'}"}
    site.write()
    first = {"id": "1", "title": "Fire at a depot", "text": "An attack is suspected in the fire at the depot."}
    site.put("one.json", first)
    site.rasid("run", "--once")
    site.put("two.json", first | {"text": "A fault is suspected in the fire at the depot."})
    site.rasid("run", "--once")
    (row,) = site.json("matches")
    output = explain(site, row["article"])
    assert "version 2, changed" in output
    assert "Version 2 of the article no longer holds it" in output
    assert "Not yet told on desk since" in output
