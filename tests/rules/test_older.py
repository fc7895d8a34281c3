"""A rule whose new form fails its examples goes on exactly as it was, beside the new forms of the others."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitor import rulefiles
from monitor.model import Article
from monitor.rulefiles import load_rules
from monitor.rules.engine import Ruleset
from monitor.rules.older import MOST_OLDER, WithOlder, keep_older, only
from monitor.rules.volume import Move, changed, moves

OLD = """
version: 1
lists: {attack: {words: [attack, raid]}}
entities: {mill: {names: [the mill]}}
rules:
  a: {severity: low, match: {all: [$attack, $mill]}, notify: []}
  b: {match: storm, notify: []}
"""
NEW = """
version: 1
lists: {attack: {words: [attack]}}
entities: {depot: {names: [the depot]}}
rules:
  a: {severity: high, match: {all: [$attack, $depot]}, notify: [], examples: {hit: [a raid on the depot]}}
  b: {match: flood, notify: []}
"""


def article(text: str) -> Article:
    return Article(id="1", source="", title="", text=text)


@pytest.fixture(params=["compiled whole", "over a pack"])
def sets(tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> tuple[Ruleset, Ruleset]:
    if request.param == "over a pack":
        monkeypatch.setattr(rulefiles, "LEAST_KEPT", 0)
        monkeypatch.setenv("CACHE_DIRECTORY", str(tmp_path / "cache"))
    file = tmp_path / "rules.yaml"
    found: list[Ruleset] = []
    for text in (OLD, NEW):
        file.write_text(text)
        found.append(load_rules(file, strict_examples=False, old=found[0] if found else None))
    return found[0], found[1]


def test_it_matches_by_its_own_old_words_and_the_others_by_their_new_ones(sets: tuple[Ruleset, Ruleset]) -> None:
    old, new = sets
    both = keep_older(new, old, new.inactive)
    text = article("A raid on the mill during the flood, no storm. An attack at the depot.")
    assert [match.rule for match in both.match(text)] == ["b", "a"]
    match = both.match(text)[1]
    assert (match.rule_hash, match.severity.word, match.entities) == (old.cards["a"].hash, "low", ("mill",))
    assert both.terms(text, match, ["$attack"]) == {"$attack": ("attack", "raid")}
    assert both.terms(text, both.match(text)[0], ["rule"]) == {"rule": ("b",)}
    assert [both.explain(text, rule).matched for rule in "ab"] == [True, True]
    assert not both.explain(article("storm"), "b").matched
    assert set(both.candidates(text)) == {"a", "b"}


def test_it_counts_as_active_with_its_old_card_and_entities(sets: tuple[Ruleset, Ruleset]) -> None:
    old, new = sets
    both = keep_older(new, old, new.inactive)
    assert (set(new.inactive), dict(both.inactive)) == ({"a"}, {})
    assert both.cards == {"a": old.cards["a"], "b": new.cards["b"]}
    assert both.entities.keys() == {"mill", "depot"}


def test_it_goes_on_over_later_reloads(sets: tuple[Ruleset, Ruleset]) -> None:
    old, new = sets
    running = keep_older(new, old, new.inactive)
    for _ in range(2 * MOST_OLDER):
        running = keep_older(new, running, new.inactive)
    assert isinstance(running, WithOlder)
    assert [part.rules.keys() for part in running.older] == [{"a"}]
    assert running.cards["a"] == old.cards["a"]


def test_a_rule_that_never_was_at_work_stays_inactive(sets: tuple[Ruleset, Ruleset]) -> None:
    old, new = sets
    assert keep_older(new, old.without({"a": "off"}), new.inactive) is new


def test_only_some_rules_of_a_set(sets: tuple[Ruleset, Ruleset]) -> None:
    old, new = sets
    (part,) = only(old, ["a"])
    assert (set(part.cards), dict(part.inactive)) == ({"a"}, {})
    parts = only(keep_older(new, old, new.inactive), ["a", "b"])
    assert [set(part.cards) for part in parts] == [{"b"}, {"a"}]


# --- how much a change moves -------------------------------------------------------------------------------------


def test_rules_that_match_something_else_have_changed(sets: tuple[Ruleset, Ruleset]) -> None:
    old, new = sets
    assert changed(old.cards, new.cards) == {"b"}
    assert changed({}, new.cards) == {"b"}
    assert changed(old.cards, old.cards) == set()


@pytest.mark.parametrize(
    ("before", "after", "is_new", "is_told"),
    [
        (3, 30, False, False),
        (3, 31, False, True),
        (31, 3, False, True),
        (0, 10, False, False),
        (0, 11, False, True),
        (11, 0, False, True),
        (0, 100, True, False),
        (0, 101, True, True),
    ],
)
def test_more_than_tenfold_or_less_than_a_tenth_is_told(before: int, after: int, is_new: bool, is_told: bool) -> None:
    known = {} if is_new else {"r": 1}
    expected = (Move(rule="r", before=before, after=after),) if is_told else ()
    assert moves(["r"], known, {"r": before}, {"r": after}) == expected


def test_the_greatest_move_comes_first() -> None:
    found = moves("ab", {"a": 1, "b": 1}, {"a": 1, "b": 2}, {"a": 50, "b": 500})
    assert [move.rule for move in found] == ["b", "a"]
