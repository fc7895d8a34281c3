"""Arabic names in Latin letters: the gate, the skeleton by which names are looked up, and what bounds there are."""

from __future__ import annotations

from math import prod
from random import Random

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from monitor.rules import translit
from monitor.rules.terms import Term, find
from monitor.rules.translit import is_long_enough, is_spelling, keys, readings, renderings, skeleton, ways
from monitor.rules.words import phrases
from monitor.text.grammar import Ending

LETTERS = "ابتثجحخدذرزسشصضطظعغفقكلمنهويءأإآئؤىةپچژگ"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("عين الأسد", True),
        ("محمد", True),
        ("دمشق", True),
        ("الفلوجة", False),
        ("حوثي", False),
        ("سابك", False),
        ("البحري", False),
        ("Ain al-Asad", False),
        ("عين Asad", False),
        ("", False),
    ],
)
def test_name_of_two_words_or_four_consonants_is_long_enough(name: str, expected: bool) -> None:
    assert is_long_enough(name) is expected


@example("عبدال", Random(0))
@given(st.text(st.sampled_from(LETTERS), min_size=1, max_size=6), st.randoms(use_true_random=False))
def test_every_spelling_is_recognised_and_lies_under_a_key_of_its_word(word: str, chance: object) -> None:
    spelling = "".join(chance.choice(choice) for choice in ways(word))  # type: ignore[attr-defined]
    assert is_spelling(spelling, word)
    if prod(map(len, ways(word))) <= translit.MOST_KEYS:
        assert skeleton(spelling) in keys(word)


def test_a_reading_says_where_the_possessive_begins() -> None:
    names = {key: [(7, "دمشق")] for key in keys("دمشق")}
    (found,) = readings("dimashq's", names)
    assert found[0] == 7
    assert (found[1].end, found[1].suffix, bool(found[1].ending & Ending.PRONOUN)) == (7, "'s", True)
    assert list(readings("damascus", names)) == []


def test_a_token_with_the_bones_of_a_name_is_no_spelling_of_it_by_that() -> None:
    names = {key: [(7, "دمشق")] for key in keys("دمشق")}
    assert skeleton("deumiashaoq") in names
    assert list(readings("deumiashaoq", names)) == []


@pytest.mark.parametrize("word", ["ه", "ئء"])
def test_a_word_of_letters_that_need_not_be_written_lies_under_what_is_left_of_nothing(word: str) -> None:
    assert is_spelling("", word)
    assert skeleton("") in keys(word)


def test_a_very_long_token_is_no_name() -> None:
    names = {skeleton("m" * 41): [(0, "م")]}
    assert list(readings("m" * 41, names)) == []


def test_a_long_name_has_a_bounded_number_of_phrases() -> None:
    assert len(list(renderings(("الفجر",) * 10))) == translit.MOST_RENDERINGS
    assert len(phrases(Term("الفجر " * 10, translit=True))) <= translit.MOST_RENDERINGS + 1


def test_a_name_that_is_not_arabic_has_no_latin_phrases() -> None:
    assert len(phrases(Term("Ain al-Asad", translit=True))) == 1
    assert len(phrases(Term("لواء 55", translit=True))) == 1


def test_a_word_of_a_hundred_letters_costs_little() -> None:
    word = "قذ" * 50
    assert 0 < len(keys(word)) <= 4 * translit.MOST_KEYS
    assert not is_spelling("q" * 40, word)


def test_without_the_option_another_script_is_another_name() -> None:
    assert find("عين الأسد", "Ain al-Asad") == ()


@pytest.mark.parametrize("name", ["خامنئي", "علي خامنئي"])
def test_a_name_in_latin_letters_has_a_capital(name: str) -> None:
    assert find(name, "then Ali Khamenei spoke", translit=True)
    assert find(name, "then ali khamenei spoke", translit=True) == ()
