"""Terms against short texts: the shared acceptance set, and our own cases in files people can read.

`cases/terms.txt` says no language; `tests/cases/` holds one file for each language, in the same form.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from monitor.model import Article
from monitor.rules.memo import Lexicon
from monitor.rules.terms import Term, find
from monitor.text.document import prepare
from tests.rules.casefile import READ, Case, read_cases

HERE = Path(__file__).parent
FILES = sorted((HERE.parent / "cases").glob("*.txt"))
CASES = [(path.stem, case) for path in FILES for case in read_cases(path)]
GOLD = tuple(json.loads(line) for line in (HERE / "gold.jsonl").read_text("utf-8").splitlines())


def found_by(term: Term, text: str) -> tuple[str, ...]:
    """Return the words of a text that a term finds."""
    document = prepare(Article(id="", source="", title="", text=text))
    lexicon = Lexicon((term,))
    spans = [lexicon.span(document, hit) for hit in lexicon.hits(document).get(0, ())]
    return tuple(text[span.start : span.end] for span in spans)


@pytest.mark.parametrize("case", read_cases(HERE / "cases" / "terms.txt"))
def test_case_finds_just_what_it_says(case: Case) -> None:
    assert found_by(Term(case.term, **READ[case.how]), case.text) == case.found


@pytest.mark.parametrize(("lang", "case"), CASES)
def test_case_of_a_language_finds_just_what_it_says(lang: str, case: Case) -> None:
    how, _, any_language = case.how.partition(", ")
    assert found_by(Term(case.term, lang="" if any_language else lang, **READ[how]), case.text) == case.found


def test_every_language_has_cases_of_hits_and_of_misses() -> None:
    assert [path.stem for path in FILES] == ["ar", "de", "en", "fa", "fr", "he", "ru", "tr", "uk", "ur", "zh"]
    for path in FILES:
        assert {bool(case.found) for case in read_cases(path)} == {True, False}, path.name


def _is_ours(case: dict[str, Any]) -> bool:
    return case["mode"] in ("exact", "word") and "opts" not in case


def _is_right(case: dict[str, Any], lang: str | None = None) -> bool:
    return bool(find(case["term"], case["text"], mode=case["mode"], lang=lang)) is case["expect"]


HARD = {
    "g288": "a dictionary takes لقمة for another word, unless the term has `clitics: always`",
    "g289": "Chinese is found by substring, so also over the edge of two words",
    "g292": "a hashtag in camel case is one word",
}


def test_every_gold_case_of_words_and_exact_forms_is_right_but_three_hard_ones() -> None:
    ours = [case for case in GOLD if _is_ours(case)]
    assert len(ours) == 226
    assert {case["id"] for case in ours if not _is_right(case, lang=case["lang"])} == set(HARD)


def test_a_gold_case_needs_no_language() -> None:
    wrong = {case["id"] for case in GOLD if _is_ours(case) and not _is_right(case)}
    assert wrong == set(HARD)


def test_no_gold_case_of_any_mode_gains_a_false_hit() -> None:
    false = [case["id"] for case in GOLD if not case["expect"] and not _is_right(case, lang=case["lang"])]
    assert false == ["g289"]
