"""`rasid stories`: rows for scripts, a table for people, and one story with why each article joined."""

from __future__ import annotations

from typing import Any

import pytest

from tests.flows.site import Site

ROCKETS = {
    "title": "Rockets hit base",
    "text": "Two rockets struck the Ain Nakhil base on Monday, wounding five soldiers, a spokesman said.",
    "publisher": "Daily Courier",
}
COPY = ROCKETS | {"title": "قصف قاعدة", "publisher": "صحيفة المثال"}
RETOLD = {
    "title": "Soldiers hurt at Ain Nakhil",
    "text": "Five soldiers were wounded on Monday when two rockets hit the Ain Nakhil base, a spokesman said.",
    "publisher": "news.example",
}
BREAD = {"title": "Prices steady", "text": "Bread prices did not move this week, says the ministry."}


@pytest.fixture
def told(site: Site) -> Site:
    site.put("one.json", ROCKETS, COPY, RETOLD, BREAD)
    assert site.rasid("run", "--once").exit_code == 0
    return site


def rockets(told: Site) -> dict[str, Any]:
    (row,) = told.json("stories", "--least", "2")
    return dict(row)


def test_stories_are_rows_with_how_many_tell_them(told: Site) -> None:
    row = rockets(told)

    assert (row["title"], row["size"], row["publishers"], row["independent"]) == ("Rockets hit base", 3, 3, 2)
    assert len(told.json("stories")) == len(told.json("stories", "--since", "1h")) == 2
    assert len(told.json("stories", "--limit", "1")) == 1


def test_stories_are_a_table_for_people(told: Site) -> None:
    output = told.rasid("stories").stdout

    assert [line.split()[1:4] for line in output.splitlines() if "Rockets hit base" in line] == [["3", "3", "2"]]
    assert "Prices steady" in output
    assert told.rasid("stories", "--least", "9").stdout.splitlines()[-1] == "no stories"


def test_a_story_is_shown_with_why_each_article_joined(told: Site) -> None:
    row = rockets(told)
    output = told.rasid("stories", row["id"][:9]).stdout

    assert output.startswith(f"Rockets hit base\n  {row['id']} · 3 articles · 3 publishers · 2 independent\n")
    assert "wire: the first of its story\n  Rockets hit base · Daily Courier\n" in output
    assert f"wire: the same text as article {row['head']}, 0s apart\n  قصف قاعدة · صحيفة المثال\n" in output
    assert f"wire: rewrite of article {row['head']}: 2 numbers and 2 names agree, " in output
    assert told.rasid("stories", row["head"]).stdout == output
    assert told.rasid("stories", row["id"], "--limit", "1").stdout.endswith("… and 2 more: --limit 3\n")


def test_a_story_is_one_json_object(told: Site) -> None:
    story = told.json("stories", rockets(told)["id"])

    assert [article["relation"] for article in story["articles"]] == ["separate", "copy", "rewrite"]


def test_an_unknown_story_is_named(told: Site) -> None:
    result = told.rasid("stories", "s-nothing")

    assert (result.exit_code, "there is no story or article 's-nothing'" in result.stderr) == (1, True)


def test_explain_says_why_an_article_joined_its_story(told: Site) -> None:
    story = told.json("stories", rockets(told)["id"])
    head, copy, _ = (article["id"] for article in story["articles"])

    assert (
        f"  in story {story['id'][:9]} (3 articles): the first of its story\n" in told.rasid("explain", head).stdout
    )
    assert f"(3 articles): the same text as article {head}, 0s apart\n" in told.rasid("explain", copy).stdout
