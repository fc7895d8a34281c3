"""`none`, `nowhere` and `not_part_of` take matches away and never add one."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.rules.build import article, ruleset
from tests.rules.test_reference import TERMS, WORDS, document, expressions, mappings, shallow, terms, texts

titles = st.lists(st.sampled_from(WORDS), max_size=4)
guards = st.lists(st.sampled_from([term for term in TERMS if " " in term]), min_size=1, max_size=2)


def matched(expressions: dict[str, Any], title: list[str], text: list[list[list[str]]]) -> set[str]:
    """Which of two expressions an article matches."""
    _, head, body = document(title, text)
    return {match.rule for match in ruleset(expressions).match(article(body, head))}


def guarded(data: Any, guards: list[str]) -> Any:
    """The expression with `not_part_of` on every term that it wants to find."""
    if isinstance(data, str):
        return {"term": data, "not_part_of": guards}
    if isinstance(data, list):
        return [guarded(child, guards) for child in data]
    found = {key: guarded(value, guards) if key in ("all", "any", "of") else value for key, value in data.items()}
    if "points" in data:
        found["points"] = {
            earned: guarded(items, guards) if int(earned) > 0 else items for earned, items in data["points"].items()
        }
    return found


@settings(max_examples=300, deadline=None)
@given(
    expression=mappings(shallow),
    key=st.sampled_from(["none", "nowhere"]),
    more=st.lists(shallow, min_size=1, max_size=2),
    title=titles,
    text=texts,
)
def test_none_and_nowhere_only_remove_matches(
    expression: dict[str, Any], key: str, more: list[Any], title: list[str], text: list[list[list[str]]]
) -> None:
    less = {**expression, key: [*expression.get(key, []), *more]}
    assert matched({"less": less, "plain": expression}, title, text) in (set(), {"plain"}, {"less", "plain"})


@settings(max_examples=300, deadline=None)
@given(expression=st.one_of(expressions, terms), guards=guards, title=titles, text=texts)
def test_not_part_of_only_removes_matches(
    expression: Any, guards: list[str], title: list[str], text: list[list[list[str]]]
) -> None:
    less = guarded(expression, guards)
    assert matched({"less": less, "plain": expression}, title, text) in (set(), {"plain"}, {"less", "plain"})
