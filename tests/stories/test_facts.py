"""The facts of an article: its numbers, its days, its names, and where it says what happened."""

from __future__ import annotations

import numpy as np
import pytest

from monitor.stories.facts import LEAD, Facts, Reader
from monitor.stories.hashing import MOST_LETTERS, Hasher
from monitor.text.fold import folded
from monitor.text.letters import cut

READER = Reader(Hasher(bytes(range(24))))


def hashes(words: str) -> set[int]:
    return set(READER.hasher.words(cut(folded(words))).tolist())


def read(text: str, title: str = "") -> Facts:
    (facts,) = READER.read([(title, text)])
    return facts


def numbers(text: str) -> frozenset[int]:
    return read(text).numbers


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("five soldiers and 12 troops", "5 and 12"),
        ("خمسة جنود و١٢ عسكريا", "5 12"),
        ("1,400 barrels at 09:32", "1400 9.32"),
        ("007 rockets", "7"),
        ("6.40", "6.40"),
        ("in 2026, on 24.11.2026, one of them", ""),
        ("on 24 November and May 3", ""),
        ("يوم 3 كانون الأول و4 تشرين الثاني", ""),
        ("12345678901234567890", ""),
    ],
)
def test_numbers_are_one_in_figures_and_words_and_are_no_years_or_dates(text: str, same: str) -> None:
    assert numbers(text) == numbers(same)
    assert bool(numbers(text)) is bool(same)


def test_digits_that_are_not_folded_make_no_number() -> None:
    thai = str.maketrans("0123456789", "๐๑๒๓๔๕๖๗๘๙")

    assert numbers(" ".join(map(str, range(10)))) == numbers("٠ ١ ٢ ٣ ٤ ٥ ٦ ٧ ٨ ٩") != frozenset()
    assert numbers(" ".join(map(str, range(2000))).translate(thai)) == frozenset()


def test_numbers_that_differ_in_a_decimal_differ() -> None:
    assert not numbers("6.4") & numbers("64 6 4 0.64")


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("on Monday and Friday", {1, 5}),
        ("يوم الأربعاء", {3}),
        ("в среду", {3}),
        ("24 November, May 3", {1124, 503}),
        ("3 كانون الأول", {1203}),
        ("3 كانون الثاني", {103}),
        ("4 تشرين الأول", {1004}),
        ("4 تشرين", {1104}),
        ("May 32, may come, March", set()),
        ("they may", set()),
    ],
)
def test_days_are_weekdays_and_dates(text: str, days: set[int]) -> None:
    assert read(text).days == days


def test_subjects_are_names_in_the_headline_or_said_twice() -> None:
    facts = read(
        "Fire hit the Kalmar mill, said Vera Novak. Later Novak left; On Monday it rained.", "Kalmar mill burns"
    )

    assert facts.subjects == hashes("kalmar novak")
    assert facts.names == hashes("kalmar vera novak on")
    assert facts.themes == facts.names


def test_a_word_that_only_begins_a_sentence_or_a_line_is_no_name() -> None:
    assert read("Officials met. Nobody came.\nWitnesses (Reuters) left: “Help” and Velika").themes == hashes("velika")


def test_where_there_are_no_capitals_a_subject_is_a_word_of_headline_and_text() -> None:
    facts = read("ضرب زلزال مدينة مرسالا يوم الجمعة وشعر سكان المدينة به في مدينة أخرى", "زلزال يضرب مرسالا في الليل")

    assert facts.subjects == hashes("زلزال مرسالا")
    assert facts.names == frozenset()
    assert facts.themes == hashes("زلزال مرسالا")


def test_chinese_names_are_two_signs() -> None:
    assert hashes("北京") <= read("北京今天下雨", "北京有雨").subjects


def test_the_lead_begins_after_a_dateline() -> None:
    with_dateline = read("SARVAN, Friday (Atlas) - Two rockets fell on the base " + "and then more " * LEAD)
    without = read("Two rockets fell on the base " + "and then more " * LEAD)

    assert np.array_equal(with_dateline.lead, without.lead)
    assert len(without.lead) == LEAD


@pytest.mark.parametrize(
    "credit", ["", "\n\nReporting by Karim Haddad; editing by Vera Novak", " (رويترز)", "\n\nRead more ...", " (AP)."]
)
def test_what_an_article_tells_ends_before_its_credit(credit: str) -> None:
    text = "Two rockets fell near the base on Monday and nobody was hurt"

    assert np.array_equal(read(text + credit).told, read(text).told)


def test_what_is_longer_than_the_rest_is_no_credit() -> None:
    facts = read("Two rockets fell.\n\nNobody was hurt, a spokesman of the base said.")

    assert len(facts.told) == len(facts.text) == 12


def test_a_text_without_words_has_no_facts() -> None:
    facts = read("...", "!")

    assert (facts.key, len(facts.text), len(facts.told)) == ("", 0, 0)
    assert not (facts.numbers | facts.days | facts.subjects | facts.names | facts.themes)


def test_of_an_endless_text_the_beginning_is_read_and_all_is_in_the_key() -> None:
    long = "word " * MOST_LETTERS

    facts = read(long + "42")

    assert len(facts.text) < MOST_LETTERS / 4
    assert facts.numbers == frozenset()
    assert facts.key != read(long).key


def test_a_title_with_a_nul_is_read() -> None:
    assert len(read("five", "one\0two").text) == 2
