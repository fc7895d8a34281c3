"""Rules of several rulesets in one judge as each does by itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitor.model import Article
from monitor.rulefiles import load_rules
from monitor.rules.engine import Ruleset
from monitor.rules.union import union
from tests.conftest import ROOT
from tests.rules.build import article, load, ruleset

TEXT = "Rockets hit Harir at dawn. The base was closed."


@pytest.fixture(scope="module")
def pack() -> Ruleset:
    return load_rules(ROOT / "rules")


def test_two_forms_of_a_rule_judge_side_by_side() -> None:
    one, other = ruleset({"r": ["rockets"]}), ruleset({"r": {"all": ["base", "closed"], "within": "sentence"}})
    both = union([one, other])
    found = [[span.term for span in match.spans] for match in both.match(article(TEXT))]
    assert found == [["rockets"], ["base", "closed"]]
    assert [match.rule for match in both.match(article(TEXT))] == ["r", "r"]


def test_only_what_the_rules_look_for_is_in_it(pack: Ruleset) -> None:
    quake = pack.without(dict.fromkeys(pack.cards.keys() - {"earthquake"}, "not asked"))
    alone = union([quake])
    assert len(alone.compiled.terms) < len(pack.compiled.terms) / 4
    assert [leaf.index for leaf in alone.compiled.leaves] == list(range(len(alone.compiled.leaves)))


def test_what_a_name_needs_beside_it_still_counts(tmp_path: Path) -> None:
    text = (
        "entities: {harir: {names: [Harir], needs: {any: [base, airfield]}}}\nrules: {r: {match: $harir, notify: []}}"
    )
    rules = union([load(tmp_path, text)])
    assert len(rules.match(article(TEXT))) == 1
    assert rules.match(article("Harir sings.")) == ()


def test_filters_hold_against_the_configured_sources(tmp_path: Path) -> None:
    text = "rules: {r: {match: base, sources: [iraq], notify: []}}"
    rules = union([load(tmp_path, text, sources={"wire": ("iraq",), "sport": ()})])
    assert len(rules.match(article(TEXT, source="wire"))) == 1
    assert rules.match(article(TEXT, source="sport")) == ()


def test_the_shipped_rules_find_the_same_in_a_union(pack: Ruleset) -> None:
    both = union([pack, pack])
    articles = [example.article for rule in pack.rules.values() for example in rule.examples]
    assert len(articles) > 100
    for one in articles:
        expected = [(match.rule, match.entities, match.spans) for match in pack.match(one)]
        found = [(match.rule, match.entities, match.spans) for match in both.match(one)]
        assert found == sorted([*expected, *expected], key=lambda match: [m[0] for m in expected].index(match[0]))


def test_a_union_of_nothing_matches_nothing() -> None:
    assert union([]).match(Article(id="", source="", title="", text=TEXT)) == ()
