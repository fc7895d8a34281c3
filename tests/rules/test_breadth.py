"""A term that hits too many articles is told with its place, its figure and what was counted."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from monitor.model import Article
from monitor.rulefiles import load_pack
from monitor.rules.breadth import ENOUGH
from tests.rules.build import article

RULES = """\
lists:
  attack: {words: [attack, raid]}
entities:
  asad: {kind: base, names: [Ain al-Asad]}
rules:
  alone: {match: [attack, هجوم]}
  apart: {match: {all: [$attack, the], none: [storm]}}
  close: {match: {all: [$attack, flood], within: sentence}}
  base: {match: {at_least: 1, of: [{entity: {kind: base}}, never]}}
  two: {match: {at_least: 2, of: [coast, harbour]}}
  titled: {match: {any: [depot], fields: [title]}}
  off: {match: noise, status: off}
"""


def archive(*texts: tuple[int, str], size: int = ENOUGH) -> list[Article]:
    """So many articles, of which each given number holds a text."""
    filled = [article(text) for number, text in texts for _ in range(number)]
    return [*filled, *(article("Bread prices") for _ in range(size - len(filled)))]


def told(folder: Path, sample: Iterable[Article], rules: str = RULES) -> list[str]:
    file = folder / "rules.yaml"
    file.write_text(rules, encoding="utf-8")
    found = load_pack(file).wide(sample, "the archive")
    return [str(one).removeprefix(f"{file}:") for one in found]


def test_a_term_that_needs_nothing_close_is_too_wide_above_one_in_a_hundred(tmp_path: Path) -> None:
    assert told(tmp_path, archive((6, "a raid"), (6, "Ain al-Asad"))) == [
        "2:28: warning: list 'attack': 'raid' hits 1.2% of the archive (6 of 500 articles); rule 'apart' needs "
        "nothing close to it; write a longer phrase, or put more beside it with 'all' and 'within'",
        "4:30: warning: entity 'asad': 'Ain al-Asad' hits 1.2% of the archive (6 of 500 articles); rule 'base' needs "
        "nothing close to it; write a longer phrase, or put more beside it with 'all' and 'within'",
    ]


def test_one_in_a_hundred_is_allowed(tmp_path: Path) -> None:
    assert told(tmp_path, archive((5, "a raid"))) == []


def test_a_term_beside_others_may_be_frequent(tmp_path: Path) -> None:
    frequent = archive((200, "flood"), (200, "coast and storm"), (100, "depot and noise"))
    assert told(tmp_path, frequent) == []


def test_a_word_of_nearly_every_article_in_its_letters_is_told_wherever_it_stands(tmp_path: Path) -> None:
    flooded = archive((41, "the flood and the storm"), (450, "قصف مدفعي"))
    figure = "hits 82% of the articles in Latin letters in the archive (41 of 50); so common a word tells nothing"
    assert [line.rpartition(";")[0] for line in told(tmp_path, flooded)] == [
        f"7:34: warning: rule 'apart': 'the' {figure}",
        f"7:47: warning: rule 'apart': 'storm' {figure}",
        f"8:34: warning: rule 'close': 'flood' {figure}",
    ]


def test_a_small_sample_tells_only_of_words_in_most_of_its_articles(tmp_path: Path) -> None:
    assert told(tmp_path, archive((12, "an attack"), (8, "وقع هجوم"), size=30)) == [
        "6:27: warning: rule 'alone': 'هجوم' hits 100% of the articles in Arabic letters in the archive (8 of 8); so "
        "common a word tells nothing; leave it out, or write a longer phrase",
    ]


def test_a_handful_of_hits_says_nothing(tmp_path: Path) -> None:
    assert told(tmp_path, [article("an attack")] * 4) == []
    assert told(tmp_path, []) == []
    assert told(tmp_path, [article("2026 ١٢")] * 9, "rules: {r: {match: '2026'}}") == [
        "1:20: warning: rule 'r': '2026' hits 100% of the archive (9 of 9); so common a "
        "word tells nothing; leave it out, or write a longer phrase",
    ]
