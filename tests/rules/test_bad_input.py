"""Hostile texts and terms: matched without an exception, in time that grows with their length and no faster."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from monitor.model import Article
from monitor.rules import evaluate
from monitor.rules.beside import beside
from monitor.rules.evaluate import Sight
from monitor.rules.expression import Unit, Within
from monitor.rules.memo import Lexicon
from monitor.rules.phrases import Evidence
from monitor.rules.proximity import Found, Piece, Slot, chains
from monitor.rules.simple import judge
from monitor.rules.terms import Mode, Term, find, term_problems
from monitor.rules.wording import Needs
from monitor.text.document import prepare
from monitor.text.tokens import MASK
from tests.rules.build import article, load, ruleset

TERMS = (
    *map(Term, ("هجوم", "عين الأسد", "attack", "שלום", "袭击", "قاعدة عين الأسد")),
    Term("explo", Mode.STARTS),
    Term("قاعدة", strict=True),
    Term("پایگاه هوایی", lang="fa"),
    Term("Türkiye", lang="tr"),
    Term("Alep", lang="fr"),
    Term("(car|truck)[- ]bomb", Mode.PATTERN),
)
MARKS = "\u0301\u0323\u0327\u064b\u0651\u05b0"
MEGABYTE = 1_000_000
ATTACK = " an attack"


def found(text: str) -> list[str]:
    """Return the terms found in a text, by its title and by its body."""
    document = prepare(Article(id="", source="", title=text[:1000], text=text))
    lexicon = Lexicon(TERMS)
    hits = lexicon.hits(document)
    for one in hits.values():
        lexicon.span(document, one[-1])
    return sorted({TERMS[term].text for term in hits})


@pytest.mark.parametrize("letter", ["a", "ا", "ה", "'a", "\u0640"])
def test_ten_megabytes_of_one_token_end(letter: str) -> None:
    assert found(letter * (10 * MEGABYTE // len(letter)) + ATTACK) == ["attack"]


@pytest.mark.parametrize("marks", [MARKS[:1], MARKS[:2], MARKS[3:5], MARKS])
@pytest.mark.parametrize("letter", ["a", "ا", " ", ""])
def test_a_hundred_thousand_combining_marks_end(letter: str, marks: str) -> None:
    text = letter + marks * (100_000 // len(marks)) + ATTACK
    assert found(text) == ["attack"]
    assert find("a", text, mode="exact") or letter != "a"


@pytest.mark.parametrize("unit", [*"@袭«\nßﷲھ", "a.", "1,", "l'", "a@", "http://", "袭·", ".\n", "м'", "a\u0301"])
def test_a_text_of_one_thing_again_and_again_ends(unit: str) -> None:
    assert "attack" in found(unit * (100_000 // len(unit)) + " ." + ATTACK)


@pytest.mark.parametrize("text", ["\ud800", "at\udc00tack", "هجوم\udfff", "\ud800\u0301", "\udc00袭"])
def test_half_a_character_harms_nothing_but_its_word(text: str) -> None:
    assert found(text + ATTACK) == sorted({"attack", *found(text)})
    assert isinstance(find(text, text), tuple)


def test_every_naughty_string_can_be_a_text_and_a_term(corpora: Path) -> None:
    strings: list[str] = []
    for path in sorted((corpora / "naughty-strings").glob("*.json")):
        strings += json.loads(path.read_text("utf-8"))
    assert len(strings) > 400
    lexicon = Lexicon([Term(string, mode) for string in strings for mode in (Mode.WORD, Mode.EXACT)])
    missed = []
    for place, string in enumerate(strings):
        found(string)
        document = prepare(Article(id="", source="", title="", text=string))
        hits = lexicon.hits(document)
        is_masked = MASK in document.text.masked  # an address in a text is never found
        if not is_masked and not term_problems(Term(string)) and 2 * place not in hits:
            missed.append(string)
    assert missed == []


def test_a_list_of_a_hundred_thousand_terms_is_found_in(tmp_path: Path) -> None:
    (tmp_path / "words.txt").write_text("\n".join(f"x{number:06}" for number in range(100_000)))
    rules = load(tmp_path, "lists: {l: {exact: {file: words.txt}}}\nrules: {r: {match: $l, notify: []}}")
    (match,) = rules.match(article("x000000y, and x099999"))
    assert [span.term for span in match.spans] == ["x099999"]


def test_a_pattern_of_more_than_ten_thousand_letters_is_refused_in_words() -> None:
    assert term_problems(Term("(a|b)" * 2_001, Mode.PATTERN)) == (
        "the pattern has 10,005 letters (at most 10,000); write several",
    )


class _Seen(Sequence[Evidence]):
    """Hits of which it is counted how many are looked at."""

    def __init__(self, number: int) -> None:
        self._number = number
        self.looks = 0

    def __len__(self) -> int:
        return self._number

    def __getitem__(self, index: Any) -> Any:
        if not 0 <= index < self._number:
            raise IndexError(index)
        self.looks += 1
        return Evidence(2 * index, 2 * index, 10 * index, 10 * index + 5)


def test_the_place_of_a_hit_among_very_many_is_found_in_a_few_looks() -> None:
    hits = _Seen(100_000)
    sight = Sight(prepare(article("x")), {7: hits}, {})

    assert sight.hit(Found(160_000, 160_000, 7, 0)) == Evidence(160_000, 160_000, 800_000, 800_005)
    assert hits.looks < 20


class _Place(int):
    """A place of which it is counted how often it is compared."""

    compared = 0

    def __lt__(self, other: int) -> bool:
        _Place.compared += 1
        return int(self) < int(other)

    def __le__(self, other: int) -> bool:
        _Place.compared += 1
        return int(self) <= int(other)

    def __gt__(self, other: int) -> bool:
        _Place.compared += 1
        return int(self) > int(other)

    def __ge__(self, other: int) -> bool:
        _Place.compared += 1
        return int(self) >= int(other)

    def __sub__(self, other: int) -> int:
        _Place.compared += 1
        return int(self) - int(other)


def test_hits_of_two_lists_by_the_thousand_in_one_sentence_are_not_compared_each_with_each(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(_Place, "compared", 0)
    both = [[Found(_Place(2 * n + part), _Place(2 * n + part), part, part) for n in range(1_000)] for part in (0, 1)]

    held = judge(Within(Unit.SENTENCE), both, [], [0] * 2_000)

    assert held == {*both[0], *both[1]}
    assert _Place.compared < 50_000


def test_names_by_the_thousand_are_not_held_each_against_each_of_their_company(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(_Place, "compared", 0)
    document = prepare(article("x " * 20_000))
    names, company = (
        [Evidence(_Place(place), _Place(place), 0, 0) for place in range(start, 20_000, 20)] for start in (0, 10)
    )
    far, near = (Needs((), "words", words) for words in (8, 9))

    assert 0 not in beside(document.scan, {0: names, 1: company}, {0: ((1,), far)})
    assert beside(document.scan, {0: names, 1: company}, {0: ((1,), near)})[0] == names
    assert _Place.compared < 100_000


def test_what_a_hit_combines_with_is_looked_for_near_it_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    rules = ruleset({"r": {"all": ["alpha", "bravo", "carol"], "within": "3 words"}})
    text = article("alpha bravo carol " * 1_000)
    looked = 0

    def counted(slots: Sequence[Slot], *rest: Any, **more: Any) -> Iterator[Piece]:
        nonlocal looked
        looked += sum(len(slot.pieces) for slot in slots)
        return chains(slots, *rest, **more)

    monkeypatch.setattr(evaluate, "chains", counted)
    (match,) = rules.match(text)

    assert [(one.start, one.end) for one in match.spans[:4]] == [(0, 5), (6, 11), (12, 17), (18, 23)]
    assert looked < 30_000
