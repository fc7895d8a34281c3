"""A query means what the brute-force reference says of the tree it stands for, and survives being written again."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.rules.expression import Node
from monitor.rules.faults import Faults
from monitor.rules.marks import TermReader
from monitor.rules.query import read_query
from monitor.rules.reading import Reader
from monitor.rules.writing import NotSayable, to_data, to_query
from tests.rules import reference
from tests.rules.build import article, ruleset
from tests.rules.test_reference import TERMS, WORDS, document, expressions, texts

Pair = tuple[str, Any]
"""A query and the expression that says the same. A query's text is always in brackets where that could matter."""


def near(sign: str, number: int, pairs: list[Pair]) -> Pair:
    ordered = {"ordered": "true"} if sign == "ONEAR" else {}
    return (
        "(" + f" {sign}/{number} ".join(query for query, _ in pairs) + ")",
        {"all": [tree for _, tree in pairs], "within": f"{number} words", **ordered},
    )


def joined(sign: str, pairs: list[Pair]) -> Pair:
    key = "any" if sign == " OR " else "all"
    return f"({sign.join(query for query, _ in pairs)})", {key: [tree for _, tree in pairs]}


def without(pair: Pair, others: list[Pair], sign: str) -> Pair:
    nots = sign.join(f"NOT {query}" for query, _ in others)
    return f"({pair[0]}{sign}{nots})", {"all": [pair[1]], "nowhere": [tree for _, tree in others]}


def in_field(field: str, pair: Pair) -> Pair:
    return f"{field}:{pair[0]}", {"all": [pair[1]], "fields": [field]}


def counted(number: int, pair: Pair) -> Pair:
    return f"atleast{number}({pair[0]})", {"all": [pair[1]], "mentions": str(number)}


def closely(words: list[str], number: int) -> Pair:
    return f'"{" ".join(words)}"~{number}', {"all": words, "within": f"{number} words"}


words = st.sampled_from(TERMS).map(lambda term: (f'"{term}"' if " " in term else term, term))
numbers = st.integers(0, 3)


def larger(pairs: st.SearchStrategy[Pair]) -> st.SearchStrategy[Pair]:
    several = st.lists(pairs, min_size=2, max_size=3)
    plain = st.one_of(words, st.lists(words, min_size=2, max_size=3).map(lambda some: joined(" OR ", some)))
    return st.one_of(
        st.builds(joined, st.sampled_from([" AND ", " ", " OR "]), several),
        st.builds(near, st.sampled_from(["NEAR", "ONEAR"]), numbers, several),
        st.builds(without, pairs, st.lists(pairs, min_size=1, max_size=2), st.sampled_from([" ", " AND "])),
        st.builds(in_field, st.sampled_from(["title", "lead", "body"]), plain),
        st.builds(counted, st.integers(1, 3), pairs),
        st.builds(closely, st.lists(st.sampled_from(WORDS), min_size=2, max_size=3), numbers),
    )


queries = st.recursive(words, larger, max_leaves=5)


def tree(query: str) -> Node:
    faults = Faults()
    node, narrowings, _ = read_query(query, (), TermReader(faults))
    assert (faults.items, narrowings) == ([], ())
    assert node is not None
    return node


@settings(max_examples=300, deadline=None)
@given(pair=queries, title=st.lists(st.sampled_from(WORDS), max_size=4), text=texts)
def test_a_query_means_what_its_tree_means(pair: Pair, title: list[str], text: list[list[list[str]]]) -> None:
    query, expression = pair
    told, head, body = document(title, text)
    expected = reference.true(expression, told.everywhere, told)
    assert bool(ruleset({"r": {"query": query}}).match(article(body, head))) is expected


@settings(max_examples=300, deadline=None)
@given(pair=queries)
def test_query_to_tree_to_query_is_stable(pair: Pair) -> None:
    node = tree(pair[0])
    written = to_query(node)
    assert tree(written) == node
    assert to_query(tree(written)) == written
    assert Reader(Faults(), TermReader(Faults())).node(to_data(node), ()) == node


@settings(max_examples=300, deadline=None)
@given(expression=expressions, title=st.lists(st.sampled_from(WORDS), max_size=4), text=texts)
def test_a_tree_written_as_a_query_means_the_same(
    expression: Any, title: list[str], text: list[list[list[str]]]
) -> None:
    node = Reader(Faults(), TermReader(Faults())).node(expression, ())
    assert node is not None
    assert Reader(Faults(), TermReader(Faults())).node(to_data(node), ()) == node
    try:
        query = to_query(node)
    except NotSayable:
        return
    told, head, body = document(title, text)
    expected = reference.true(expression, told.everywhere, told)
    assert bool(ruleset({"r": {"query": query}}).match(article(body, head))) is expected
    assert to_query(tree(query)) == query


@settings(max_examples=500, deadline=None)
@given(st.text(st.sampled_from('ab ()"~/:*$=-\nNORADE59أ“\u200ftitle'), max_size=40))
def test_any_text_is_read_or_refused_at_a_place_inside_it(text: str) -> None:
    faults = Faults()
    node, _, _ = read_query(text, ("query",), TermReader(faults))
    errors = [fault for fault in faults.items if fault.level == "error"]
    assert (node is None) is bool(errors)
    assert all(isinstance(fault.path[-1], int) and 0 <= fault.path[-1] <= len(text) for fault in faults.items)
