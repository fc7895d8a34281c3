"""Names of real Arabic sentences, as names of entities, are found where they stand (corpus arabic-ner-wojood)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from monitor.model import Article
from monitor.rules.memo import Lexicon
from monitor.rules.terms import Term
from monitor.text.document import prepare
from monitor.text.fold import folded

KINDS = ("PERS", "GPE", "LOC", "FAC", "ORG")
LEAST_LETTERS = 3
PROCLITICS = ("و", "ف", "ب", "ل", "ك", "ول", "وب")


def sentences(corpora: Path) -> Iterator[list[tuple[str, list[str]]]]:
    """Yield each sentence as its words, each with its tags (nested names give a word several)."""
    for block in (corpora / "arabic-ner-wojood" / "val.txt").read_text("utf-8").split("\n\n"):
        rows = [line.split() for line in block.splitlines() if line.strip()]
        if rows:
            yield [(word, tags) for word, *tags in rows]


def names(sentence: list[tuple[str, list[str]]]) -> Iterator[str]:
    """Yield the names of persons, places and organisations in a sentence, those inside others too."""
    for start, (_, tags) in enumerate(sentence):
        for kind in KINDS:
            for _ in range(tags.count(f"B-{kind}")):
                depth = tags.count(f"I-{kind}") + 1
                end = start + 1
                while end < len(sentence) and sentence[end][1].count(f"I-{kind}") >= depth:
                    end += 1
                name = " ".join(word for word, _ in sentence[start:end])
                if sum(map(str.isalpha, name)) >= LEAST_LETTERS:
                    yield name


def is_found(name: str, text: str) -> bool:
    lexicon = Lexicon((Term(name, name=True),))
    return bool(lexicon.hits(prepare(Article(id="", source="", title="", text=text))))


@pytest.fixture(scope="module")
def named(corpora: Path) -> list[tuple[str, str]]:
    """Every name with the sentence it comes from."""
    return [
        (name, " ".join(word for word, _ in sentence)) for sentence in sentences(corpora) for name in names(sentence)
    ]


def test_at_least_99_in_100_names_are_found_in_their_sentence(named: list[tuple[str, str]]) -> None:
    missed = [(name, text) for name, text in named if not is_found(name, text)]
    assert len(named) > 250
    assert len(missed) <= 0.01 * len(named), missed


def test_a_name_is_found_where_it_is_written_with_a_proclitic(named: list[tuple[str, str]]) -> None:
    plain = {folded(name): name for name, _ in named}
    behind = [
        (plain[rest], text)
        for name, text in named
        for proclitic in PROCLITICS
        if name.startswith(proclitic) and (rest := folded(name.removeprefix(proclitic))) in plain
    ]
    assert len(behind) >= 5
    assert [(name, text) for name, text in behind if not is_found(name, text)] == []
