"""A rule's explanation on the screen: the verdict, each clause with its sign, the sentences it is about."""

from __future__ import annotations

from typing import Any

from monitor.cli import _tree
from monitor.rules.explain import Explanation
from tests.rules.build import article, ruleset

LISTS = {"attack": {"words": ["attack", "هجوم"], "not_part_of": ["heart attack"]}, "drill": {"words": ["drill"]}}


def explained(match: Any, text: str, title: str = "") -> Explanation:
    return ruleset({"r": match}, lists=LISTS).explain(article(text, title), "r")


def verdict(match: Any, text: str, title: str = "") -> list[str]:
    return list(_tree.verdict(explained(match, text, title)))


def tree(match: Any, text: str, title: str = "") -> list[str]:
    return list(_tree.tree(explained(match, text, title)))


def test_a_match_says_so() -> None:
    assert verdict("$attack", "An attack.") == ["r matches this article."]


def test_a_miss_names_what_stands_in_the_way_and_nothing_else() -> None:
    match = {"all": ["$attack", ["harbour", "port"]], "within": "sentence", "none": ["$drill"]}
    assert verdict(match, "An attack drill in the port.") == [
        "r does not match this article:",
        "  blocked by none: drill",
    ]
    assert verdict(match, "An attack. The port.") == [
        "r does not match this article:",
        "  within sentence — found in one paragraph, but not in one sentence",
    ]


def test_of_alternatives_that_all_fail_what_nearly_held_is_named() -> None:
    match = ["$attack", {"all": ["raid", "port"]}]
    assert verdict(match, "A heart attack.") == [
        "r does not match this article:",
        "  $attack — 'attack' only stands inside not_part_of: heart attack",
    ]
    assert verdict(match, "Bread.") == [
        "r does not match this article:",
        "  any of these: $attack, (raid with port) — not found",
    ]


def test_several_obstacles_take_a_line_each() -> None:
    assert verdict({"all": ["$attack", "port"], "fields": ["title"]}, "An attack in the port.") == [
        "r does not match this article:",
        "  $attack — in title only, found in lead",
        "  port — in title only, found in lead",
    ]


def test_each_clause_stands_with_what_it_found() -> None:
    match = {"all": [["$attack", "raid"], "port"], "within": "sentence", "none": ["$drill"]}
    assert tree(match, "An attack in the port.") == [
        "  ✓ all of these, within sentence",
        "    ✓ any of these",
        "      ✓ $attack: attack (first paragraph)",
        "      · raid — not found",
        "    ✓ port: port (first paragraph)",
        "    ✓ within sentence",
        "    ✓ none within sentence: $drill",
    ]


def test_a_clause_that_is_not_needed_hides_what_is_below_it() -> None:
    assert tree(["$attack", {"all": ["raid", "port"]}], "An attack.") == [
        "  ✓ any of these",
        "    ✓ $attack: attack (first paragraph)",
        "    · all of these",
    ]


def test_many_words_are_cut() -> None:
    words = ["one", "two", "three", "four", "five"]
    (line,) = [line for line in tree("$attack", "attack") if "attack" in line]
    assert line == "  ✓ $attack: attack (first paragraph)"
    made = ruleset({"r": "$w"}, lists={"w": {"words": words}}).explain(article(" ".join(words), "one"), "r")
    (line,) = _tree.tree(made)
    assert line.endswith("two (first paragraph), three (first paragraph) and 2 more")


def test_arabic_words_keep_their_order_on_a_line() -> None:
    (line,) = tree("$attack", "وقع هجوم", "بالهجوم")
    assert line == "  ✓ $attack: بالهجوم\u200e (title), هجوم\u200e (first paragraph)"
    assert tree("هجوم", "attack") == ["  ✗ هجوم\u200e — not found"]
    assert tree("بيت", "في بيت") == ["  ✓ بيت\u200e: بيت\u200e (first paragraph)"]


def test_sentences_are_quoted_once_with_every_hit_of_them() -> None:
    match = {"all": [["$attack", "raid"], "port"], "within": "sentence"}
    made = explained(match, "Quiet. An attack in the  port, near another port.\n\nA port.", "Attack")
    assert [(quote.field, quote.text, quote.ranges) for quote in _tree.quotes(made)] == [
        ("title", "Attack", ((0, 6),)),
        ("lead", "An attack in the port, near another port", ((3, 9), (17, 21), (36, 40))),
        ("body", "A port", ((2, 6),)),
    ]
