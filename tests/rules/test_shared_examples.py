"""The example files that must load: today the first does; of the others, what is due later is named and nothing
else.
"""

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


@pytest.mark.parametrize(
    ("files", "missing"),
    [
        (["2-minister.yaml"], {"needs"}),
        (["3-brand.yaml"], {"mentions", "points", "query"}),
        (["4-red-sea.yaml"], {"entities_from"}),
        (["6-access.yaml"], {"when"}),
        (["7-election.yaml", "shared"], {"when"}),
        (["8-companies.yaml"], {"entities_from"}),
    ],
)
def test_what_is_due_later_is_the_only_error(shared: Path, files: list[str], missing: set[str]) -> None:
    with pytest.raises(RuleError) as caught:
        load_rules(*(shared / "examples" / name for name in files))
    errors = [problem.message for problem in caught.value.problems if problem.level is Level.ERROR]
    assert {message.split("'")[-2] for message in errors} == missing
    assert all("is not available yet" in message for message in errors)


def test_the_fifth_file_loads_and_waits_for_forms(shared: Path) -> None:
    rules = load_rules(shared / "examples" / "5-cve.yaml")
    assert list(rules.inactive) == ["cve-exploited"]


def test_every_attack_file_is_refused_as_rules_with_a_problem(corpora: Path) -> None:
    files = sorted((corpora / "attacks" / "yaml").iterdir())
    assert len(files) >= 12
    for file in files:
        with pytest.raises(RuleError) as caught:
            load_rules(file)
        assert caught.value.problems
        assert all(problem.file == str(file) and problem.message for problem in caught.value.problems)
