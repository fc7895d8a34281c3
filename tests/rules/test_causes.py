"""Why one form of a rule matches and another does not: a term it lacks, or the clause that fails."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from monitor.rules.causes import Cause, by_clauses, by_terms, terms_of
from monitor.rules.engine import Ruleset
from tests.rules.build import article, load, ruleset

TEXT = "Rockets hit the base at dawn. An exercise with tanks was held near the base."


def rule(match: Any) -> Ruleset:
    return ruleset({"r": match})


def causes(match: Any, text: str = TEXT) -> list[str]:
    """What stands in a form's way."""
    return [str(cause) for cause in by_clauses(rule(match).explain(article(text), "r"))]


def test_a_term_that_the_other_form_lacks_is_the_cause() -> None:
    old, new = rule({"all": ["base", "attack"]}), rule({"all": ["base", {"any": ["attack", "rockets"]}]})
    (match,) = new.match(article(TEXT))
    assert by_terms(match, terms_of(old.compiled, old.rules["r"].node)) == (Cause("term", "rockets"),)
    assert by_terms(match, terms_of(new.compiled, new.rules["r"].node)) == ()
    assert {str(cause) for cause in by_terms(match, ())} == {"base", "rockets"}


@pytest.mark.parametrize(
    ("match", "expected"),
    [
        ({"all": ["base"], "none": ["exercise", "tanks"]}, ["none: exercise", "none: tanks"]),
        ({"all": ["base"], "nowhere": ["exercise"]}, ["nowhere: exercise"]),
        ({"all": ["rockets", "tanks"], "within": "sentence"},
         ["within: found in one paragraph, but not in one sentence"]),
        ({"all": ["base", "attack"]}, ["missing: attack"]),
        ({"any": ["siege", "attack"]}, ["missing: siege", "missing: attack"]),
        ({"all": ["base"], "mentions": "3"}, ["mentions: found 2 of 3"]),
        ({"all": ["base"]}, []),
    ],
)  # fmt: skip
def test_the_clause_that_fails_is_the_cause(match: Any, expected: list[str]) -> None:
    assert causes(match) == expected


def test_only_three_are_named() -> None:
    assert len(causes({"any": ["siege", "attack", "storm", "flood"]})) == 3


def test_a_filter_that_refuses_is_the_cause(tmp_path: Path) -> None:
    text = "rules: {r: {match: base, languages: [ar], notify: []}}"
    explained = load(tmp_path, text).explain(article(TEXT, language="en"), "r")
    assert [str(cause) for cause in by_clauses(explained)] == ["languages: language en is not wanted (ar)"]
