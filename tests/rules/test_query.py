"""The one-line query language: what each sign means, told by the tree it makes, and what is refused and where."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from monitor.rules.faults import Faults
from monitor.rules.filters import Wanted
from monitor.rules.marks import TermReader
from monitor.rules.query import MOST_DEPTH, MOST_LETTERS, read_query
from monitor.rules.reading import Reader
from monitor.rules.writing import NotSayable, to_data, to_query
from tests.rules.build import article, because, holds, load, problems, ruleset, warnings


def read(text: str) -> Any:
    """What the query says, as YAML would."""
    faults = Faults()
    node, _, _ = read_query(text, (), TermReader(faults))
    assert faults.items == []
    assert node is not None
    return to_data(node)


def told(text: str) -> list[tuple[int, str]]:
    """What is said of a query, each with the place it is said of."""
    faults = Faults()
    read_query(text, ("query",), TermReader(faults))
    return [(int(fault.path[-1]), fault.message) for fault in faults.items]


@pytest.mark.parametrize(
    ("query", "tree"),
    [
        ("boycott", "boycott"),
        ("a AND b", {"all": ["a", "b"]}),
        ("a b", {"all": ["a", "b"]}),
        ("a OR b", {"any": ["a", "b"]}),
        ("a OR b c", {"any": ["a", {"all": ["b", "c"]}]}),
        ("(a OR b) c", {"all": [{"any": ["a", "b"]}, "c"]}),
        ("a NOT b", {"all": ["a"], "nowhere": ["b"]}),
        ("a AND NOT b NOT c", {"all": ["a"], "nowhere": ["b", "c"]}),
        ("NOT b a", {"all": ["a"], "nowhere": ["b"]}),
        ("NOT NOT a", "a"),
        ("(a OR b) NOT (c d)", {"any": ["a", "b"], "nowhere": [{"all": ["c", "d"]}]}),
        ("a NOT b OR c", {"any": [{"all": ["a"], "nowhere": ["b"]}, "c"]}),
        ("a NEAR/5 b", {"all": ["a", "b"], "within": "5 words"}),
        ("a ONEAR/١ b", {"all": ["a", "b"], "within": "1 word", "ordered": "true"}),
        ("a NEAR/5 b NEAR/5 c", {"all": ["a", "b", "c"], "within": "5 words"}),
        (
            "a NEAR/5 b NEAR/3 c",
            {"all": [{"all": ["a", "b"], "within": "5 words"}, "c"], "within": "3 words"},
        ),
        ("a NEAR/5 b NOT c", {"all": ["a", "b"], "within": "5 words", "nowhere": ["c"]}),
        ("a NEAR/5 b c", {"all": [{"all": ["a", "b"], "within": "5 words"}, "c"]}),
        ('"class action"', "class action"),
        ("“class action” OR «عين الأسد»", {"any": ["class action", "عين الأسد"]}),
        ('"a b c"~5', {"all": ["a", "b", "c"], "within": "5 words"}),
        ('"OR" "and"', {"all": ["OR", "and"]}),
        ('צה"ל OR b', {"any": ['צה"ל', "b"]}),
        ('"צה"ל נסוג"', 'צה"ל נסוג'),
        ("~هجوم =IED explo* /car[- ](a b)/", {"all": ["~هجوم", "=IED", "explo*", "/car[- ](a b)/"]}),
        ('="Islamic State" "rocket fire*"', {"all": ["=Islamic State", "rocket fire*"]}),
        ("$attack OR $500", {"any": ["$attack", "$500"]}),
        ("title:jobs", {"all": ["jobs"], "fields": ["title"]}),
        ("Title: (jobs OR وظائف)", {"any": ["jobs", "وظائف"], "fields": ["title"]}),
        ("lead:(a NEAR/3 b)", {"all": ["a", "b"], "within": "3 words", "fields": ["lead"]}),
        ("body:(a b) OR title:title:c", None),
        ("title:(a NOT b)", {"all": ["a"], "fields": ["title"], "nowhere": [{"all": ["b"], "fields": ["title"]}]}),
        ("atleast3(a OR b)", {"any": ["a", "b"], "mentions": "3"}),
        ("ATLEAST٢ (a) NOT c", {"all": ["a"], "mentions": "2", "nowhere": ["c"]}),
        ("title:atleast2(a)", {"all": ["a"], "mentions": "2", "fields": ["title"]}),
        ("\u200fa\u200e \u202bOR\u202c b", {"any": ["a", "b"]}),
        ("S400 N95 C++ AT&T 10:30", {"all": ["S400", "N95", "C++", "AT&T", "10:30"]}),
    ],
)
def test_a_query_is_the_tree_that_says_the_same(query: str, tree: Any) -> None:
    if tree is None:
        tree = {"any": [{"all": ["a", "b"], "fields": ["body"]}, {"all": ["c"], "fields": ["title"]}]}
    assert read(query) == tree


@pytest.mark.parametrize(
    ("query", "at", "message"),
    [
        ("", 0, "nothing stands here"),
        (" \n ", 0, "nothing stands here"),
        ("a AND", 5, "something must stand behind 'AND'"),
        ("title:", 6, "something must stand behind 'title:'"),
        ("(a OR)", 5, "something must stand behind 'OR'"),
        ("a OR OR b", 5, 'OR stands between two things; the word itself is written "OR"'),
        ("NEAR/5 a", 0, 'NEAR/5 stands between two things; the word itself is written "NEAR/5"'),
        ("(a", 0, "this '(' is never closed"),
        ("a)", 1, "this ')' closes nothing"),
        (")", 0, "this ')' closes nothing"),
        ("a ()", 2, "nothing stands between these brackets"),
        ('a "b', 2, "the quote opened here is never closed"),
        ('a " "', 2, "nothing stands between these quotes"),
        ("a /b", 2, "the regular expression that begins here does not end with '/' and a space"),
        ('"a"~5', 0, "'~' wants two to 12 words in the quotes before it"),
        (
            "a NEAR b",
            2,
            "'NEAR' is no operator here: write NEAR/5, or ONEAR/5 in this order; the text itself is written \"NEAR\"",
        ),
        (
            "a W/5 b",
            2,
            "'W/5' is no operator here: write NEAR/5, or ONEAR/5 in this order; the text itself is written \"W/5\"",
        ),
        (
            "a NEAR/0x b",
            2,
            "'NEAR/0x' is no operator here: write NEAR/5, or ONEAR/5 in this order; the text itself is "
            'written "NEAR/0x"',
        ),
        ("a NEAR/10001 b", 2, "'10001' is not a whole number from 0 to 10000"),
        ("a NEAR/५ b", 2, "'५' is not a whole number from 0 to 10000"),
        ("NOT a NEAR/5 b", 0, "NOT binds closer than NEAR/5: write NOT (... NEAR/5 ...)"),
        ("a NEAR/5 NOT b", 9, "NEAR/5 NOT is not known: write it as a tree, 'within' with 'none'"),
        ("a NEAR/5 (NOT b)", 9, "what stands beside NEAR/5 must have something to look for, not only NOT"),
        (" NEAR/5 ".join("abcdefghijklm"), 101, "NEAR/5 combines at most 12 things"),
        ("a OR NOT b", 5, "an alternative of OR must have something to look for, not only NOT"),
        ("a NOT (NOT b)", 6, "what NOT takes away must have something to look for, not only NOT"),
        ("atleast2(NOT b)", 8, "what is counted must have something to look for, not only NOT"),
        (
            "a atleast2 b",
            2,
            "'atleast2' counts what stands in brackets behind it: atleast3(...); the text itself is "
            'written "atleast2"',
        ),
        ("atleast0(b)", 0, "'0' is not a whole number from 1 to 1000"),
        ("a -b", 2, "'-' before a word is no operator here: write NOT; the text itself is written \"-b\""),
        ("a && b", 2, "'&&' is no operator here: write AND; the text itself is written \"&&\""),
        ("a*b", 0, "'a*b': a '*' stands at the end only"),
        (
            "wom?n",
            0,
            "'wom?n': no sign stands for a letter; write explo* or both words; the text itself is written \"wom?n\"",
        ),
        (
            "a language:en",
            2,
            "unknown prefix 'language:' (did you mean 'lang'?). A text with ':' stands in quotes",
        ),
        ("titel:a", 0, "unknown prefix 'titel:' (did you mean 'title'?). A text with ':' stands in quotes"),
        ("title:(a lead:b)", 9, "'lead:' stands inside 'title:'"),
        ("lang:ar", 0, "there is nothing to look for beside the prefix"),
        ("a lang:$x", 2, "expected lang:word or lang:(one OR another)"),
        ("a lang:(ar en)", 2, "expected lang:word or lang:(one OR another)"),
        ("a lang:~ar", 2, "expected lang:word or lang:(one OR another)"),
        ("a lang:", 2, "expected lang:word or lang:(one OR another)"),
        (
            "a OR (b lang:ar)",
            5,
            "'lang:', 'source:' and 'publisher:' narrow the whole rule and stand beside AND alone; write a rule for "
            "each alternative",
        ),
        ("a NOT (b lang:ar)", 2, "NOT stands before one prefix or before words, not before both"),
        ("a, b", 0, "'a,': a phrase never crosses a comma; write one term a line"),
        ("ab ex*", 3, "'ex': 'ex' is too short: a beginning needs at least 4 letters; write them out"),
        (
            "ab /c(?=d)/",
            5,
            "'c(?=d)': the pattern uses look-around, a back-reference or another construct that RE2 does "
            "not have; write what must stand around it as terms of the rule",
        ),
        ("ab ~", 3, "nothing stands behind the mark"),
        ("a " + "(" * 51 + "b" + ")" * 51, 52, f"brackets and prefixes stand more than {MOST_DEPTH} deep"),
        ("title:" * 51 + "b", 300, f"brackets and prefixes stand more than {MOST_DEPTH} deep"),
    ],
)
def test_what_is_wrong_is_told_at_its_place(query: str, at: int, message: str) -> None:
    assert told(query) == [(at, message)]


@pytest.mark.parametrize(
    ("query", "at", "message"),
    [
        ("a or b", 2, "'or' is looked for as a word; the operator is written OR"),
        ("a Near/5 b", 2, "'Near/5' is looked for as a word; the operator is written NEAR/5"),
        ("a 'b c'", 2, '"\'b": a single quote is part of the word; a phrase stands in double quotes'),
    ],
)
def test_a_likely_slip_is_warned_of(query: str, at: int, message: str) -> None:
    faults = Faults()
    node, _, _ = read_query(query, ("query",), TermReader(faults))
    assert node is not None
    (fault,) = faults.items
    assert (fault.level, fault.path[-1], fault.message) == ("warning", at, message)


def test_every_faulty_term_of_a_query_is_told() -> None:
    assert [at for at, _ in told("ab* OR cd* OR efgh*")] == [0, 7]


def test_a_query_too_long_to_read_is_told_with_its_figure(tmp_path: Path) -> None:
    query = "a " * (MOST_LETTERS // 2) + "b"
    assert problems(tmp_path, f"rules: {{r: {{match: {{query: {query}}}}}}}") == [
        "1:28: rule 'r': the query has 50,001 letters (at most 50,000); write several rules"
    ]


def test_a_query_points_at_the_column_of_its_file(tmp_path: Path) -> None:
    query = ["(attack OR", "  $atacks) NOT", "title:(film AND)"]
    text = "rules:\n  r:\n    match:\n      query: |\n" + "".join(f"        {line}\n" for line in query)
    assert problems(tmp_path, text) == [
        "6:11: rule 'r': unknown name '$atacks': no list, entity or rule has this id. To look for the word itself "
        "leave out the '$'",
        "7:24: rule 'r': something must stand behind 'AND'",
    ]
    fixed = "lists: {attacks: {words: [x1]}}\n" + text.replace(" AND)", ")")
    assert problems(tmp_path, fixed) == ["7:11: rule 'r': unknown name '$atacks' (did you mean '$attacks'?)"]
    assert warnings(tmp_path, fixed.replace("$atacks", "or $attacks")) == [
        "7:11: warning: rule 'r': 'or' is looked for as a word; the operator is written OR"
    ]


def test_prefixes_of_the_whole_article_are_filters_of_the_rule(tmp_path: Path) -> None:
    rules = load(
        tmp_path,
        "rules: {r: {match: {query: 'attack lang:(AR OR en) NOT source:press publisher:\"The Gulf\" NOT lang:fr'}}}",
    )
    filters = rules.rules["r"].filters
    assert filters.languages == (Wanted(any=("ar", "en")), Wanted(none=("fr",)))
    assert filters.sources == (Wanted(none=("press",)),)
    assert filters.publishers == (Wanted(any=("the gulf",)),)
    assert rules.match(article("an attack", language="en", source="wire", publisher="The Gulf"))
    assert not rules.match(article("an attack", language="de"))
    assert not rules.match(article("an attack", language="en", source="press"))
    assert not rules.match(article("an attack", publisher="Another"))
    assert rules.explain(article("an attack", language="de"), "r").because == ("languages",)


def test_filters_of_the_rule_and_of_its_query_must_both_admit(tmp_path: Path) -> None:
    rules = load(tmp_path, "rules: {r: {match: {query: attack source:wire}, sources: [tv, wire]}}")
    assert rules.match(article("an attack", source="wire"))
    assert not rules.match(article("an attack", source="tv"))


def test_a_bracket_of_filters_counts_as_they_do() -> None:
    faults = Faults()
    node, narrowings, _ = read_query("(lang:ar) attack", (), TermReader(faults))
    assert (to_data(node), narrowings) == ("attack", (("languages", Wanted(any=("ar",))),)) if node else False


def test_a_query_is_a_key_like_any_other() -> None:
    match = {"query": "attack NEAR/3 base", "none": ["film"], "fields": ["body"]}
    assert holds(match, "an attack on a base")
    assert not holds(match, "an attack on a base in a film")
    assert not holds(match, "", title="an attack on a base")
    nested = {"all": [{"query": "drone OR rocket"}, "base"], "within": "sentence"}
    assert holds(nested, "A drone at the base.")
    assert not holds(nested, "A drone. The base.")


def test_a_failing_query_is_named_beside_what_fails_in_it() -> None:
    assert because({"query": "attack NOT title:film"}, "an attack", title="a film") == {"nowhere", "query"}
    assert because({"query": "attack NEAR/1 base"}, "attack x x base") == {"within", "query"}


def test_a_query_that_says_the_same_has_the_digest_of_the_tree(tmp_path: Path) -> None:
    tree = load(tmp_path, "rules: {r: {match: {all: [a1, b1], within: 3 words, nowhere: [c1]}}}").cards["r"].hash
    assert load(tmp_path, "rules: {r: {match: {query: a1 NEAR/3 b1 NOT c1}}}").cards["r"].hash == tree


# --- back again --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tree", "query"),
    [
        (["a", "b"], "a OR b"),
        ({"all": ["a", ["b", "c"]]}, "a AND (b OR c)"),
        ({"all": ["a"], "any": ["b", "c"]}, "a AND (b OR c)"),
        ({"all": ["a"], "none": ["b", {"all": ["c", "d"]}]}, "a NOT b NOT (c AND d)"),
        ({"any": ["a", "b"], "nowhere": ["c"], "fields": ["title"]}, "title:(a OR b) NOT c"),
        ({"all": ["a"], "none": ["b"], "fields": ["title"]}, "title:a NOT title:b"),
        ({"all": ["a", "b"], "within": "٣ words", "ordered": "yes"}, "a ONEAR/3 b"),
        ({"any": ["a"], "mentions": "2"}, "atleast2(a)"),
        ({"entity": {"id": ["x", "y"]}}, "$x OR $y"),
        ({"all": ["a", {"none": ["b"]}]}, "a AND (NOT b)"),
        ({"query": "a  b"}, "a AND b"),
        ("two words", '"two words"'),
        ("or", '"or"'),
        (["=a b", "~a b", "abcd efgh*", "/car b/"], '="a b" OR ~"a b" OR "abcd efgh*" OR /car b/'),
        ("10:30", "10:30"),
        ("re:publica", '"re:publica"'),
    ],
)
def test_a_tree_is_written_as_a_query(tree: Any, query: str) -> None:
    node = Reader(Faults(), TermReader(Faults())).node(tree, ())
    assert node is not None
    assert to_query(node) == query
    assert told(query) == []


@pytest.mark.parametrize(
    ("tree", "reason"),
    [
        ({"all": ["a", "b"], "within": "sentence"}, "'within: sentence'; a query counts words: NEAR/15"),
        ({"all": ["a", "b"], "within": "5 words", "none": ["c"]}, "'within' beside one thing, 'none' or 'mentions'"),
        ({"all": ["a", {"none": ["b"]}], "within": "5 words"}, "'within' beside one thing, 'none' or 'mentions'"),
        ({"any": ["a", "b"], "within": "5 words"}, "'within' beside one thing, 'none' or 'mentions'"),
        ({"all": ["a"], "fields": ["title", "lead"]}, "'fields' of more than one field (title, lead)"),
        (
            {"all": [{"all": ["a"], "fields": ["lead"]}], "fields": ["body"]},
            "'fields', 'none' or 'nowhere' inside 'fields'",
        ),
        (
            {"any": ["a", {"all": ["b"], "none": ["c"]}], "fields": ["body"]},
            "'fields', 'none' or 'nowhere' inside 'fields'",
        ),
        ({"at_least": "2", "of": ["a", "b"]}, "'at_least' with 'of'"),
        ({"at_least": "2", "points": {"2": ["a"]}}, "'points'"),
        (
            {"entity": {"kind": "base"}},
            "a selection of entities (entity kind base); a list of their names could stand there",
        ),
        ({"term": "Apple", "cased": "true"}, "a term with options ('Apple')"),
        ({"term": '5" gun'}, "the text '5\" gun', for its quotes or signs"),
        ("/a/b/", "the text 'a/b', for its quotes or signs"),
    ],
)
def test_what_a_query_cannot_say_is_refused_in_words(tree: Any, reason: str) -> None:
    node = Reader(Faults(), TermReader(Faults())).node(tree, ())
    assert node is not None
    with pytest.raises(NotSayable, match=f"^{re.escape(reason)}$"):
        to_query(node)


@pytest.mark.parametrize(
    "data",
    [
        "هجوم",
        "~هجوم",
        "$attack",
        {"term": "$attack"},
        {"term": "Apple", "cased": "true", "name": "true", "translit": "true", "fold": "strict", "clitics": "always"},
        {"term": "قمة", "mode": "exact", "lang": "ar", "not_part_of": ["قمة جبل", {"term": "x", "cased": "false"}]},
        {"term": "apple", "fields": ["title"]},
        {"entity": {"kind": "base", "country": ["IQ", "SY"]}},
        {"at_least": "2", "of": "$attack"},
        {"at_least": "2", "of": ["a", "b", "c"], "within": "paragraph"},
        {"at_least": "3", "points": {"2": ["a", "b"], "-1": ["c"]}, "all": ["d"], "fields": ["title", "lead"]},
        {"all": ["a", "b"], "within": "5 words", "ordered": "true", "none": ["c"], "nowhere": [{"any": ["d"]}]},
    ],
)
def test_a_tree_is_written_as_it_was_typed(data: Any) -> None:
    node = Reader(Faults(), TermReader(Faults())).node(data, ())
    assert node is not None
    again = Reader(Faults(), TermReader(Faults())).node(to_data(node), ())
    assert again == node


def test_a_query_beside_other_keys_is_written_as_one_of_all() -> None:
    node = Reader(Faults(), TermReader(Faults())).node({"all": ["a"], "query": "b NEAR/3 c", "none": ["d"]}, ())
    assert node is not None
    assert to_data(node) == {"all": ["a", {"all": ["b", "c"], "within": "3 words"}], "none": ["d"]}


def test_filters_are_written_behind_the_query() -> None:
    node, narrowings, _ = read_query('(a OR b) lang:(ar OR en) NOT publisher:"The Gulf"', (), TermReader(Faults()))
    assert node is not None
    text = to_query(node, narrowings)
    assert text == '(a OR b) lang:(ar OR en) NOT publisher:"the gulf"'
    assert read_query(text, (), TermReader(Faults()))[:2] == (node, narrowings)


def test_a_compiled_tree_is_not_what_was_typed() -> None:
    leaf = ruleset({"r": "attack"}).rules["r"].node
    for write in (to_data, to_query):
        with pytest.raises(TypeError, match="compiled"):
            write(leaf)
