"""What costs too much is refused in words with its figure, and what is large but cheap is handled."""

from __future__ import annotations

from pathlib import Path

from tests.rules.build import article, load, problems


def chain(count: int, *, forward: bool) -> str:
    """Rules each of which names the next, or the one before."""
    step = 1 if forward else -1
    names = range(count) if forward else range(1, count + 1)
    lines = [f"  r{at}: {{match: {{all: [$r{at + step}, x{at}]}}}}\n" for at in names]
    last = f"  r{count if forward else 0}: {{match: a1}}\n"
    return "rules:\n" + ("".join(lines) + last if forward else last + "".join(lines))


def test_a_long_way_of_references_is_refused_from_either_end(tmp_path: Path) -> None:
    assert len(load(tmp_path, chain(15, forward=True)).cards) == 16
    assert "references lead more than 40 deep: $r0 -> ... -> $r" in problems(tmp_path, chain(300, forward=True))[0]
    assert problems(tmp_path, chain(300, forward=False)) == [
        "42:16: rule 'r40': its match is nested 41 deep (at most 40) with all it names"
    ]
    lists = "".join(f"  l{at}: {{terms: [$l{at + 1}]}}\n" for at in range(300))
    message = problems(tmp_path, f"lists:\n{lists}  l300: {{words: [a1]}}\n")[0]
    assert message == "42:17: list 'l40': references lead more than 40 deep: $l0 -> ... -> $l41"


def test_references_that_double_are_refused_with_their_figure(tmp_path: Path) -> None:
    lines = [f"  r{at + 1}: {{match: {{all: [$r{at}, {{any: [$r{at}, x]}}]}}}}\n" for at in range(30)]
    assert problems(tmp_path, "rules:\n  r0: {match: a1}\n" + "".join(lines)) == [
        "14:16: rule 'r12': its match has 16,381 parts (at most 10,000) with all it names; write several rules"
    ]


def test_what_must_not_be_there_costs_as_well(tmp_path: Path) -> None:
    for negative in ("none", "nowhere"):
        lines = [f"  r{at + 1}: {{match: {{all: [$r{at}], {negative}: [$r{at}]}}}}\n" for at in range(30)]
        assert "parts (at most 10,000)" in problems(tmp_path, "rules:\n  r0: {match: a1}\n" + "".join(lines))[0]
    lines = [f"  r{at + 1}: {{match: {{at_least: 1, points: {{1: [x], -1: [$r{at}, y]}}}}}}\n" for at in range(60)]
    assert "nested 41 deep" in problems(tmp_path, "rules:\n  r0: {match: a1}\n" + "".join(lines))[0]


def test_an_expression_nested_two_hundred_deep_is_refused(tmp_path: Path) -> None:
    deep = "[" * 200 + "a1" + "]" * 200
    assert problems(tmp_path, f"rules: {{r: {{match: {deep}}}}}") == ["1:37: nested deeper than 20 levels"]
    brackets = "(" * 200 + "a1" + ")" * 200
    assert problems(tmp_path, f"rules: {{r: {{match: {{query: '{brackets}'}}}}}}") == [
        "1:79: rule 'r': brackets and prefixes stand more than 50 deep"
    ]
    query = "(a OR b " * 45 + "c" + ")" * 45
    assert problems(tmp_path, f"rules: {{r: {{match: {{query: '{query}'}}}}}}") == [
        "1:20: rule 'r': its match is nested 92 deep (at most 40) with all it names"
    ]


def test_a_rule_at_the_edge_of_its_budget_is_judged_and_explained(tmp_path: Path) -> None:
    query = "(a OR b " * 17 + "c" + ")" * 17
    rules = load(tmp_path, f"rules: {{r: {{match: {{query: '{query}'}}}}}}")
    assert rules.match(article("a"))
    assert rules.explain(article("c"), "r").because == ("all", "any", "query")


def test_a_list_of_many_terms_is_handled_and_counting_them_is_refused(tmp_path: Path) -> None:
    words = "".join(f"      - word{at}\n" for at in range(12_000))
    lists = f"lists:\n  many:\n    words:\n{words}"
    rules = load(tmp_path, lists + "rules: {r: {match: $many}}\n")
    assert [span.term for match in rules.match(article("word7 and word11999")) for span in match.spans] == [
        "word7",
        "word11999",
    ]
    (message,) = problems(tmp_path, lists + "rules: {r: {match: {at_least: 2, of: $many}}}\n")
    assert message == (
        "12004:20: rule 'r': its match has 12,001 parts (at most 10,000) with all it names; write several rules"
    )
