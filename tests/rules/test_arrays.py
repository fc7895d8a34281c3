"""What matching remembers of tokens and rules is bounded: forgetting costs time, never a match."""

from __future__ import annotations

import gc
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from monitor.rules import index, memo, packing, ready, sides, simple
from monitor.rules.expression import All, Any, Leaf
from monitor.rules.memo import Lexicon
from monitor.rules.plan import _plan
from monitor.rules.ready import Ready
from monitor.rules.tables import Memo
from monitor.rules.terms import Mode, Term
from tests.rules.build import article, problems, ruleset
from tests.rules.test_memo import document, places


def numbers(*values: int) -> np.ndarray[tuple[int], np.dtype[np.uint64]]:
    return np.array(values, dtype=np.uint64)


def test_a_full_memo_forgets_what_shares_a_place_and_answers_rightly_of_the_rest() -> None:
    memo = Memo(bits=2)
    known = {number << 40 | 1: number for number in range(1, 9)}  # all in one place
    for number, value in known.items():
        memo.put_all(numbers(number), np.array([value]))

    found, unknown = memo.get(numbers(*known))

    assert 0 < len(unknown) < len(known)
    right = list(known.values())
    assert all(found[at] == right[at] for at in range(len(known)) if at not in unknown)


def test_the_number_nought_is_never_remembered() -> None:
    memo = Memo()
    memo.put_all(numbers(0, 7), np.array([5, 0]))

    found, unknown = memo.get(numbers(0, 7))

    assert (unknown.tolist(), found.tolist()[1]) == ([0], 0)


def test_rules_and_their_parts_are_made_ready_again_when_too_many_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (ready, index):
        monkeypatch.setattr(module, "MOST_KEPT", 1)
    rules = ruleset({f"r{n}": {"all": [f"base{n}", f"attack{n}"], "within": "sentence"} for n in range(4)})
    text = article(" ".join(f"base{n} attack{n}" for n in range(4)))

    for _ in range(2):
        assert [match.rule for match in rules.match(text)] == ["r0", "r1", "r2", "r3"]


def test_of_many_rules_that_articles_ask_for_only_the_last_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ready, "MOST_KEPT", 3)
    # anywhere in the article, which is judged in each by itself
    rules = ruleset({f"r{n}": {"all": [f"base{n}", f"attack{n}"]} for n in range(20)})
    for n in range(20):
        assert [match.rule for match in rules.match(article(f"base{n} attack{n}"))] == [f"r{n}"]

    kept = [one for one in gc.get_objects() if isinstance(one, Ready) and one.found_by is rules.found_by]
    assert sorted(one.rule.card.id for one in kept) == ["r17", "r18", "r19"]


def test_of_sets_of_terms_and_pairs_only_some_are_kept_and_nothing_is_missed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(index, "MOST_KEPT", 1)
    monkeypatch.setattr(sides, "AT_ONCE", 1)
    monkeypatch.setattr(memo, "MOST_MEANINGS", 3)
    monkeypatch.setattr(memo, "REMEMBERED", 1)
    rules = ruleset(
        {
            "near": {"all": ["air strike", "port city"], "within": "3 words"},
            "again": {"all": ["air strike", "port city"], "within": "4 words"},
            "other": {"all": ["port city", "/burn(s|ed)/", "tank farm"], "within": "9 words"},
        }
    )
    texts = ("An air strike hit the port city.", "The port city has a tank farm. It burned.", "A tank farm, peace.")
    found = [["again", "near"], ["other"], []]
    for _ in range(2):
        assert [sorted(match.rule for match in rules.match(article(text))) for text in texts] == found
    assert len(rules.found_by.lexicon.vocabulary.slots) == 3


def test_what_is_read_where_it_lies_is_kept_in_part_and_has_only_its_own_keys() -> None:
    kept = packing.Keyed({"a": 1, "b": 2}, lambda key, number: key * number, most=1)
    assert [kept[key] for key in ("a", "b", "a", "a")] == ["a", "bb", "a", "a"]
    view = packing.View({"a": None}, kept.__getitem__)
    assert dict(view) == {"a": "a"}
    with pytest.raises(KeyError):
        view["b"]


def test_too_many_pairs_are_judged_by_the_exact_way(monkeypatch: pytest.MonkeyPatch) -> None:
    rules = ruleset({"r": {"all": ["base", "attack"], "within": "3 words", "none": ["drill"]}})
    text = article("attack attack base base far away from it all, far from any drill: a base attack")
    before = rules.match(text)

    monkeypatch.setattr(simple, "MOST_PAIRS", 1)

    assert rules.match(text) == before
    assert len(before) == 1


@pytest.mark.parametrize("other", ["port city", "/ports? city/"])
def test_words_too_far_apart_are_sifted_unless_a_pattern_may_stand_between(other: str) -> None:
    near, nearer, beside = ({"all": ["strike", other], "within": unit} for unit in ("3 words", "2 words", "sentence"))
    inside = {f"inside-{at}": {"all": [one, "tank farm"]} for at, one in enumerate((near, nearer, beside))}
    rules = ruleset({"flat": near, **inside})
    fillers = "one two three four five six seven"

    def tried(text: str) -> list[str]:
        return sorted(rules.candidates(article(f"{text}. A tank farm")))

    far = f"A strike {fillers} the port city"
    assert tried("A strike on the port city") == ["flat", *inside]
    assert tried(far) == (["inside-2"] if other == "port city" else ["flat", *inside])
    assert [match.rule for match in rules.match(article(f"{far}. A tank farm"))] == ["inside-2"]


def test_a_rule_that_would_hold_without_a_hit_has_no_group_and_is_always_tried() -> None:
    made = ruleset({"r": "attack", "other": "base"})
    node = Any((Leaf("a", (0,)), All(())))
    open_ = replace(made, compiled=replace(made.compiled, matches={**made.compiled.matches, "r": node}))

    assert _plan(node, [(frozenset({0}), 1.0)]).groups == ()
    assert open_.candidates(article("neither")) == ("r",)


def test_one_pattern_is_searched_without_the_others() -> None:
    car, truck = Term("car.bomb", mode=Mode.PATTERN), Term("truck.bomb", mode=Mode.PATTERN)
    text = document("a car bomb and a truck bomb")
    lexicon = Lexicon((car, truck))

    assert places(lexicon, text) == {0: [("text", 1, 2)], 1: [("text", 5, 6)]}
    assert list(lexicon.places(text, only=[lexicon.asked({1})])) == [1]


def test_a_token_beyond_the_last_is_an_index_error() -> None:
    tokens = document("one two").text.tokens

    assert [token.start for token in tokens[-2:]] == [0, 4]
    with pytest.raises(IndexError):
        tokens[2]


def test_of_very_many_unknown_names_only_the_first_have_a_hint(tmp_path: Path) -> None:
    items = "".join(f"    - $attac{number}\n" for number in range(120))
    found = problems(
        tmp_path, f"lists:\n  attack: {{terms: [x1]}}\nrules:\n  r:\n   notify: []\n   match:\n    any:\n{items}"
    )
    unknown = [line for line in found if "unknown name" in line]

    assert len(unknown) == 120
    assert ["did you mean" in line for line in unknown] == [True] * 100 + [False] * 20
