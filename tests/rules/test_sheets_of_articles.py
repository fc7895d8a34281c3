"""Articles that are judged many at a time match as each would alone, whatever stands before and behind them."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from monitor.model import Article
from monitor.rules.engine import Ruleset
from tests.rules.build import article, ruleset
from tests.rules.sheetcases import CASES, Paper

Spans = set[tuple[str, int, int]]


def read(paper: Paper) -> tuple[Article, dict[str, Spans]]:
    """The article, and by rule the spans that are marked in it."""
    found: dict[str, Spans] = {}
    plain = {}
    for name, marked in (("title", paper.title), ("text", paper.text)):
        open: list[tuple[str, int]] = []
        letters: list[str] = []
        at = 0
        while at < len(marked):
            if marked[at] == "{":
                bar = marked.index("|", at)
                open.append((marked[at + 1 : bar], len(letters)))
                at = bar
            elif marked[at] == "}":
                rules, start = open.pop()
                for rule in rules:
                    found.setdefault(rule, set()).add((name, start, len(letters)))
            else:
                letters.append(marked[at])
            at += 1
        plain[name] = "".join(letters)
    return article(plain["text"], plain["title"]), found


def seen(rules: Ruleset, articles: Sequence[Article]) -> list[dict[str, Spans]]:
    """By rule the spans of each article, matched together; a match by itself must be the very same."""
    together = rules.match_each(articles)
    assert together == [rules.match(one) for one in articles]
    return [
        {match.rule: {(span.field, span.start, span.end) for span in match.spans} for match in some}
        for some in together
    ]


@pytest.mark.parametrize("name", CASES)
def test_on_one_sheet(name: str) -> None:
    one = CASES[name]
    articles, expected = zip(*map(read, one.papers), strict=True)
    assert seen(ruleset(dict(one.rules), lists=one.lists, entities=one.entities), articles) == list(expected)


@pytest.mark.parametrize("is_turned", [False, True])
def test_all_on_one_sheet_with_all_rules(is_turned: bool) -> None:
    rules = ruleset(
        {f"{rule}{number}": match for number, one in enumerate(CASES.values()) for rule, match in one.rules.items()},
        lists={id: made for one in CASES.values() for id, made in one.lists.items()},
        entities={id: made for one in CASES.values() for id, made in one.entities.items()},
    )
    papers = [(str(number), *read(paper)) for number, one in enumerate(CASES.values()) for paper in one.papers]
    papers = papers[::-1] if is_turned else papers
    found = seen(rules, [one for _, one, _ in papers])
    own = [
        {rule[0]: spans for rule, spans in some.items() if rule[1:] == number}
        for (number, _, _), some in zip(papers, found, strict=True)
    ]
    assert own == [expected for _, _, expected in papers]
