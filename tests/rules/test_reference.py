"""The engine gives what the meaning of the expression, spelt out by brute force, gives."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.rules.query import MOST_COMBINED
from tests.rules import reference
from tests.rules.build import article, ruleset
from tests.rules.reference import Words

WORDS = ("kilo", "lima", "mike", "nova", "filler")
TERMS = ("kilo", "lima", "mike", "nova", "kilo lima", "lima mike", "mike kilo", "nova kilo lima")

sentences = st.lists(st.sampled_from(WORDS), min_size=1, max_size=7)
paragraphs = st.lists(sentences, min_size=1, max_size=2)
texts = st.lists(paragraphs, max_size=2)
units = st.sampled_from(["sentence", "paragraph", "0 words", "1 words", "2 words", "4 words"])
fields = st.lists(st.sampled_from(["title", "lead", "body"]), min_size=1, max_size=2, unique=True)


def points(children: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Some items that earn points, perhaps one that takes them away, and a sum that can be reached."""

    def spread(items: list[Any], earned: list[int], taken: int, share: int) -> dict[str, Any]:
        by_points: dict[str, list[Any]] = {}
        for item, number in zip(items, [*earned, -taken], strict=False):
            by_points.setdefault(str(number), []).append(item)
        most = sum(earned[: len(items)])
        return {"at_least": str(1 + share % most), "points": by_points}

    return st.builds(
        spread,
        st.lists(children, min_size=1, max_size=4, unique_by=repr),
        st.lists(st.integers(1, 4), min_size=3, max_size=3),
        st.integers(1, 4),
        st.integers(0, 11),
    )


def mappings(children: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    few = st.lists(children, min_size=1, max_size=3)
    negatives = {
        "none": st.lists(children, min_size=1, max_size=2),
        "nowhere": st.lists(children, min_size=1, max_size=1),
    }
    close = {"within": units, "ordered": st.sampled_from(["true", "false"])}
    positive = st.one_of(
        st.fixed_dictionaries({"all": few}),
        st.fixed_dictionaries({"any": few}),
        st.fixed_dictionaries({"all": few, "any": few}),
        st.integers(1, 3).flatmap(
            lambda count: st.fixed_dictionaries(
                {
                    "at_least": st.just(str(count)),
                    "of": st.lists(children, min_size=count, max_size=3, unique_by=repr),
                }
            )
        ),
        st.builds(lambda counted, any: {**counted, "any": any}, points(children), few),
    )
    mentions = {"mentions": st.sampled_from(["1", "2", "3"])}
    more = st.one_of(
        st.just({}),
        st.fixed_dictionaries(close),
        st.fixed_dictionaries(close),
        st.fixed_dictionaries({**close, "none": negatives["none"]}),
        st.fixed_dictionaries({}, optional={**negatives, **mentions, "fields": fields}),
        st.fixed_dictionaries(close, optional={**negatives, **mentions, "fields": fields}),
    )
    return st.tuples(positive, more).map(lambda pair: {**pair[0], **pair[1]})


def with_condition(expression: Any, condition: Any, rest: dict[str, Any]) -> Any:
    """An `all` that also has a child which gives no hits."""
    return {"all": [expression, condition], **rest}


terms = st.sampled_from(TERMS)
shallow = st.one_of(terms, st.lists(terms, min_size=1, max_size=2), mappings(terms))
conditions = st.one_of(points(terms), terms.map(lambda term: {"none": [term]}))
close: st.SearchStrategy[dict[str, Any]] = st.one_of(
    st.just({}), st.fixed_dictionaries({"within": units}, optional={"mentions": st.just("2")})
)
expressions = st.one_of(
    mappings(terms),
    mappings(shallow),
    points(shallow),
    st.builds(with_condition, mappings(shallow), conditions, close),
)


def document(title: list[str], text: list[list[list[str]]]) -> tuple[Words, str, str]:
    """The same words for the reference and for the engine."""
    words, sentence, paragraph = list(title), [0] * len(title), [0] * len(title)
    count = 0
    for number, part in enumerate(text, 1):
        for one in part:
            count += 1
            words += one
            sentence += [count] * len(one)
            paragraph += [number] * len(one)
    body = "\n\n".join(" ".join(" ".join(one) + "!" for one in part) for part in text)
    return Words(tuple(words), tuple(sentence), tuple(paragraph)), " ".join(title), body


@settings(max_examples=300, deadline=None)
@given(expression=expressions, title=st.lists(st.sampled_from(WORDS), max_size=4), text=texts)
def test_engine_agrees_with_brute_force(expression: Any, title: list[str], text: list[list[list[str]]]) -> None:
    words, head, body = document(title, text)
    expected = reference.true(expression, words.everywhere, words)
    assert bool(ruleset({"r": expression}).match(article(body, head))) is expected


@settings(max_examples=100, deadline=None)
@given(several=st.lists(expressions, min_size=2, max_size=6), text=texts)
def test_rules_that_share_what_they_look_for_match_as_each_would_alone(
    several: list[Any], text: list[list[list[str]]]
) -> None:
    words, head, body = document([], text)
    expected = {f"r{place}" for place, one in enumerate(several) if reference.true(one, words.everywhere, words)}
    rules = ruleset({f"r{place}": one for place, one in enumerate(several)})
    assert {match.rule for match in rules.match(article(body, head))} == expected


@settings(max_examples=60, deadline=None)
@given(
    several=st.lists(expressions, min_size=1, max_size=3),
    papers=st.lists(st.tuples(st.lists(st.sampled_from(WORDS), max_size=4), texts), min_size=2, max_size=5),
    shares=st.dictionaries(st.sampled_from(WORDS), st.floats(0.0001, 1)),
)
def test_articles_match_together_as_each_would_alone_however_rare_words_are(
    several: list[Any], papers: list[tuple[list[str], list[list[list[str]]]]], shares: dict[str, float]
) -> None:
    read = [document(title, text) for title, text in papers]
    expected = [
        {f"r{place}" for place, one in enumerate(several) if reference.true(one, words.everywhere, words)}
        for words, _, _ in read
    ]
    rules = replace(
        ruleset({f"r{place}": one for place, one in enumerate(several)}), rarity=lambda word: shares.get(word, 0.5)
    )
    together = [article(body, head) for _, head, body in read]
    found = rules.match_each(together)
    assert [{match.rule for match in matches} for matches in found] == expected
    assert found == [rules.match(one) for one in together]


singles = st.sampled_from(WORDS[:4])
simple = st.one_of(
    st.fixed_dictionaries(
        {"all": st.lists(terms, min_size=2, max_size=4), "within": units}, optional={"ordered": st.just("true")}
    ),
    st.fixed_dictionaries(
        {
            "all": st.lists(singles, min_size=2, max_size=2, unique=True),
            "within": st.sampled_from(["0 words", "1 words", "2 words", "3 words"]),
            "none": st.lists(terms, min_size=1, max_size=1),
        }
    ),
)
line = st.lists(st.sampled_from([*WORDS, "filler"]), min_size=4, max_size=12)
lines = st.one_of(line.map(lambda one: [[one]]), texts)


@settings(max_examples=300, deadline=None)
@given(expression=simple, text=lines)
def test_evidence_is_the_hits_of_all_satisfying_combinations(expression: Any, text: list[list[list[str]]]) -> None:
    words, head, body = document([], text)
    combos = reference.combos(expression, words.everywhere, words)
    taking_part = {hit for combo in combos for hit in combo}
    rules = ruleset({"r": expression})
    (match,) = rules.match(article(body, head)) or (None,)
    sight = rules._sight_of(article(body, head), [rules._shelf["r"]])
    node = rules.rules["r"].node
    found = {(one.first, one.last) for one in sight.evidence(node, sight.whole)} if match else set()
    if expression["within"].endswith("words"):
        assert found == taking_part
    else:
        assert found >= taking_part
        assert bool(found) is bool(taking_part)


hulls = st.fixed_dictionaries(
    {
        "all": st.lists(singles, min_size=2, max_size=2, unique=True),
        "within": st.sampled_from(["sentence", "2 words", "4 words"]),
    }
)
interlocking = st.fixed_dictionaries(
    {
        "all": st.tuples(hulls, st.one_of(hulls, singles)).map(list),
        "within": st.sampled_from(["sentence", "4 words"]),
        "ordered": st.sampled_from(["true", "true", "false"]),
    }
)
over_the_edge = st.fixed_dictionaries(
    {
        "all": st.lists(singles, min_size=1, max_size=2, unique=True),
        "within": st.sampled_from(["0 words", "1 words", "2 words"]),
        "none": st.sampled_from([[term] for term in TERMS if " " in term]),  # of which one word may lie in reach
    }
)


@settings(max_examples=500, deadline=None)
@given(
    expression=st.one_of(interlocking, over_the_edge), text=st.lists(st.sampled_from(WORDS), min_size=4, max_size=6)
)
def test_combinations_inside_others_and_their_surroundings_agree_with_brute_force(
    expression: Any, text: list[str]
) -> None:
    words, head, body = document([], [[text]])
    expected = reference.true(expression, words.everywhere, words)
    assert bool(ruleset({"r": expression}).match(article(body, head))) is expected


@settings(max_examples=200, deadline=None)
@given(expression=expressions, title=st.lists(st.sampled_from(WORDS), max_size=4), text=texts)
def test_explanation_agrees_with_the_match(expression: Any, title: list[str], text: list[list[list[str]]]) -> None:
    _, head, body = document(title, text)
    rules = ruleset({"r": expression})
    explanation = rules.explain(article(body, head), "r")
    assert explanation.matched is bool(rules.match(article(body, head)))
    assert bool(explanation.because) is not explanation.matched
    assert explanation.text()


def test_reference_covers_no_more_than_may_be_combined() -> None:
    assert MOST_COMBINED >= 4
