"""Every seed, read as a drop folder reads it, matches exactly the rules and entities that EXPECT.yaml says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from monitor.model import Article
from monitor.rulefiles import load_rules
from monitor.rules.engine import Ruleset
from monitor.sources import read_file
from monitor.sources.parser import Parser
from monitor.text.fingerprint import words
from monitor.yamltext import parse
from tests.conftest import ROOT

FOLDER = ROOT / "seeds" / "folder"
NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
LEFTOVERS = ("ذات صلة", "اترك تعليق", "زر الذهاب", "اقرأ أيضا", "Leave a", "Related articles", "Back to top")


def expected() -> Mapping[str, list[Mapping[str, Any]]]:
    located, problems = parse((ROOT / "seeds" / "EXPECT.yaml").read_bytes(), "EXPECT.yaml")
    assert located is not None, problems
    files: Mapping[str, list[Mapping[str, Any]]] = located.data["files"]
    return files


@pytest.fixture(scope="module")
def pack() -> Ruleset:
    return load_rules(ROOT / "rules")


@pytest.fixture(scope="module")
def parser() -> Iterator[Parser]:
    with Parser(workers=1) as parser:
        yield parser


def read(name: str, parser: Parser) -> tuple[Article, ...]:
    return read_file(name, (FOLDER / name).read_bytes(), source="seeds", parser=parser, now=NOW)


def test_every_file_of_the_folder_is_expected() -> None:
    assert sorted(path.name for path in FOLDER.iterdir()) == sorted(expected())


def test_folder_holds_every_format_and_enough_articles() -> None:
    assert {Path(name).suffix for name in expected()} == {".txt", ".html", ".json", ".ndjson", ".xml", ".atom"}
    assert sum(map(len, expected().values())) >= 44


def test_about_half_of_the_articles_are_look_alikes_and_every_rule_has_one_that_matches() -> None:
    items = [item for articles in expected().values() for item in articles]
    assert sum("because" in item for item in items) >= 20
    assert {rule for item in items for rule in item.get("matches", {})} == {
        "base-attacked",
        "base-alarm",
        "missile-or-drone-attack",
        "ship-attacked",
        "cyber-incident",
        "earthquake",
    }


@pytest.mark.parametrize("name", expected())
def test_seed_is_read_with_its_titles_and_publishers(name: str, parser: Parser) -> None:
    articles = read(name, parser)
    assert [article.title for article in articles] == [item["title"] for item in expected()[name]]
    declared = [
        item.get("publisher", article.publisher) for item, article in zip(expected()[name], articles, strict=True)
    ]
    assert [article.publisher for article in articles] == declared


@pytest.mark.parametrize("name", expected())
def test_seed_matches_exactly_what_is_expected(name: str, parser: Parser, pack: Ruleset) -> None:
    found = [
        {match.rule: sorted(match.entities) for match in pack.match(article)}  #
        for article in read(name, parser)
    ]
    assert found == [dict(item.get("matches", {})) for item in expected()[name]]


@pytest.mark.parametrize("name", expected())
def test_seed_either_matches_or_says_why_not(name: str) -> None:
    assert [item for item in expected()[name] if ("matches" in item) == ("because" in item)] == []


@pytest.mark.parametrize("name", [name for name in expected() if name.endswith(".txt")])
def test_leftovers_of_a_scraped_page_are_kept_apart(name: str, parser: Parser) -> None:
    (article,) = read(name, parser)
    assert article.boilerplate
    assert [mark for mark in LEFTOVERS if mark in article.text] == []


def test_copies_carry_the_same_text_under_another_publisher_and_title(parser: Parser) -> None:
    pairs = [
        (name, item["same_text_as"]) for name, items in expected().items() for item in items if "same_text_as" in item
    ]
    assert len(pairs) == 2
    for name, original in pairs:
        (copy,), (first,) = read(name, parser), read(original, parser)
        assert words(copy.text) == words(first.text)
        assert copy.publisher != first.publisher
        assert copy.id != first.id


def test_only_the_old_article_is_older_than_two_days(parser: Parser) -> None:
    stale = [
        item["title"]
        for name, items in expected().items()
        for item, article in zip(items, read(name, parser), strict=True)
        if article.published is not None and NOW - article.published > timedelta(hours=48)
    ]
    assert stale == [
        item["title"] for items in expected().values() for item in items if item.get("disposition") == "stale"
    ]
    assert len(stale) == 1
