"""`needs`: a name counts only beside one of these."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.rules.build import article, because, compiled, found, holds, load, problems


def ali(any: Any = ("oil minister", "OPEC"), within: str = "paragraph", **more: Any) -> dict[str, Any]:
    """Rules' sections that hold one name with its needs."""
    return {"entities": {"ali": {"names": ["Mohammed Ali"], "needs": {"any": list(any), "within": within}, **more}}}


@pytest.mark.parametrize(
    ("within", "text", "expected"),
    [
        ("paragraph", "Mohammed Ali spoke. OPEC listened.", True),
        ("paragraph", "Mohammed Ali spoke.\n\nOPEC listened.", False),
        ("sentence", "Mohammed Ali spoke. OPEC listened.", False),
        ("sentence", "OPEC heard Mohammed Ali.", True),
        ("2 words", "OPEC heard again Mohammed Ali.", True),
        ("2 words", "Mohammed Ali heard all of OPEC.", False),
        ("2 words", "Mohammed Ali heard. OPEC spoke.", True),
        ("2 words", "Mohammed Ali.\n\nOPEC.", False),
        ("paragraph", "Mohammed Ali spoke.", False),
        ("paragraph", "OPEC spoke.", False),
    ],
)
def test_name_counts_only_beside_its_company(within: str, text: str, expected: bool) -> None:
    assert holds("$ali", text, **ali(within=within)) is expected


def test_company_in_the_title_is_not_beside_the_text() -> None:
    assert not holds("$ali", "Mohammed Ali spoke.", title="OPEC meets", **ali())
    assert holds("$ali", "", title="OPEC hears Mohammed Ali", **ali())


def test_company_is_other_words_than_the_name() -> None:
    assert not holds("$ali", "Mohammed Ali spoke.", **ali(any=["Ali"]))
    assert holds("$ali", "Mohammed Ali spoke to Ali.", **ali(any=["Ali"]))


def test_only_names_beside_their_company_are_evidence_and_the_company_is_none() -> None:
    text = "Mohammed Ali of OPEC.\n\nMohammed Ali alone."
    assert found("$ali", text, **ali()) == ["Mohammed Ali"]


def test_other_entities_do_not_need_what_one_needs() -> None:
    sections = ali()
    sections["entities"]["twin"] = {"names": ["Mohammed Ali"]}
    assert holds("$twin", "Mohammed Ali spoke.", **sections)
    assert not holds("$ali", "Mohammed Ali spoke.", **sections)
    assert holds({"entity": {"id": ["ali", "twin"]}}, "Mohammed Ali spoke.", **sections)
    both = {"at_least": "2", "of": {"entity": {"id": ["ali", "twin"]}}}
    assert not holds(both, "Mohammed Ali spoke, Mohammed Ali.", **sections)


def test_company_may_be_a_list_and_whole_paragraphs_are_the_default() -> None:
    sections: dict[str, Any] = {
        "lists": {"oil": {"words": ["OPEC", "barrels"]}},
        "entities": {"ali": {"names": ["Mohammed Ali"], "needs": {"any": ["$oil", "oil minister"]}}},
    }
    assert holds("$ali", "Mohammed Ali spoke. Ten barrels fell.", **sections)
    assert not holds("$ali", "Mohammed Ali spoke.", **sections)


def test_a_miss_for_want_of_company_is_because_of_needs() -> None:
    assert because("$ali", "Mohammed Ali spoke.", **ali()) == {"needs"}
    assert "needs" not in because("$ali", "OPEC spoke.", **ali())
    guarded = ali(not_part_of=["Mohammed Ali Clay"])
    assert because("$ali", "OPEC heard Mohammed Ali Clay.", **guarded) == {"not_part_of"}


def test_what_a_name_needs_is_part_of_what_its_rule_matches() -> None:
    digests = {
        compiled({"r": "$ali"}, **ali(within=within, any=company)).digest("r", None)
        for within, company in (("paragraph", ["a1"]), ("sentence", ["a1"]), ("paragraph", ["a1", "b1"]))
    }
    assert len(digests) == 3


def test_explain_says_what_the_name_would_need(tmp_path: Path) -> None:
    rules = load(
        tmp_path,
        "entities: {ali: {names: [Mohammed Ali], needs: {any: [OPEC], within: 3 words}}}\n"
        "rules: {r: {match: $ali}}\n",
    )
    explanation = rules.explain(article("Mohammed Ali spoke."), "r")
    assert "'Mohammed Ali' counts only beside one of: OPEC within 3 words" in explanation.text()


@pytest.mark.parametrize(
    ("needs", "message"),
    [
        ("b1", "expected {any: [terms or $names], within: sentence, paragraph or N words}"),
        ("{any: [{all: [b1]}]}", "expected {any: [terms or $names], within: sentence, paragraph or N words}"),
        ("{any: [b1], none: [c1]}", "expected {any: [terms or $names], within: sentence, paragraph or N words}"),
        (
            "{any: [b1], within: page}",
            "within: expected sentence, paragraph or N words (at most 10000), not the text",
        ),
        ("{any: []}", "nothing stands here"),
        ("{any: [$gone]}", "unknown name '$gone'"),
        ("{any: [$a]}", "a circle of references: $a -> $a"),
    ],
)
def test_faulty_needs_are_told(tmp_path: Path, needs: str, message: str) -> None:
    (problem,) = problems(
        tmp_path, f"entities: {{a: {{names: [a1], needs: {needs}}}}}\nrules: {{r: {{match: $a}}}}\n"
    )
    assert f"entity 'a': {message}" in problem


def test_a_rule_over_a_faulty_entity_is_not_told_again(tmp_path: Path) -> None:
    text = "entities: {a: {kind: k, names: [a1], needs: {any: [$gone]}}}\n"
    for match in ("{entity: {kind: k}}", "{at_least: 1, of: {entity: {kind: k}}}"):
        assert len(problems(tmp_path, f"{text}rules: {{r: {{match: {match}}}}}\n")) == 1
