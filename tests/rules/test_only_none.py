"""Rules that only say what must not be there are refused; but what finds rules does not lean on that."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitor.rulefiles import load_rules
from monitor.rules import reading
from monitor.rules.engine import Ruleset
from monitor.rules.union import union
from tests.rules.build import article, problems
from tests.rules.test_changing import packing_folder

ONLY = "  free: {match: {none: [plague, old fever]}, notify: []}\n"
OTHERS = """\
  near: {match: {all: [raid, Basra], within: sentence}, notify: []}
  plain: {match: raid, notify: []}
  pattern: {match: '/ra[a-z]ds?/', notify: []}
"""
PAPERS = {
    "nothing of it": ["free"],
    "a plague": [],
    "an old": ["free"],
    "fever": ["free"],
    "an old fever": [],
    "a raid on Basra": ["free", "near", "pattern", "plain"],
    "a raid on Basra, a plague": ["near", "pattern", "plain"],
    "": ["free"],
}
ARTICLES = [article(text) for text in PAPERS]


def seen(rules: Ruleset) -> list[list[str]]:
    """The ids that match each article: together, one at a time and by what explains; all are candidates."""
    found = [[match.rule for match in some] for some in rules.match_each(ARTICLES)]
    assert found == [[match.rule for match in rules.match(one)] for one in ARTICLES]
    assert found == [[id for id in sorted(rules.cards) if rules.explain(one, id).matched] for one in ARTICLES]
    for one, ids in zip(ARTICLES, found, strict=True):
        assert {*ids, "free"} <= set(rules.candidates(one))
    return found


@pytest.mark.parametrize("match", ["{none: [plague]}", "{nowhere: [plague]}", "{query: NOT plague}"])
def test_a_rule_that_only_forbids_is_refused_at_its_place(tmp_path: Path, match: str) -> None:
    (problem,) = problems(tmp_path, f"rules:\n  free: {{match: {match}, notify: []}}\n")
    assert problem.startswith("2:17: rule 'free': there is nothing to look for")


@pytest.mark.parametrize("others", ["", OTHERS])
def test_were_it_let_in_it_would_match_what_is_free_of_its_words(
    monkeypatch: pytest.MonkeyPatch, others: str
) -> None:
    monkeypatch.setattr(reading, "is_negative", lambda node: False)
    expected = [ids if others else [id for id in ids if id == "free"] for ids in PAPERS.values()]
    with packing_folder() as folder:
        (folder / "only.yaml").write_text(f"rules:\n{ONLY}")
        (folder / "others.yaml").write_text(f"rules:\n{others}" if others else "rules: {}\n")
        first = load_rules(folder)
        assert seen(first) == expected
        packed = load_rules(folder)
        assert seen(packed) == expected

        (folder / "others.yaml").write_text(
            "rules:\n" + (others or "  more: {match: storm, notify: []}\n") + "# more\n"
        )
        assert seen(load_rules(folder, old=packed)) == expected
        (folder / "only.yaml").write_text(f"rules:\n{ONLY.replace('plague', 'old plague')}")
        changed = load_rules(folder, old=packed)
        assert changed.beneath is not None
        added = {"a plague": ["free"], "a raid on Basra, a plague": ["free", "near", "pattern", "plain"]}
        assert seen(changed) == [
            [id for id in {**PAPERS, **added}[text] if others or id == "free"] for text in PAPERS
        ]


def test_in_a_union_it_does_the_same(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(reading, "is_negative", lambda node: False)
    (tmp_path / "rules.yaml").write_text(f"rules:\n{ONLY}{OTHERS}")
    rules = union([load_rules(tmp_path)])
    found = [sorted(match.rule for match in some) for some in rules.match_each(ARTICLES)]
    assert found == list(PAPERS.values())
