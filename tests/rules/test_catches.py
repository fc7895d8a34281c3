"""What a term catches: samples that are found for certain, and the forms that articles really held."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitor.rulefiles import load_pack
from monitor.rules.catches import caught, samples
from monitor.rules.compiler import members_of
from monitor.rules.terms import Mode, Term
from monitor.rules.wording import Needs
from tests.rules.build import article


@pytest.mark.parametrize(
    ("term", "expected"),
    [
        (Term("هجوم"), "الهجوم بالهجوم للهجوم وهجوم بهجوم لهجوم هجومات هجومين هجومه هجومها"),
        (Term("الهجوم"), "بالهجوم للهجوم والهجوم"),
        (Term("قاعدة"), "القاعدة بالقاعدة للقاعدة وقاعدة بقاعدة لقاعدة قاعدات قاعدتين قاعدته قاعدتها"),
        (Term("بغداد", name=True), "وبغداد ببغداد لبغداد"),
        (Term("attack"), "attack's"),
        (Term("troops"), "troops'"),
        (Term("attack", Mode.EXACT), ""),
        (Term("explo", Mode.STARTS), ""),
        (Term("bombs?", Mode.PATTERN), ""),
    ],
)
def test_samples_of_a_word(term: Term, expected: str) -> None:
    found = samples(term)
    assert set(expected.split()) <= set(found)
    assert expected or not found


def test_samples_of_a_phrase_show_what_parts_its_words() -> None:
    assert samples(Term("car bomb")) == ("car bomb's", "car-bomb")
    assert samples(Term("PAN-OS")) == ("PAN-OS's", "PAN OS")
    assert samples(Term("عين الأسد", name=True)) == ("وعين الأسد", "بعين الأسد", "لعين الأسد")


def test_every_sample_is_found_whole() -> None:
    for text in ("عين الأسد", "مستشفى", "الولايات المتحدة", "Ain al-Asad"):
        for form in samples(Term(text)):
            assert caught([Term(text)], [article(form)]).forms == {form: 1}


def test_the_forms_in_articles_are_counted_and_those_taken_away_named() -> None:
    term = Term("attack", not_part_of=(Term("heart attack"), Term("panic attacks")))
    found = caught(
        [term, Term("هجوم")],
        [
            article("An attack and the attack's end. A heart  attack.", title="Attack"),
            article("بالهجوم وفي بالهجوم"),
            article("Nothing."),
        ],
    )
    assert found.articles == 3
    assert found.forms == {"attack": 1, "attack's": 1, "Attack": 1, "بالهجوم": 2}
    assert found.lost == {("attack", "heart attack"): 1}


def test_the_terms_of_a_list_are_its_own_and_those_of_what_it_names(tmp_path: Path) -> None:
    file = tmp_path / "rules.yaml"
    file.write_text("lists: {a: {words: [one], terms: [$b]}, b: {words: [two]}}\nentities: {e: {names: [Three]}}\n")
    catalog = load_pack(file).catalog
    members = [(id, [term.text for term, _ in members_of(catalog, id)]) for id in ("a", "b", "e")]
    assert members == [("a", ["one", "two"]), ("b", ["two"]), ("e", ["Three"])]


def test_forms_are_samples_of_a_term_that_stands_for_all_of_them() -> None:
    assert {"struck", "strikes", "striking"} <= set(samples(Term("strike", Mode.FORMS)))
    assert samples(Term("air strike", Mode.FORMS)) == ("air strike's", "air-strike")


def test_a_name_without_the_company_it_needs_is_lost_for_that() -> None:
    name = Term("Ali", needs=Needs((Term("oil"),), "sentence"))
    found = caught([name], [article("Ali boxed. Ali sold oil.")])
    assert (found.forms, found.lost) == ({"Ali": 1}, {("Ali", ""): 1})
