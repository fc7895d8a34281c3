"""What a query must find in an index of words: always there when it matches, and narrow where it can be."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import pytest

from monitor.model import Article
from monitor.rulefiles.asked import QUERY, load_query
from monitor.rules.lookup import MOST, Sought, lookup
from monitor.rules.querytokens import written
from monitor.rules.wording import Mode, Term
from monitor.text.fold import folded
from monitor.text.tokens import words_of

GOLD = [json.loads(line) for line in (Path(__file__).parent / "gold.jsonl").read_text(encoding="utf-8").splitlines()]
FORMS = [case for case in GOLD if case["mode"] == "forms"]
GOLD = [case for case in GOLD if case["mode"] != "forms"] + FORMS[::10]  # working forms out takes long
MORE = [
    ("word", "us", "The U.S. said so."),
    ("word", "o'neil", "Said O'Neil's brother."),
    ("word", "سابك", "أعلنت شركة ABCوسابك عن أرباح"),
    ("word", "عاما", "مضى 19عاما على ذلك"),
    ("word", "中国", "在中国发生"),
    ("word", "νέος", "ο νέος ήρθε"),
    ("word", "1,000", "there were 1,000 of them"),
    ("starts", "explo", "an exploding_car"),
    ("word", "Rocket fire", "rocket-fire and rocket_fire"),
]


query = lru_cache(load_query)


def sought(text_of_query: str) -> list[list[list[str]]]:
    """By group and way what each word may look like, `*` behind what may go on."""
    return [
        [sorted(" ".join(one.words) + "*" * one.is_open for one in words) for way in group for words in way]
        for group in lookup(query(text_of_query).compiled, QUERY)
    ]


def is_there(one: Sought, words: list[str]) -> bool:
    """Whether an index of these words finds it, as FTS5 does."""
    *first, last = one.words
    size = len(one.words)
    for at in range(len(words) - size + 1):
        *before, end = words[at : at + size]
        if before == first and (end.startswith(last) if one.is_open else end == last):
            return True
    return False


def may_match(text_of_query: str, text: str) -> bool:
    runs = [run.replace("ς", "σ") for word in words_of(folded(text)) for run in split(word)]
    return all(
        any(all(any(is_there(one, runs) for one in words) for words in way) for way in group)
        for group in lookup(query(text_of_query).compiled, QUERY)
    )


def split(word: str) -> list[str]:
    return "".join(letter if letter.isalnum() else " " for letter in word).split()


@pytest.mark.parametrize(
    ("mode", "term", "text"),
    [(case["mode"], case["term"], case["text"]) for case in GOLD if case["expect"]] + MORE,
)
def test_what_matches_is_always_looked_up(mode: str, term: str, text: str) -> None:
    asked = written(term, Mode(mode))
    if asked is None or not query(asked).match(Article(id="a", source="", title="", text=text)):
        return  # it needs an option that a query does not have

    assert may_match(asked, text)


def test_a_latin_word_is_itself_and_a_german_name_has_its_genitive() -> None:
    compiled = replace(query("Iran").compiled, terms=(Term("Iran", lang="de", name=True),))

    assert lookup(compiled, QUERY) == (((frozenset({Sought(("iran",), False), Sought(("irans",), False)}),),),)
    assert sought("boycott") == [[["boycott"]]]
    assert sought("=boycott") == [[["boycott"]]]
    assert sought("explo*") == [[["explo*"]]]


def test_an_arabic_word_begins_with_its_clitics_and_may_go_on() -> None:
    ((words,),) = sought("سابك")

    assert {"سابك*", "وسابك*", "لسابك*", "بالسابك*", "وللسابك*"} <= set(words)
    assert len(words) == 24


def test_a_hebrew_word_begins_with_its_chain_and_ends() -> None:
    ((words,),) = sought("=צבא")

    assert {"צבא", "הצבא", "וכשהצבא"} <= set(words)
    assert not any(word.endswith("*") for word in words)


def test_every_conjunct_is_a_group_and_every_word_of_a_phrase_must_be_there() -> None:
    assert sought('"rocket fire" boycott NOT drill') == [
        [["rocket"], ["fire"]],
        [["boycott"]],
    ]
    assert sought("rocket OR boycott") == [[["rocket"], ["boycott"]]]
    assert sought("title:(rocket NEAR/5 fire)") == [[["fire"]], [["rocket"]]] or sought(
        "title:(rocket NEAR/5 fire)"
    ) == [[["rocket"]], [["fire"]]]


def test_what_leaves_no_trace_is_not_looked_up() -> None:
    assert sought("/(car|truck)bomb/") == []
    assert sought("/(car|truck)bomb/ rocket") == [[["rocket"]]]
    assert sought("rocket OR /bomb/") == []
    assert sought("\U00020001") == sought("\U00030001") == []


def test_so_many_ways_that_reading_is_as_quick_are_not_looked_up() -> None:
    many = " OR ".join(
        f"كلمه{'ابتثجحخ'[n % 7]}{'دذرزسشص'[n // 7 % 7]}{'طظعغفقك'[n // 49]}" for n in range(MOST // 24 + 1)
    )

    assert sought(many) == []
