"""Fingerprints: what is kept of an article, how much at most, and that it comes back from the store."""

from __future__ import annotations

from monitor.stories.facts import Reader
from monitor.stories.fingerprint import (
    FACT_KEYS,
    MOST_RUNS,
    MOST_WORDS,
    RUN_KEYS,
    Kept,
    fingerprint,
    fingerprints,
)
from monitor.stories.hashing import Hasher
from tests.stories.samples import READER, ROCKETS, of, pairs

LONG = " ".join(f"word{number}" for number in range(20_000))


def test_a_fingerprint_is_the_same_each_time_and_another_under_another_seed() -> None:
    assert of(ROCKETS).to_bytes() == of(ROCKETS).to_bytes()
    assert not set(of(ROCKETS).keys) & set(fingerprint("", ROCKETS, Reader(Hasher(b"\xff" * 24))).keys)


def test_a_fingerprint_comes_back_whole_from_its_bytes() -> None:
    this = of(ROCKETS)
    back = Kept.of(this.to_bytes())

    assert (back.title, back.length, back.subjects, back.names) == (
        this.title,
        this.length,
        this.subjects,
        this.names,
    )
    assert (back.run_scale, back.word_scale) == (this.runs.scale, this.words.scale)
    more = [*sorted(this.numbers), *sorted(this.days)]
    assert (back.numbers, back.days) == (2, len(more) - 2) == (2, 1)
    assert back.values.tolist() == [*this.runs.values, *this.words.values, *this.facts, *more]
    assert (back.runs, back.words, back.facts) == (len(this.runs.values), len(this.words.values), len(this.facts))


def test_of_a_long_text_samples_under_a_threshold_are_kept() -> None:
    this = of(LONG)

    assert MOST_RUNS / 4 < len(this.runs.values) <= MOST_RUNS
    assert MOST_WORDS / 4 < len(this.words.values) <= MOST_WORDS
    assert all(sample.values.max() < 1 << 32 - sample.scale for sample in (this.runs, this.words))
    assert len(this.to_bytes()) < 3_000


def test_an_article_is_found_under_its_wording_its_facts_and_its_title() -> None:
    assert len(of(ROCKETS).keys) == RUN_KEYS + FACT_KEYS + 1
    assert len(of(ROCKETS, title="Too short here").keys) == RUN_KEYS + FACT_KEYS


def test_a_text_of_fewer_than_five_words_is_taken_with_its_title() -> None:
    assert (of("Read more here", title="One").length, of("Five words are a text", title="One").length) == (4, 5)


def test_articles_taken_together_have_the_fingerprints_of_each_by_itself() -> None:
    texts = [text for pair in pairs() for text in (pair.one, pair.other)]
    strange = [
        "",
        "one\0two",
        "ھم یہاں ٹھیک ہیں",
        "تقديم من ھ",
        "п'ять об’єкт",
        "ΟΔΟΣ Σίσυφος",
        "北京今天下雨 😀",
        "e\u0301te\u0301:",
    ]
    texts += [(title, text) for title in strange for text in (*strange, ROCKETS, LONG)]

    odd = [text for text in texts if {"\0", "ھ"} & set("".join(text))]  # these are read one by one
    plain = [text for text in texts if text not in odd]
    texts = [*plain, *odd]

    together = [*fingerprints(plain, READER), *fingerprints(odd, READER)]

    for (title, text), this in zip(texts, together, strict=True):
        alone = of(text, title)
        assert (this.to_bytes(), this.text_key) == (alone.to_bytes(), alone.text_key)
        assert this.keys.tolist() == alone.keys.tolist()
    assert list(fingerprints([], READER)) == []


def test_an_article_without_words_has_no_keys() -> None:
    this = of("", title="...")

    assert (this.text_key, this.title, this.length, len(this.keys)) == ("", 0, 0, 0)
    assert (len(this.runs.values), len(this.words.values), len(this.facts), len(this.numbers)) == (0, 0, 0, 0)
    assert Kept.of(this.to_bytes()).length == 0


TEXT = "دوت صفارات الإنذار في القاعدة الجوية صباح اليوم"


def test_the_key_ignores_marks_spaces_and_the_title_of_a_long_text() -> None:
    same = "«دَوَّت»  صفارات الانذار في القاعدة الجوية، صباح اليوم."

    assert of(TEXT, "عنوان").text_key == of(same, "آخر").text_key
    assert len(of(TEXT).text_key) == 20


def test_the_key_of_a_short_text_includes_the_title() -> None:
    assert of("Read more here", "One").text_key != of("Read more here", "Two").text_key
    assert of("", "One").text_key == of("one", "").text_key


def test_the_key_tells_words_apart_that_join_to_the_same_letters() -> None:
    assert of("ab c two rockets fell").text_key != of("a bc two rockets fell").text_key
