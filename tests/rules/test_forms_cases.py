"""Terms in mode `forms` and names with `translit` against short texts, in files people can read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from monitor.rules.terms import Term, find
from tests.rules.casefile import READ, Case, read_cases
from tests.rules.test_terms_cases import GOLD, found_by

CASES = Path(__file__).parents[1] / "cases"
FORMS = [(path.stem, case) for path in sorted((CASES / "forms").glob("*.txt")) for case in read_cases(path)]
NAMES = read_cases(CASES / "translit" / "names.txt")


pytestmark = pytest.mark.usefixtures("word_forms")


def listed(name: str) -> Iterator[tuple[str, str]]:
    """The lines of a file of names: the name, and what stands behind it."""
    for line in (CASES / "translit" / name).read_text("utf-8").splitlines():
        if not line.startswith("#"):
            first, rest = line.split(" | ")
            yield first, rest


@pytest.mark.parametrize(("lang", "case"), FORMS)
def test_forms_find_just_what_the_case_says(lang: str, case: Case) -> None:
    assert found_by(Term(case.term, lang=lang, **READ[case.how]), case.text) == case.found


@pytest.mark.parametrize("case", NAMES)
def test_name_in_latin_letters_is_found_just_where_the_case_says(case: Case) -> None:
    assert found_by(Term(case.term, **READ[case.how]), case.text) == case.found


def test_there_are_enough_cases() -> None:
    assert len(FORMS) >= 120
    assert len(NAMES) >= 45
    assert {bool(case.found) for case in NAMES} == {True, False}
    for language in {lang for lang, _ in FORMS}:
        assert {bool(case.found) for lang, case in FORMS if lang == language} == {True, False}, language


def test_at_least_90_of_the_trial_spellings_are_found_whole() -> None:
    trial = [(name, spelling) for name, rest in listed("trial.txt") for spelling in rest.split(" ; ")]
    missed = [
        (name, spelling)
        for name, spelling in trial
        if found_by(Term(name, name=True, translit=True), f"Sources said {spelling} was named.") != (spelling,)
    ]
    assert (len({name for name, _ in trial}), len(trial) >= 95) == (21, True)
    assert len(trial) - len(missed) >= 95, missed


@pytest.mark.parametrize(("name", "text"), tuple(listed("collisions.txt")))
def test_near_word_is_not_taken_for_a_name(name: str, text: str) -> None:
    assert found_by(Term(name, name=True, translit=True), text) == ()


def _of_gold(case: dict[str, Any]) -> bool:
    options: dict[str, bool] = case.get("opts", {})
    return bool(find(case["term"], case["text"], mode=case["mode"], lang=case["lang"], **options))


def test_every_gold_case_of_forms_and_translit_is_right() -> None:
    ours = [case for case in GOLD if case["mode"] == "forms" or case["tag"] == "translit"]
    assert len(ours) == 67
    assert [case["id"] for case in ours if _of_gold(case) is not case["expect"]] == []
