"""The example files that must load: all eight do, and every example in them holds."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitor.errors import RuleError
from monitor.rulefiles import load_rules


def test_the_first_file_loads_and_all_its_examples_hold(shared: Path) -> None:
    rules = load_rules(shared / "examples" / "1-bases.yaml")
    assert list(rules.cards) == ["base-attacked"]
    assert [result.holds for result in rules.examples()] == [True] * 8
    assert rules.warnings == ()


@pytest.mark.parametrize(
    ("files", "rules", "examples"),
    [
        (["2-minister.yaml"], ["oil-minister-speaks"], 7),
        (["3-brand.yaml"], ["brand-crisis", "brand-boycott-query"], 7),
        (["4-red-sea.yaml"], ["ship-attacked"], 7),
        (["5-cve.yaml"], ["cve-exploited"], 5),
        (["6-access.yaml"], ["crossing-closed", "cholera-rising"], 7),
        (["7-election.yaml", "shared"], ["polling-violence", "result-called"], 7),
        (["8-companies.yaml"], ["company-accident"], 6),
    ],
)
def test_the_other_files_load_and_all_their_examples_hold(
    shared: Path, files: list[str], rules: list[str], examples: int
) -> None:
    loaded = load_rules(*(shared / "examples" / name for name in files))
    assert list(loaded.cards) == rules
    assert [result.holds for result in loaded.examples()] == [True] * examples


def test_every_attack_file_is_refused_as_rules_with_a_problem(corpora: Path) -> None:
    files = sorted((corpora / "attacks" / "yaml").iterdir())
    assert len(files) >= 12
    for file in files:
        with pytest.raises(RuleError) as caught:
            load_rules(file)
        assert caught.value.problems
        assert all(problem.file == str(file) and problem.message for problem in caught.value.problems)
