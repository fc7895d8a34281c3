"""The example files that must load: what holds in each, and of the others what is due later and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitor.errors import Level, RuleError
from monitor.rulefiles import load_rules


def test_the_first_file_loads_and_all_its_examples_hold(shared: Path) -> None:
    rules = load_rules(shared / "examples" / "1-bases.yaml")
    assert list(rules.cards) == ["base-attacked"]
    assert [result.holds for result in rules.examples()] == [True] * 8
    assert sorted(str(problem).split(": ", 3)[3] for problem in rules.warnings) == [
        "'escalate' is not available yet; severity and channels stay as they are",
        "'forms' (every inflected form) is not available yet; the words are looked for as under 'words'",
        "'unless' is not available yet; the throttle holds to its end",
    ]


def test_the_third_file_loads_and_all_its_examples_hold(shared: Path) -> None:
    rules = load_rules(shared / "examples" / "3-brand.yaml")
    assert list(rules.cards) == ["brand-crisis", "brand-boycott-query"]
    assert [result.holds for result in rules.examples()] == [True] * 7


@pytest.mark.parametrize(
    ("files", "missing"),
    [(["2-minister.yaml"], "needs"), (["4-red-sea.yaml"], "entities_from"), (["8-companies.yaml"], "entities_from")],
)
def test_what_is_due_later_is_the_only_error(shared: Path, files: list[str], missing: str) -> None:
    with pytest.raises(RuleError) as caught:
        load_rules(*(shared / "examples" / name for name in files))
    errors = [problem.message for problem in caught.value.problems if problem.level is Level.ERROR]
    assert [message.split(": ")[-1] for message in errors] == [f"{missing!r} is not available yet"]


@pytest.mark.parametrize(
    ("files", "active", "waiting"),
    [
        (["5-cve.yaml"], [], ["cve-exploited"]),
        (["6-access.yaml"], ["cholera-rising"], ["crossing-closed"]),
        (["7-election.yaml", "shared"], ["result-called"], ["polling-violence"]),
    ],
)
def test_what_waits_for_forms_is_not_active_and_the_rest_is(
    shared: Path, files: list[str], active: list[str], waiting: list[str]
) -> None:
    rules = load_rules(*(shared / "examples" / name for name in files), strict_examples=False)
    assert (list(rules.cards), list(rules.inactive)) == (active, waiting)


def test_every_attack_file_is_refused_as_rules_with_a_problem(corpora: Path) -> None:
    files = sorted((corpora / "attacks" / "yaml").iterdir())
    assert len(files) >= 12
    for file in files:
        with pytest.raises(RuleError) as caught:
            load_rules(file)
        assert caught.value.problems
        assert all(problem.file == str(file) and problem.message for problem in caught.value.problems)
