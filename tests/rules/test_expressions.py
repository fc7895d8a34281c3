"""What each key of an expression means, one behaviour at a time."""

from __future__ import annotations

from typing import Any

import pytest

from monitor.rules.evaluate import Scope
from monitor.rules.expression import Word
from monitor.rules.terms import Term
from tests.rules.build import article, found, holds, ruleset

LISTS = {"attack": {"words": ["attack", "strike", "rocket fire"]}, "calm": {"words": ["drill"]}}
ENTITIES = {
    "asad": {"kind": "base", "names": ["Ain al-Asad"], "place": {"country": "IQ"}, "tags": ["west"]},
    "harir": {"kind": "base", "names": ["Harir"], "country": "IQ", "tags": ["north"]},
    "rafah": {"kind": "crossing", "names": ["Rafah"]},
}


def test_a_list_means_any_of_it() -> None:
    assert holds(["storm", "flood"], "a flood came")
    assert not holds(["storm", "flood"], "a fire came")


def test_keys_of_one_mapping_must_all_hold() -> None:
    match = {"any": ["storm", "flood"], "all": ["Basra"], "none": ["film"]}
    assert holds(match, "a flood in Basra")
    assert not holds(match, "a flood in Mosul")
    assert not holds(match, "a fire in Basra")
    assert not holds(match, "a flood in Basra, says a film")


def test_a_single_child_needs_no_list() -> None:
    assert holds({"all": "storm", "none": "film"}, "a storm")


def test_within_sentence_wants_one_sentence() -> None:
    match = {"all": ["attack", "base"], "within": "sentence"}
    assert holds(match, "All quiet. An attack hit the base.")
    assert not holds(match, "An attack came. The base is calm.")


def test_within_never_joins_the_title_and_the_text() -> None:
    for unit in ("sentence", "paragraph", "50 words"):
        assert not holds({"all": ["attack", "base"], "within": unit}, "the base", title="an attack")


def test_within_words_counts_the_words_between_the_nearest_edges() -> None:
    match = {"all": ["rocket fire", "base"], "within": "2 words"}
    assert holds(match, "rocket fire one two base")
    assert holds(match, "base one two rocket fire")
    assert not holds(match, "rocket fire one two three base")
    assert holds({"all": ["rocket", "base"], "within": "0 words"}, "the rocket base")


def test_within_words_is_measured_between_neighbours_not_over_all() -> None:
    match = {"all": ["alpha", "bravo", "charlie"], "within": "2 words"}
    assert holds(match, "charlie x x alpha x x bravo")
    assert not holds(match, "charlie x x x alpha bravo")


def test_within_words_crosses_sentences_and_no_paragraph() -> None:
    match = {"all": ["attack", "base"], "within": "3 words"}
    assert holds(match, "An attack. The base.")
    assert not holds(match, "An attack.\n\nThe base.")


def test_overlapping_hits_never_combine() -> None:
    match = {"all": ["rocket fire", "fire"], "within": "sentence"}
    assert not holds(match, "rocket fire")
    assert holds(match, "rocket fire and fire")
    assert holds({"all": ["rocket fire", "fire"]}, "rocket fire")


def test_ordered_wants_the_written_order() -> None:
    match = {"all": ["alpha", "bravo"], "within": "sentence", "ordered": "true"}
    assert holds(match, "alpha then bravo")
    assert not holds(match, "bravo then alpha")
    assert holds({**match, "within": "1 words"}, "bravo x alpha x bravo")
    assert not holds({**match, "within": "1 words"}, "bravo x alpha")


def test_none_looks_in_the_unit_that_holds_the_combination() -> None:
    match = {"all": ["attack", "base"], "within": "sentence", "none": ["drill"]}
    assert holds(match, "An attack on the base. A drill follows.")
    assert not holds(match, "An attack on the base in a drill.")
    assert holds(match, "A drill attack on the base. A real attack on the base.")


def test_none_beside_words_reaches_so_many_words_before_and_after() -> None:
    match = {"all": ["attack", "base"], "within": "2 words", "none": ["drill"]}
    assert not holds(match, "drill x attack base")
    assert holds(match, "drill x x attack base")
    assert not holds(match, "attack base x drill")
    assert holds(match, "attack base x x drill")
    assert holds(match, "attack base.\n\ndrill")


def test_none_takes_another_combination_that_is_clear() -> None:
    match = {"all": ["attack", "base"], "within": "1 words", "none": ["drill"]}
    assert holds(match, "drill attack base x x x x attack base")


def test_none_without_within_looks_in_the_article_or_its_fields() -> None:
    assert not holds({"all": ["attack"], "none": ["film"]}, "an attack", title="a film")
    assert holds({"all": ["attack"], "none": ["film"], "fields": ["body"]}, "an attack", title="a film")


def test_nowhere_looks_in_the_whole_article_or_the_fields_of_its_own() -> None:
    match: dict[str, Any] = {"all": ["attack"], "fields": ["body"], "nowhere": ["film"]}
    assert not holds(match, "an attack", title="a film")
    match = {"all": ["attack"], "nowhere": [{"any": ["film"], "fields": ["title", "lead"]}]}
    assert not holds(match, "an attack", title="a film")
    assert holds(match, "an attack\n\na film")


def test_lead_is_the_first_paragraph_and_body_includes_it() -> None:
    assert holds({"all": ["attack"], "fields": ["lead"]}, "an attack\n\nmore")
    assert not holds({"all": ["attack"], "fields": ["lead"]}, "more\n\nan attack")
    assert holds({"all": ["attack"], "fields": ["body"]}, "an attack\n\nmore")
    assert not holds({"all": ["attack"], "fields": ["body"]}, "more", title="an attack")


def test_fields_apply_to_nested_keys_too() -> None:
    match = {"all": [{"any": ["attack", {"all": ["strike", "base"], "within": "sentence"}]}], "fields": ["title"]}
    assert holds(match, "", title="a strike on a base")
    assert not holds(match, "a strike on a base")


def test_at_least_counts_distinct_children_by_hits_that_do_not_overlap() -> None:
    match = {"at_least": "2", "of": ["storm", "flood", "flash flood"]}
    assert holds(match, "storm and flood")
    assert not holds(match, "flood and flood")
    assert not holds(match, "flash flood")
    assert holds(match, "flash flood, flood")


def test_at_least_of_a_list_counts_its_terms_and_of_entities_their_ids() -> None:
    assert holds({"at_least": "2", "of": "$attack"}, "attack, strike", lists=LISTS)
    assert not holds({"at_least": "2", "of": "$attack"}, "attack, attack", lists=LISTS)
    bases = {"at_least": "2", "of": {"entity": {"kind": "base"}}}
    assert holds(bases, "Ain al-Asad and Harir", entities=ENTITIES)
    assert not holds(bases, "Ain al-Asad and Ain al-Asad", entities=ENTITIES)
    both: dict[str, Any] = {"bases": {"terms": ["$asad", "$harir", "$attack"]}, **LISTS}
    match = {"at_least": "3", "of": "$bases"}
    assert holds(match, "Harir, Ain al-Asad, attack", lists=both, entities=ENTITIES)
    assert not holds(match, "Harir, Harir, Ain al-Asad", lists=both, entities=ENTITIES)


def test_at_least_inside_within_wants_so_many_in_one_unit() -> None:
    match = {"at_least": "2", "of": ["storm", "flood", "hail"], "within": "sentence"}
    assert holds(match, "A flood. Hail and storm.")
    assert not holds(match, "A flood. Hail.")


def test_entity_selects_by_id_kind_country_and_tag() -> None:
    def hit(select: dict[str, Any], text: str) -> bool:
        return holds({"entity": select}, text, entities=ENTITIES)

    assert hit({"kind": "base"}, "Harir")
    assert not hit({"kind": "base"}, "Rafah")
    assert hit({"country": "IQ"}, "Ain al-Asad")
    assert hit({"id": ["rafah", "harir"]}, "Rafah")
    assert not hit({"kind": "base", "tag": "west"}, "Harir")


def test_a_reference_names_a_list_an_entity_or_the_match_of_a_rule() -> None:
    assert holds("$attack", "rocket fire", lists=LISTS)
    assert holds("$asad", "Ain al-Asad", entities=ENTITIES)
    fire = {"all": ["$attack", "base"], "within": "sentence"}
    rules = ruleset({"fire": fire, "aftermath": {"all": ["$fire", "quiet"]}}, lists=LISTS)
    assert [match.rule for match in rules.match(article("a strike on a base; quiet since"))] == ["aftermath", "fire"]
    assert [match.rule for match in rules.match(article("a strike; quiet. The base."))] == []


def test_money_is_no_reference() -> None:
    assert holds("$500 million", "a 500 million loan")


def test_marks_choose_the_mode() -> None:
    assert holds("explo*", "an explosion")
    assert not holds("explo", "an explosion")
    assert holds("/car[- ]bombs?/", "two car bombs")
    assert not holds("=attack", "attack's")
    assert holds("attack", "attack's")
    assert holds("~attack", "attack")


def test_a_term_can_be_spelt_out_and_stand_beside_other_keys() -> None:
    assert not holds({"term": "Apple", "cased": "true"}, "apple")
    assert holds({"term": "Apple", "cased": "true"}, "Apple")
    assert holds({"term": "apple", "fields": ["title"]}, "", title="apple")
    assert not holds({"term": "Rafah", "not_part_of": ["Rafah street"]}, "Rafah street")


def test_a_nested_combination_counts_as_one_piece() -> None:
    match = {"all": [{"all": ["drone", "hit"], "within": "3 words"}, "base"], "within": "1 words"}
    assert holds(match, "drone x hit x base")
    assert not holds(match, "drone x hit x x base")
    assert holds(match, "base x drone x x x hit")
    assert holds(match, "a drone at base hit"), "the base may stand between the two"


def test_a_nested_all_without_within_may_spread_over_the_unit() -> None:
    match: dict[str, Any] = {"all": [{"all": ["drone", "hit"]}, "base"], "within": "1 words"}
    assert holds(match, "drone x x x x x hit base")
    assert holds({**match, "within": "sentence"}, "base x x drone x x hit")
    assert not holds({**match, "within": "sentence", "ordered": "true"}, "drone base hit")
    assert holds({**match, "within": "sentence", "ordered": "true"}, "drone x hit x base")


def test_a_nested_mapping_brings_its_own_conditions() -> None:
    calm = {"all": ["drone"], "nowhere": ["film"]}
    assert holds({"all": [calm, "base"], "within": "sentence"}, "a drone at a base")
    assert not holds({"all": [calm, "base"], "within": "sentence"}, "a drone at a base\n\na film")
    near = {"all": ["drone", "low"], "within": "2 words", "nowhere": ["film"]}
    assert not holds({"all": [near, "base"], "within": "sentence"}, "a low drone at a base\n\na film")


def test_a_child_that_only_takes_away_is_a_condition() -> None:
    match: dict[str, Any] = {"all": ["attack", "base", {"none": ["film"]}], "within": "sentence"}
    assert holds(match, "an attack on a base")
    assert not holds(match, "an attack on a base\n\na film")
    match = {"all": ["attack", {"all": ["base", {"nowhere": ["film"]}]}], "within": "sentence"}
    assert not holds(match, "an attack on a base\n\na film")
    assert holds({"all": ["attack", {"none": ["film"]}]}, "an attack")


def test_arabic_digits_are_numbers() -> None:
    assert holds({"all": ["attack", "base"], "within": "٢ words"}, "attack x x base")
    assert not holds({"at_least": "٢", "of": ["attack", "base"]}, "attack")


def test_evidence_holds_every_hit_of_a_sentence_that_satisfies() -> None:
    match = {"all": [{"entity": {"kind": "base"}}, "attack"], "within": "sentence"}
    text = "Harir is calm. An attack hit Harir and Ain al-Asad, the second attack."
    assert found(match, text, entities=ENTITIES) == ["attack", "Harir", "Ain al-Asad", "attack"]


def test_evidence_of_words_is_only_what_is_near_enough() -> None:
    match = {"all": [{"entity": {"kind": "base"}}, "attack"], "within": "2 words"}
    assert found(match, "Harir saw x an attack on Ain al-Asad", entities=ENTITIES) == ["attack", "Ain al-Asad"]


def test_evidence_of_any_leaves_out_what_does_not_hold() -> None:
    match = {"any": [{"all": ["drone", "hit"]}, "storm"]}
    assert found(match, "a drone in a storm") == ["storm"]


def test_evidence_of_at_least_is_all_its_children() -> None:
    assert found({"at_least": "2", "of": ["a1", "b2", "c3"]}, "c3 b2 a1") == ["c3", "b2", "a1"]


def test_evidence_of_a_clause_is_what_its_fields_hold() -> None:
    assert found({"all": ["attack"], "fields": ["title"]}, "attack", title="an attack") == ["attack"]


def test_empty_articles_match_nothing() -> None:
    assert not holds("attack", "")
    assert not holds({"all": ["attack"], "fields": ["lead"]}, "", title="attack")


def test_a_short_word_before_the_reach_of_a_long_phrase_does_not_block() -> None:
    lists = {"x": {"words": ["a very long phrase", "drill"]}}
    match = {"all": ["attack", "base"], "within": "2 words", "none": ["$x"]}
    assert holds(match, "drill x x attack base", lists=lists)
    assert not holds(match, "a very long phrase attack base", lists=lists)


def test_an_all_of_conditions_beside_another_key_gives_no_hits() -> None:
    match = {"all": [{"none": ["film"]}], "any": ["storm", "flood"], "within": "sentence", "none": ["play"]}
    assert holds(match, "a storm")
    assert not holds(match, "a storm\n\na film")
    assert not holds(match, "a storm in a play")


def test_a_pattern_over_two_sentences_lies_in_neither() -> None:
    match = {"all": ["/attack.+base/", "drill"], "within": "sentence"}
    assert not holds(match, "A drill, an attack. The base.")


def test_a_node_that_is_not_compiled_is_refused() -> None:
    rules = ruleset({"r": "attack"})
    with pytest.raises(TypeError, match="not compiled"):
        rules._sight_of(article("attack"), []).holds(Word(Term("attack"), "attack", ()), Scope(((0, 0),)))


def test_a_sentence_in_a_paragraph_is_one_piece_of_it() -> None:
    match = {"all": [{"all": ["drone", "hit"], "within": "sentence"}, "base"], "within": "paragraph"}
    assert holds(match, "A drone hit. The base.")
    assert not holds(match, "A drone. A hit. The base.")
    assert not holds(match, "A drone hit.\n\nThe base.")


# --- points ------------------------------------------------------------------------------------------------

CRISIS = {"at_least": "8", "points": {"6": ["boycott", "lawsuit"], "3": ["recall"], "-4": ["sponsor"]}}


def test_points_of_the_items_that_hold_add_up_and_some_take_away() -> None:
    assert holds(CRISIS, "a boycott after a recall")
    assert not holds(CRISIS, "a boycott")
    assert holds(CRISIS, "a boycott, a lawsuit and a sponsor")
    assert not holds(CRISIS, "a boycott, a recall and a sponsor")


def test_each_item_earns_its_points_once() -> None:
    assert not holds(CRISIS, "a boycott, a boycott, a boycott")


def test_a_list_under_points_is_one_item() -> None:
    match = {"at_least": "4", "points": {"2": ["$attack", "base"]}}
    assert not holds(match, "an attack, a strike, rocket fire", lists=LISTS)
    assert holds(match, "an attack on a base", lists=LISTS)


def test_points_stand_beside_other_keys_and_keep_to_their_fields() -> None:
    match = {"all": ["firm"], **CRISIS, "fields": ["title"]}
    assert holds(match, "", title="firm: boycott, recall")
    assert not holds(match, "a boycott", title="firm: recall")
    assert not holds(match, "firm: boycott, recall")


def test_beside_within_points_count_where_none_looks() -> None:
    match = {"all": ["firm"], **CRISIS, "within": "sentence"}
    assert holds(match, "The firm faces a boycott and a recall.")
    assert not holds(match, "The firm faces a boycott. A recall came.")
    assert holds(match, "The firm faces a boycott and a recall. A sponsor left.")
    near = {"all": ["firm"], **CRISIS, "within": "2 words"}
    assert holds(near, "boycott x firm x recall")
    assert not holds(near, "boycott x x firm x recall")
    assert holds(near, "boycott x firm x recall x x sponsor")
    assert holds({"all": ["firm", CRISIS], "within": "2 words"}, "boycott x firm x recall")


def test_points_of_a_nested_mapping_count_in_the_unit_of_the_one_around_it() -> None:
    match = {"all": ["firm", {"all": ["chief"], **CRISIS}], "within": "sentence"}
    assert holds(match, "The firm and its chief face a boycott and a recall.")
    assert not holds(match, "The firm and its chief face a boycott. A recall came.")


def test_points_are_one_of_several_things() -> None:
    match = {"at_least": "2", "of": ["firm", "chief", CRISIS]}
    assert holds(match, "the firm: boycott, recall")
    assert not holds(match, "the firm: boycott")
    assert holds([CRISIS, "firm"], "boycott, recall")


def test_evidence_of_points_is_what_earned_them() -> None:
    assert found(CRISIS, "a sponsor, a boycott, a lawsuit") == ["boycott", "lawsuit"]
    within = {"all": ["firm"], **CRISIS, "within": "sentence"}
    assert found(within, "A recall. A firm, a boycott, a recall.") == ["firm", "boycott", "recall"]
    near = {"all": ["firm"], **CRISIS, "within": "3 words"}
    assert found(near, "A recall, boycott, a firm.") == ["recall", "boycott", "firm"]


# --- mentions ----------------------------------------------------------------------------------------------


def test_mentions_counts_hits_that_do_not_overlap() -> None:
    match = {"any": ["SABIC"], "mentions": "2"}
    assert holds(match, "SABIC says SABIC is well")
    assert not holds(match, "SABIC is well")
    assert not holds({"any": ["rocket fire", "fire"], "mentions": "2"}, "rocket fire")
    assert holds({"any": ["rocket fire", "fire"], "mentions": "2"}, "rocket fire, fire")


def test_mentions_counts_hits_of_all_positive_keys_together_and_all_must_hold() -> None:
    match = {"all": ["firm"], "any": ["boycott", "recall"], "mentions": "3"}
    assert holds(match, "firm, firm, recall")
    assert not holds(match, "firm, recall")
    assert not holds(match, "firm, firm, firm")


def test_mentions_keeps_to_the_fields_and_to_the_unit_of_within() -> None:
    assert not holds({"any": ["firm"], "mentions": "2", "fields": ["body"]}, "a firm", title="a firm")
    match = {"all": ["firm", "recall"], "mentions": "3", "within": "sentence"}
    assert holds(match, "The firm, a firm, a recall.")
    assert not holds(match, "The firm and a recall. A firm.")


def test_mentions_beside_words_counts_the_hits_that_hang_together() -> None:
    match = {"any": ["firm"], "mentions": "3", "within": "1 words"}
    assert holds(match, "firm x firm x firm")
    assert not holds(match, "firm x firm x x firm")
    assert holds(match, "firm x x firm x firm x firm")
    overlapping = {"any": ["rocket fire", "fire"], "mentions": "2", "within": "1 words"}
    assert not holds(overlapping, "rocket fire")
    assert holds(overlapping, "rocket fire x fire")
    both = {"all": ["firm", "recall"], "mentions": "4", "within": "1 words"}
    assert holds(both, "firm firm firm recall")
    assert not holds(both, "firm firm x x firm recall")


def test_mentions_of_a_nested_mapping_count_in_the_unit_of_the_one_around_it() -> None:
    match = {"all": [{"any": ["firm"], "mentions": "2"}, "recall"], "within": "sentence"}
    assert holds(match, "The firm, a firm, a recall.")
    assert not holds(match, "The firm and a recall. A firm.")
