"""The engine tries an article only against rules whose terms occur in it, and returns whole matches in order."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from monitor.model import Match, Severity, Span
from monitor.rulefiles import load_rules
from monitor.rules.engine import MOST_SPANS
from monitor.rules.plan import Rarity, plans
from monitor.rules.proximity import MOST_STEPS, Found, Piece, Slot, chains, fits
from tests.rules.build import article, compiled, load, ruleset


def test_a_match_names_rule_severity_entities_and_spans(tmp_path: Path) -> None:
    rules = load(
        tmp_path,
        "entities:\n  asad: {names: [عين الأسد]}\n"
        "rules:\n  r: {severity: high, match: {all: [$asad, هجوم], within: sentence}}\n",
    )
    (match,) = rules.match(article("وقع الهجوم قرب عين الأسد.", version=3))
    assert match == Match(
        article_id="a1",
        version=3,
        rule="r",
        rule_hash=rules.cards["r"].hash,
        severity=Severity.HIGH,
        entities=("asad",),
        spans=(
            Span(field="text", start=4, end=10, term="هجوم", core=(6, 10)),
            Span(field="text", start=15, end=24, term="عين الأسد", core=(15, 24)),
        ),
    )


def test_spans_of_the_title_come_first_and_one_hit_of_two_terms_gives_a_span_each() -> None:
    rules = ruleset({"r": {"all": ["attack", "attac*", "base"]}})
    (match,) = rules.match(article("the base", title="an attack"))
    assert [(span.field, span.term) for span in match.spans] == [
        ("title", "attac"),
        ("title", "attack"),
        ("text", "base"),
    ]


def test_matches_come_most_severe_first_then_by_id(tmp_path: Path) -> None:
    rules = load(
        tmp_path,
        "rules:\n  b: {match: a1, severity: high}\n  c: {match: a1, severity: low}\n  a: {match: a1, severity: "
        "low}\n",
    )
    assert [match.rule for match in rules.match(article("a1"))] == ["b", "a", "c"]


def test_when_rules_end_is_known_of_those_that_end_and_are_active(tmp_path: Path) -> None:
    rules = load(
        tmp_path,
        "rules:\n  a: {match: a1, until: 2026-12-01}\n  b: {match: a1}\n  c: {match: a1, until: 2026-11-30}\n",
    )
    assert {id: ends.isoformat() for id, ends in rules.ends.items()} == {
        "a": "2026-12-01T00:00:00+00:00",
        "c": "2026-11-30T00:00:00+00:00",
    }
    assert list(rules.without({"a": "it fails"}).ends) == ["c"]


def test_an_entity_named_by_a_list_is_evidence_and_two_entities_of_one_name_are_both() -> None:
    entities = {"one": {"names": ["Harir"]}, "two": {"names": ["Harir", "Bashur"]}}
    rules = ruleset({"r": "$places"}, lists={"places": {"terms": ["$one", "$two", "Erbil"]}}, entities=entities)
    assert [match.entities for match in rules.match(article("in Harir"))] == [("one", "two")]
    assert [match.entities for match in rules.match(article("in Bashur"))] == [("two",)]
    assert [match.entities for match in rules.match(article("in Erbil"))] == [()]


def test_evidence_is_bounded_and_entities_are_not() -> None:
    entities = {f"e{number}": {"kind": "x", "names": [f"city{number}"]} for number in range(150)}
    rules = ruleset({"r": {"entity": {"kind": "x"}}}, entities=entities)
    (match,) = rules.match(article(" and ".join(f"city{number}" for number in range(150))))
    assert (len(match.spans), len(match.entities)) == (MOST_SPANS, 150)


def test_boilerplate_never_counts() -> None:
    assert ruleset({"r": "attack"}).match(article("calm", boilerplate="attack")) == ()


def test_an_article_is_tried_only_against_rules_whose_terms_occur() -> None:
    lists = {"attack": {"words": ["attack", "strike"]}}
    rules = ruleset(
        {f"r{number}": {"all": [f"company{number}", "$attack"], "within": "sentence"} for number in range(5000)},
        lists=lists,
    )
    assert rules.candidates(article("An attack on company7 and company4999, not company5000.")) == ("r7", "r4999")
    assert rules.candidates(article("An attack, a strike, an attack.")) == ()
    assert [match.rule for match in rules.match(article("An attack on company7."))] == ["r7"]


@pytest.mark.parametrize(
    ("match", "tried"),
    [
        ({"all": ["rare thing", ["a1", "b1"]]}, "rare thing"),
        ({"all": [["a1", "b1"], "c1"], "none": ["d1"], "within": "sentence"}, "c1"),
        ({"all": ["$asad", "a1"]}, "Ain"),
        ({"at_least": "2", "of": ["a1", "b1", "c1"]}, "b1 | c1"),
        ({"any": ["a1", {"all": ["b1", "c1"]}]}, "a1 | b1"),
        ({"all": [{"none": ["a1"]}, "b1"]}, "b1"),
    ],
)
def test_a_rule_is_entered_by_its_rarest_conjunct(match: object, tried: str) -> None:
    made = compiled({"r": match}, entities={"asad": {"names": ["Ain"]}})
    indexes = plans(made)["r"].groups[0]
    names = sorted(made.terms[term].text for index in indexes for term in made.leaves[index].terms)
    assert " | ".join(names) == tried


def test_a_rule_is_entered_by_what_the_archive_holds_least_of() -> None:
    rare = ["Raketen", "rocket fire", "مسيّرة"]
    made = compiled({"r": {"all": ["$iraq", rare]}}, entities={"iraq": {"names": ["Iraq"]}})
    shares = {"iraq": 0.4, "raketen": 0.001, "مسيرة": 0.01, "rocket": 0.03, "fire": 0.2}

    def entry(rarity: Rarity | None) -> list[str]:
        indexes = plans(made, rarity)["r"].groups[0]
        return sorted(made.terms[term].text for index in indexes for term in made.leaves[index].terms)

    assert entry(None) == ["Iraq"]
    assert entry(shares.__getitem__) == rare


def test_the_cost_of_each_rule_that_an_article_is_judged_by_is_timed_by_itself() -> None:
    rules = ruleset({"attack": "attack", "storm": {"all": ["storm", "coast"]}, "flood": "flood"})
    ticks = iter(range(100))
    assert rules.costs(article("An attack, and no storm near the coast."), lambda: next(ticks)) == {
        "attack": 1,
        "storm": 1,
    }


def test_a_conjunct_that_many_rules_share_is_no_entry() -> None:
    made = compiled(
        {f"r{number}": {"all": ["a1", [f"x{number}", f"y{number}", f"z{number}"]]} for number in range(9)}
    )
    assert sorted(made.leaves[index].label for index in plans(made)["r3"].groups[0]) == ["x3", "y3", "z3"]


def test_rules_taken_out_are_inactive_for_a_reason() -> None:
    rules = ruleset({"r": "a1", "s": "a1"}).without({"r": "it fails"})
    assert (list(rules.cards), dict(rules.inactive)) == (["s"], {"r": "it fails"})
    assert [match.rule for match in rules.match(article("a1"))] == ["s"]


def hits(*ranges: tuple[int, int]) -> tuple[Piece, ...]:
    return tuple(Piece(first, last, (Found(first, last, 0, 0),)) for first, last in sorted(ranges))


def test_hits_that_all_overlap_are_fitted_exactly() -> None:
    chained = [Slot(hits((0, 1)), 0), Slot(hits((1, 2), (4, 4)), 1), Slot(hits((2, 3), (4, 5)), 2)]
    assert fits(chained, [1, 1, 1])
    assert not fits([*chained, Slot(hits((3, 4)), 3)], [1, 1, 1, 1])


def test_many_things_at_the_same_few_places_do_not_explode() -> None:
    slots = [Slot(hits(*((at, at + 1) for at in range(0, 40, 2))), 0) for _ in range(30)]
    start = time.process_time()
    assert fits(slots, [18])
    assert not fits(slots[:18], [19])
    assert time.process_time() - start < 20


def test_a_search_over_interlocking_hulls_ends() -> None:
    pieces = tuple(Piece(at, at + 200, (Found(at, at, 0, 0), Found(at + 200, at + 200, 0, 0))) for at in range(100))
    slots = [Slot(pieces, group) for group in range(4)]
    assert sum(1 for _ in chains([*slots, Slot(hits((0, 0)), 4)], [1] * 5)) <= MOST_STEPS


def test_hulls_that_share_a_hit_do_not_combine() -> None:
    shared = Found(5, 5, 0, 0)
    one = Slot((Piece(0, 5, (Found(0, 0, 0, 0), shared)),), 0)
    other = Slot((Piece(3, 5, (Found(3, 3, 0, 0), shared)), Piece(3, 8, (Found(3, 3, 0, 0), Found(8, 8, 0, 0)))), 1)
    assert [(piece.first, piece.last) for piece in chains([one, other], [1, 1])] == [(0, 8)]


def test_an_article_full_of_hits_is_judged_in_time() -> None:
    rules = ruleset(
        {
            "near": {"all": ["alpha", "bravo", "charlie"], "within": "3 words", "none": ["delta"]},
            "far": {"all": ["alpha", "bravo", "charlie"], "within": "paragraph", "none": ["zulu"]},
            "deep": {"all": [{"all": ["alpha", "bravo"]}, "charlie"], "within": "3 words", "ordered": "true"},
        }
    )
    start = time.process_time()
    rules.match(article("alpha bravo delta alpha charlie " * 1000))
    assert time.process_time() - start < 20


def test_the_evidence_of_very_many_hits_is_found_in_time() -> None:
    rules = ruleset({"r": {"all": ["alpha", "bravo"]}})
    start = time.process_time()
    (match,) = rules.match(article("alpha bravo " * 40_000))
    assert len(match.spans) == MOST_SPANS
    assert time.process_time() - start < 20


def test_the_rules_of_one_file_are_one_lexicon(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / f"{name}.yaml").write_text(f"rules: {{{name}: {{match: [x1, y1]}}}}\n")
    assert len(load_rules(tmp_path).compiled.terms) == 2


def test_hits_with_the_same_hull_are_one_combination() -> None:
    slots = [Slot(hits((0, 0)), 0), Slot(hits((1, 1), (2, 2)), 1), Slot(hits((3, 3)), 2)]
    assert [(piece.first, piece.last) for piece in chains(slots, [1, 1, 1])] == [(0, 3)]


def test_what_a_match_hit_of_a_list_is_its_terms_and_of_a_pattern_its_words(tmp_path: Path) -> None:
    rules = load(
        tmp_path,
        "lists:\n  ship: {words: [tanker, ferry]}\n  cve: {patterns: ['cve-\\d+']}\n"
        "rules:\n  r:\n    match: {all: [[$ship, $cve]]}\n",
    )
    one = article("A tanker and CVE-7, CVE-8.")
    (match,) = rules.match(one)

    assert rules.terms(one, match, ["$ship", "$cve"]) == {"$ship": ("tanker",), "$cve": ("cve-7", "cve-8")}
