"""Why a rule does not match, in words that name the nearest thing that would have done."""

from __future__ import annotations

from typing import Any

import pytest

from monitor.model import Article
from tests.rules.build import article, because, ruleset

ENTITIES = {"asad": {"kind": "base", "names": ["Ain al-Asad", "WHO"], "not_part_of": ["Ain al-Asad camp"]}}
NEAR = {"all": ["attack", "base"], "within": "2 words"}


def text(match: Any, at: Article, **sections: Any) -> list[str]:
    return ruleset({"r": match}, **sections).explain(at, "r").text().splitlines()


def notes(match: Any, text: str, title: str = "", **sections: Any) -> str:
    return ruleset({"r": match}, **sections).explain(article(text, title), "r").summary()


def test_a_match_is_explained_by_its_hits_with_their_sentences() -> None:
    match = {"all": [{"entity": {"kind": "base"}}, "attack"], "within": "sentence", "none": ["drill"]}
    at = article("Calm.\n\nAn attack on\nAin al-Asad! More.", title="News")
    assert text(match, article("Calm.\n\nAn attack on Ain al-Asad! More.", title="News"), entities=ENTITIES) == [
        "r matches",
        "  ✓ all of these, within sentence",
        "    ✓ entity kind base",
        "        body: An attack on Ain al-Asad",
        "    ✓ attack",
        "        body: An attack on Ain al-Asad",
        "    ✓ within sentence",
        "    ✓ none within sentence: drill",
    ]
    assert ruleset({"r": match}, entities=ENTITIES).explain(at, "r").because == ("within",)


def test_the_summary_names_what_fails_and_nothing_that_another_clause_makes_up_for() -> None:
    match = {"all": [["Ain al-Asad", "Harir"], ["attack", "shelling"]], "within": "sentence", "none": ["drill"]}
    assert notes(match, "An attack on Taji.") == "all, any (Ain al-Asad: not found; Harir: not found)"
    assert notes(match, "A drill of an attack on Harir.") == (
        "none (none within sentence: drill: blocked by none: drill)"
    )


def test_many_hits_are_counted_not_listed() -> None:
    assert text("attack", article("\n".join(f"attack {number}" for number in "abcde")))[-1] == "      and 2 more"


@pytest.mark.parametrize(
    ("match", "words", "title", "expected"),
    [
        ({"all": ["attack", "base"]}, "an attack", "", {"all"}),
        (["storm", "flood"], "an attack", "", {"any"}),
        ("storm", "an attack", "", {"all", "any"}),
        ({"all": ["attack", ["storm", "flood"]]}, "an attack", "", {"all", "any"}),
        ({"at_least": "2", "of": ["storm", "flood"]}, "a storm", "", {"at_least"}),
        (NEAR, "attack x x x base", "", {"within"}),
        ({**NEAR, "none": ["drill"]}, "drill attack base", "", {"none"}),
        ({**NEAR, "none": ["drill"]}, "drill attack x x x base", "", {"within"}),
        ({**NEAR, "nowhere": ["film"]}, "attack base\n\nfilm", "", {"nowhere"}),
        ({"all": ["attack"], "none": ["film"]}, "attack film", "", {"none"}),
        ({"all": ["attack"], "none": ["film"], "nowhere": ["play"]}, "film play", "", {"all", "none", "nowhere"}),
        ({"all": ["attack"], "fields": ["title"]}, "an attack", "", {"all", "fields"}),
        ({"any": ["attack"], "fields": ["title", "lead"]}, "x\n\nan attack", "", {"any", "fields"}),
        ({"all": [{"entity": {"kind": "base"}}]}, "near Ain al-Asad camp", "", {"all", "not_part_of"}),
        ({"all": [{"entity": {"kind": "base"}}]}, "who went", "", {"all", "cased"}),
    ],
)
def test_because_names_the_kinds_of_clause_that_fail(match: Any, words: str, title: str, expected: set[str]) -> None:
    assert because(match, words, title, entities=ENTITIES) == expected


@pytest.mark.parametrize(
    ("match", "words", "title", "expected"),
    [
        (NEAR, "attack x x x x base", "", "within (within 2 words: gap 4 > 2 words)"),
        (NEAR, "attack", "base", "within (within 2 words: found, but the title and the text are apart)"),
        (NEAR, "attack\n\nbase", "", "within (within 2 words: found, but never in one paragraph)"),
        (
            {"all": ["rocket fire", "fire"], "within": "2 words"},
            "rocket fire",
            "",
            "within (within 2 words: found, but only in overlapping words)",
        ),
        (
            {**NEAR, "within": "sentence"},
            "An attack. The base.",
            "",
            "within (within sentence: found in one paragraph, but not in one sentence)",
        ),
        (
            {**NEAR, "within": "paragraph"},
            "An attack.\n\nThe base.",
            "",
            "within (within paragraph: found, but never in one paragraph)",
        ),
        (
            {**NEAR, "ordered": "true"},
            "base attack",
            "",
            "within (within 2 words, in this order: found, but in another order)",
        ),
        (
            {**NEAR, "none": ["drill"]},
            "drill attack base",
            "",
            "none (none within 2 words: drill: blocked by none: drill)",
        ),
        (
            {"all": ["attack", "base"], "within": "sentence", "none": [["drill", "film"]]},
            "An attack on the base in a film.",
            "",
            "none (none within sentence: (drill or film): blocked by none: film)",
        ),
        (
            {"all": ["attack"], "none": [{"all": ["drill", "film"], "fields": ["title"]}]},
            "attack",
            "drill film",
            "none (none, in the article: ((drill and film) in title): blocked by none: drill, film)",
        ),
        (
            {"all": ["attack"], "fields": ["body"], "none": [{"none": ["film"]}]},
            "attack",
            "",
            "none (none, in body: (nothing): blocked by none: (nothing))",
        ),
        (
            {"all": ["attack"], "fields": ["title"]},
            "x\n\nattack",
            "",
            "all, fields (attack: in title only, found in body)",
        ),
        (
            {"all": [{"entity": {"kind": "base"}}]},
            "near Ain al-Asad camp",
            "",
            "all, not_part_of (entity kind base: 'Ain al-Asad' only stands inside not_part_of: Ain al-Asad camp)",
        ),
        (
            {"all": [{"entity": {"kind": "base"}}]},
            "who went",
            "",
            "all, cased (entity kind base: 'WHO' is only found in other capitals)",
        ),
    ],
)
def test_the_nearest_miss_is_told_in_words(match: Any, words: str, title: str, expected: str) -> None:
    assert notes(match, words, title, entities=ENTITIES) == expected


CRISIS = {"at_least": "8", "points": {"6": ["boycott", "lawsuit"], "-4": ["sponsor"], "1": [["recall", "probe"]]}}


@pytest.mark.parametrize(
    ("match", "words", "title", "expected"),
    [
        (CRISIS, "a boycott and a sponsor", "", "points (at least 8 points: 2 of 8 points: +6 boycott -4 sponsor)"),
        (CRISIS, "calm", "", "points (at least 8 points: 0 of 8 points)"),
        (
            {"all": ["firm"], **CRISIS, "within": "sentence"},
            "The firm and a boycott. A firm, a lawsuit.",
            "",
            "points (at least 8 points: 6 of 8 points: +6 boycott)",
        ),
        (
            {"all": ["firm"], **CRISIS, "within": "1 words"},
            "firm boycott x firm x lawsuit x firm boycott",
            "",
            "points (at least 8 points: 6 of 8 points: +6 boycott)",
        ),
        ({"any": ["firm"], "mentions": "3"}, "a firm, a firm", "", "mentions (mentions: 3: found 2 of 3)"),
        (
            {"all": ["firm", "recall"], "mentions": "4", "within": "sentence"},
            "A firm, a recall. A firm, a firm, a recall.",
            "",
            "mentions (mentions: 4: found 3 of 4)",
        ),
        (
            {"all": ["firm", "recall"], "mentions": "4", "within": "1 words"},
            "firm recall x x firm x firm recall",
            "",
            "mentions (mentions: 4: found 3 of 4)",
        ),
        (
            {"at_least": "2", "of": ["storm", "flood", "hail"]},
            "a storm",
            "",
            "at_least (at least 2 of these: found 1 of 2: storm; flood: not found; hail: not found)",
        ),
        (
            {"at_least": "2", "of": ["rocket fire", "fire"]},
            "rocket fire",
            "",
            "at_least (at least 2 of these: found, but only in overlapping words)",
        ),
        (
            {"query": "attack NEAR/1 base NOT title:film"},
            "attack x x base",
            "film",
            "nowhere, query, within (within 1 word: gap 2 > 1 word; nowhere, in the article: ((film) in title): "
            "blocked by nowhere: film)",
        ),
        (
            {"all": ["firm"], "none": [CRISIS, {"at_least": "2", "of": ["a", "b"]}]},
            "firm: a, b, boycott, lawsuit",
            "",
            "none (none, in the article: (8 points of boycott, lawsuit, sponsor, (recall or probe)), (2 of a, b): "
            "blocked by none: a, b, boycott, lawsuit)",
        ),
        (
            {"all": ["firm"], **CRISIS, "none": ["film"], "within": "sentence"},
            "A firm in a film: boycott, lawsuit.",
            "",
            "none (none within sentence: film: blocked by none: film)",
        ),
        (
            {"any": ["storm", {"all": ["attack"], "fields": ["title"]}], "fields": ["title", "lead"]},
            "x\n\nan attack, a storm",
            "",
            "all, any, fields (storm: in title or lead only, found in body; attack: in title only, found in body)",
        ),
    ],
)
def test_points_mentions_and_counts_are_told_with_their_figures(
    match: Any, words: str, title: str, expected: str
) -> None:
    assert notes(match, words, title) == expected


def test_the_items_that_earned_points_are_shown_with_them() -> None:
    assert text(CRISIS, article("A lawsuit, a boycott; the sponsor left. A probe, a recall.")) == [
        "r matches",
        "  ✓ at least 8 points -- 9 points, 8 are enough: +6 boycott +6 lawsuit -4 sponsor +1 (recall or probe)",
        "    ✓ +6 boycott",
        "        lead: A lawsuit, a boycott; the sponsor left",
        "    ✓ +6 lawsuit",
        "        lead: A lawsuit, a boycott; the sponsor left",
        "    ✓ -4 sponsor",
        "        lead: A lawsuit, a boycott; the sponsor left",
        "    ✓ +1 (recall or probe)",
        "      ✓ recall",
        "          lead: A probe, a recall",
        "      ✓ probe",
        "          lead: A probe, a recall",
    ]


def test_what_a_combination_has_beside_it_is_shown_in_order() -> None:
    match = {"all": ["firm"], **CRISIS, "mentions": "2", "within": "sentence", "none": ["film"]}
    lines = text(match, article("A firm, a firm: boycott, lawsuit."))
    assert [line.strip() for line in lines if "lead:" not in line] == [
        "r matches",
        "✓ all of these, within sentence",
        "✓ firm",
        "✓ within sentence",
        "✓ at least 8 points -- 12 points, 8 are enough: +6 boycott +6 lawsuit",
        "✓ +6 boycott",
        "✓ +6 lawsuit",
        "✓ mentions: 2 -- found 4, 2 are enough",
        "✓ none within sentence: film",
    ]


def test_what_only_stands_before_a_combination_does_not_block() -> None:
    assert text({**NEAR, "none": ["drill"]}, article("attack"))[-1] == (
        "    ✓ none within 2 words: drill -- nothing to look around"
    )


def test_a_filter_that_refuses_is_told_beside_the_clauses() -> None:
    rules = ruleset({"r": "attack"})
    explanation = rules.explain(article("attack"), "r")
    assert (explanation.matched, explanation.because) == (True, ())


def test_an_unknown_rule_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        ruleset({"r": "attack"}).explain(article("attack"), "x")
