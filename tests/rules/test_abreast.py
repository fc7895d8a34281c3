"""Simple rules judged for many articles at once hold by the same hits as each rule in each article by itself."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.model import Article, Match
from monitor.rules import abreast, standing
from monitor.rules.engine import Ruleset
from monitor.text.original import original
from tests.rules.build import article, ruleset

TERMS = ("kilo", "lima", "Mike", "nova", "kilo lima", "lima Mike", "nova kilo lima", "القاعدة", "قاعدة جوية", "هجوم")
WORDS = (
    "kilo",
    "lima",
    "mike",
    "Mike",
    "Lima",
    "KILO",
    "nova",
    "بالقاعدة",
    "قاعدة",
    "جوية",
    "والهجوم",
    "هَجوم",
    "x",
    "ß",
)
ENDS = (" ", " ", " ", ". ", "\n", ", ", "  ")

terms = st.lists(st.sampled_from(TERMS), min_size=1, max_size=3, unique=True)
parts = st.lists(terms.map(lambda some: {"any": some}), min_size=2, max_size=3)
rules = st.fixed_dictionaries(
    {"all": parts, "within": st.sampled_from(["sentence", "paragraph"])},
    optional={"none": terms},
) | st.fixed_dictionaries(
    {"all": parts.map(lambda some: some[:2]), "within": st.sampled_from(["0 words", "2 words", "5 words"])},
    optional={"none": terms},
)
texts = st.lists(st.tuples(st.sampled_from(WORDS), st.sampled_from(ENDS)), max_size=14).map(
    lambda pairs: "".join(word + end for word, end in pairs)
)
papers = st.lists(st.builds(article, texts, texts), min_size=1, max_size=4)


def alone(rules: Ruleset, paper: Article) -> tuple[Match, ...]:
    """The matches of an article, each rule judged by itself in the general way."""
    shelf = rules._shelf
    found = []
    for id in rules.rules:
        sight = rules._sight_of(paper, [shelf[id]])
        node = shelf[id].rule.node
        if sight.holds(node, sight.whole):
            evidence = sorted(sight.evidence(node, sight.whole))
            held = [(one.leaf, one.term, original(sight.document.scan, *sight.hit(one))) for one in evidence]
            match = rules._match(rules.rules[id], paper, held)
            assert match is not None
            found.append(match)
    return tuple(found)


@settings(max_examples=400, deadline=None)
@given(matches=st.lists(rules, min_size=1, max_size=4), articles=papers)
def test_what_is_judged_abreast_is_what_each_rule_finds_by_itself(
    matches: list[Any], articles: list[Article]
) -> None:
    made = ruleset({f"r{number}": match for number, match in enumerate(matches)})

    for _ in range(2):  # the second time from memory
        assert made.match_each(articles) == [alone(made, paper) for paper in articles]


def near(apart: str, **more: Any) -> dict[str, Any]:
    return {"r": {"all": [{"any": ["base", "air base"]}, {"any": ["strike", "base hit"]}], "within": apart, **more}}


@pytest.mark.parametrize(
    ("rule", "text", "spans"),
    [
        pytest.param(near("sentence"), "The strike hit a base.", ["strike", "base"], id="one hit of each"),
        pytest.param(near("sentence"), "A base hit. A strike.", [], id="in two sentences"),
        pytest.param(near("sentence"), "A base hit by a base.", ["base", "base hit", "base"], id="hits that overlap"),
        pytest.param(near("sentence"), "A base hit.", [], id="only hits that overlap"),
        pytest.param(
            near("sentence"), "An air base, a strike.", ["air base", "base", "strike"], id="of one list they may"
        ),
        pytest.param(near("2 words"), "Base, and a strike.", ["base", "strike"], id="two words apart"),
        pytest.param(near("1 words"), "Base, and a strike.", [], id="too far"),
        pytest.param(
            near("1 words"), "Strike base strike x x x base.", ["base", "strike", "strike"], id="one is left out"
        ),
        pytest.param(near("1 words"), "Strike x x base x strike.", ["base", "strike"], id="the nearer one, behind"),
        pytest.param(near("sentence", none=["drill"]), "Base strike drill.", [], id="nothing of none in it"),
        pytest.param(
            near("sentence", none=["drill"]), "Base strike. A drill.", ["base", "strike"], id="none stands elsewhere"
        ),
        pytest.param(near("2 words", none=["drill"]), "Base strike x drill.", [], id="none in reach"),
        pytest.param(
            near("2 words", none=["drill"]), "Base strike x x drill.", ["base", "strike"], id="none out of reach"
        ),
        pytest.param(near("paragraph"), "A base. A strike.", ["base", "strike"], id="in one paragraph"),
        pytest.param(near("paragraph"), "A base.\n\nA strike.", [], id="in two"),
        pytest.param(
            near("sentence"), "The air\n\nbase strike.", ["base", "strike"], id="a trace over the end of a unit"
        ),
    ],
)
def test_what_simple_rules_find(rule: dict[str, Any], text: str, spans: list[str]) -> None:
    made = ruleset(rule)
    other = article("Strike.\n\nBase.")

    before, found, behind = made.match_each([other, article(text), other])

    assert sorted(span.term for match in found for span in match.spans) == sorted(spans)
    assert (before, behind) == ((), ())
    assert found == alone(made, article(text))


def test_of_hits_of_one_phrase_that_overlap_the_first_counts() -> None:
    made = ruleset({"r": {"all": ["bora bora", "strike"], "within": "sentence"}})
    texts = ["Strike: bora bora bora.", "Strike: bora bora, bora bora bora.", "Bora bora strike."]

    found = made.match_each([article(text) for text in texts])

    assert [[(span.start, span.end) for span in match.spans] for (match,) in found] == [
        [(0, 6), (8, 17)],
        [(0, 6), (8, 17), (19, 28)],
        [(0, 9), (10, 16)],
    ]
    assert found == [alone(made, article(text)) for text in texts]


def test_rules_of_too_many_terms_or_parts_are_judged_by_themselves(monkeypatch: pytest.MonkeyPatch) -> None:
    text = article("A base strike.")
    for name in ("MOST_TERMS", "MOST_PARTS"):
        with monkeypatch.context() as patch:
            patch.setattr(abreast, name, 1)
            made = ruleset(near("sentence"))
            assert made._shelf.asking("r") is None
            assert len(made.match(text)) == 1


def test_a_capital_is_asked_for_at_every_place(monkeypatch: pytest.MonkeyPatch) -> None:
    entities = {"aden": {"names": ["عدن"], "translit": "true"}}
    made = ruleset({"r": {"all": ["$aden", "port"], "within": "sentence"}}, entities=entities)
    texts = [
        ("port adan", 0),
        ("port Adan", 1),
        ("port adan", 0),
        ("Adan port ﬁne", 1),
        ("adan port ﬁne", 0),
    ]

    for _ in range(2):
        found = made.match_each([article(text) for text, _ in texts])
        assert [len(some) for some in found] == [count for _, count in texts]


def test_phrases_of_which_a_comma_parts_the_words_make_no_match() -> None:
    made = ruleset({"r": {"all": ["air base", "sea port"], "within": "sentence"}})

    assert made.match(article("Air, base, sea, port.")) == ()
    assert len(made.match(article("An air base, a sea port."))) == 1


def test_a_word_too_long_to_be_remembered_is_judged_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(standing, "LONGEST_REMEMBERED", 3)
    made = ruleset(near("sentence"))

    for _ in range(2):
        assert [len(some) for some in made.match_each([article("base strike"), article("base")])] == [1, 0]
