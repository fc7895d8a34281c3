"""What one article is to another: each condition that joins, and each that parts."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from monitor.model import Relation
from monitor.stories.fingerprint import Fingerprint
from monitor.stories.likeness import (
    REWRITTEN_WITHIN,
    UPDATED_WITHIN,
    Likeness,
    is_the_same,
    judge,
    obstacle,
    ways,
)
from tests.stories.samples import HOUR, REWRITTEN, ROCKETS, likened, of, relation

SAME = Likeness(
    length=1.0,
    is_title_same=False,
    contained=1.0,
    runs=50,
    words=1.0,
    same_numbers=3,
    numbers_apart=0,
    same_names=2,
    subjects_apart=0,
    names_apart=0,
    lead_apart=0,
    is_of_another_day=False,
)
TOLD = "two rockets fell near the old base"
RETOLD = replace(SAME, contained=0.3, words=0.7, lead_apart=9)


def judged(this: Likeness, apart: timedelta = HOUR, **more: Any) -> Relation:
    return judge(replace(this, **more), apart)


def compared(one: Fingerprint, other: Fingerprint) -> Likeness:
    return likened(one, other)[0]


def test_a_text_is_a_copy_of_itself() -> None:
    this = compared(of(ROCKETS), of(ROCKETS))

    assert judge(this, HOUR) is Relation.COPY
    assert this == replace(SAME, runs=this.runs, is_title_same=True, same_numbers=2, same_names=this.same_names)
    assert this.runs > 20


def test_comparing_knows_no_order() -> None:
    one, other = of(ROCKETS), of(REWRITTEN, title="Five soldiers hurt at base")

    assert compared(one, other) == compared(other, one)
    assert judge(compared(one, other), HOUR) is Relation.REWRITE


def test_comparing_with_many_is_comparing_with_each_the_most_alike_in_wording_first() -> None:
    words = [f"word{number}" for number in range(3000)]
    texts = [ROCKETS, REWRITTEN, "Bread is cheap", f"{ROCKETS} (AP) It was said again.", "", " ".join(words)]
    texts += [f"{ROCKETS} " + " ".join(words[:count]) for count in (10, 200, 600)]
    prints = [of(text) for text in texts]

    for this in prints:
        many = likened(this, *prints)
        each = {place: likened(this, other).get(0) for place, other in enumerate(prints)}

        assert many == {place: likeness for place, likeness in each.items() if likeness is not None}
        assert list(many) == sorted(many, key=lambda place: (-many[place].contained, place))
    assert list(likened(prints[0], *prints)) == [0, 3, 6, 7, 8, 4, 2, 1]
    assert likened(prints[0]) == {}


def test_articles_without_words_are_nothing_to_one_another() -> None:
    assert likened(of("", ""), of("", "")) == {}
    assert relation(of("Read", ""), of("Read", "")) is Relation.SEPARATE


@pytest.mark.parametrize(
    ("this", "expected"),
    [
        (replace(SAME, is_of_another_day=True), Relation.SEPARATE),
        (replace(SAME, subjects_apart=1), Relation.SEPARATE),
        (replace(SAME, runs=4), Relation.REWRITE),
        # the fewer numbers agree, the more of the wording must
        (replace(SAME, same_numbers=0, contained=0.9), Relation.COPY),
        (replace(SAME, same_numbers=0, contained=0.89), Relation.SEPARATE),
        (replace(SAME, same_numbers=0, lead_apart=1), Relation.SEPARATE),
        (replace(SAME, same_numbers=1, contained=0.85), Relation.COPY),
        (replace(SAME, same_numbers=1, contained=0.84), Relation.SEPARATE),
        (replace(SAME, same_numbers=1, contained=0.75, is_title_same=True), Relation.COPY),
        (replace(SAME, same_numbers=1, lead_apart=1), Relation.SEPARATE),
        (replace(SAME, same_numbers=1, lead_apart=1, length=0.5), Relation.TRIM),
        (replace(SAME, contained=0.75, lead_apart=1), Relation.COPY),
        (replace(SAME, contained=0.75, lead_apart=2, words=0.5), Relation.SEPARATE),
        (replace(SAME, contained=0.9, lead_apart=3), Relation.COPY),
        (replace(SAME, contained=0.9, lead_apart=4), Relation.REWRITE),
        # what is much shorter is a trim, what is tiny only under the same headline
        (replace(SAME, length=0.59), Relation.TRIM),
        (replace(SAME, length=0.24), Relation.SEPARATE),
        (replace(SAME, length=0.01, is_title_same=True), Relation.TRIM),
        # a rewrite has the same facts
        (RETOLD, Relation.REWRITE),
        (replace(RETOLD, same_numbers=1), Relation.SEPARATE),
        (replace(RETOLD, same_numbers=2, same_names=0), Relation.SEPARATE),
        (replace(RETOLD, names_apart=1), Relation.SEPARATE),
        (replace(RETOLD, words=0.54), Relation.SEPARATE),
        (replace(RETOLD, length=0.49), Relation.SEPARATE),
        # an update has most of the numbers, and all the names
        (replace(SAME, numbers_apart=1, contained=0.7), Relation.UPDATE),
        (replace(SAME, numbers_apart=1, contained=0.69), Relation.SEPARATE),
        (replace(SAME, numbers_apart=2), Relation.SEPARATE),
        (replace(SAME, numbers_apart=1, names_apart=1), Relation.SEPARATE),
    ],
)
def test_what_an_article_is_depends_on_wording_and_facts(this: Likeness, expected: Relation) -> None:
    assert judge(this, HOUR) is expected


def test_a_rewrite_and_an_update_come_soon_and_a_copy_whenever() -> None:
    late = timedelta(seconds=1)

    assert judged(RETOLD, REWRITTEN_WITHIN) is Relation.REWRITE
    assert judged(RETOLD, REWRITTEN_WITHIN + late) is Relation.SEPARATE
    assert judged(SAME, UPDATED_WITHIN, numbers_apart=1) is Relation.UPDATE
    assert judged(SAME, UPDATED_WITHIN + late, numbers_apart=1) is Relation.SEPARATE
    assert judged(SAME, timedelta(hours=72)) is Relation.COPY


@pytest.mark.parametrize(
    ("one", "other", "is_other"),
    [
        ("on Monday", "on Tuesday", True),
        ("on Monday", "on Monday and Tuesday", False),
        ("on 3 May", "on 4 May", True),
        ("on Monday", "on 4 May", False),
        ("on Monday, 3 May", "on Monday, 4 May", True),
        ("on Monday", "some day", False),
    ],
)
def test_days_part_when_none_is_common(one: str, other: str, is_other: bool) -> None:
    assert compared(of(f"{TOLD} {one}"), of(f"{TOLD} {other}")).is_of_another_day is is_other


def test_of_a_long_and_a_short_text_only_what_both_samples_know_is_compared() -> None:
    words = [f"word{number}" for number in range(3000)]
    part, other = " ".join(words[1000:1200]), " ".join(f"other{number}" for number in range(200))

    likeness = compared(of(" ".join(words), "Long one"), of(part, "Part"))

    assert (likeness.contained, likeness.words) == (1.0, 1.0)
    assert 0 < likeness.runs < 60
    assert likened(of(" ".join(words), "Long one"), of(other, "Other")) == {}


def test_only_a_copy_of_about_the_same_length_makes_the_other_superfluous() -> None:
    assert is_the_same(Relation.COPY, SAME)
    assert not is_the_same(Relation.COPY, replace(SAME, length=0.7))
    assert not is_the_same(Relation.COPY, replace(SAME, contained=0.8))
    assert not is_the_same(Relation.UPDATE, SAME)


@pytest.mark.parametrize(
    ("relation", "words"),
    [
        (Relation.COPY, "copy of article {}: 30% of the wording"),
        (Relation.TRIM, "trimmed copy, of article {} or the other way round: 30% of the wording of the shorter"),
        (Relation.UPDATE, "update of article {}: 30% of the wording, 0 of the numbers changed"),
        (Relation.REWRITE, "rewrite of article {}: 3 numbers and 2 names agree, 70% of the words"),
    ],
)
def test_a_relation_is_told_with_its_figures(relation: Relation, words: str) -> None:
    assert ways(relation, RETOLD) == words


@pytest.mark.parametrize(
    ("this", "words"),
    [
        (replace(SAME, is_of_another_day=True), "of another day"),
        (replace(SAME, subjects_apart=2), "2 of the names differ"),
        (replace(SAME, numbers_apart=4), "4 of the numbers differ"),
        (replace(RETOLD, same_numbers=0), "only 30% of the wording and 0 numbers agree"),
        (replace(RETOLD, words=0.5), ""),
    ],
)
def test_what_parts_two_articles_that_read_alike_is_told(this: Likeness, words: str) -> None:
    assert obstacle(this) == words


def test_of_more_numbers_than_are_kept_those_that_were_cut_off_do_not_part() -> None:
    listed = " ".join(f"item {number} sold" for number in range(100, 140))

    this = compared(of(listed), of(f"{listed} and item 141 sold"))

    assert this.numbers_apart == 0
    assert this.same_numbers > 20
