"""What every test of rules may use."""

from __future__ import annotations

import json

import pytest

from monitor.rules import forms
from monitor.rules.terms import Mode, Term
from monitor.rules.words import asked
from tests.conftest import ROOT
from tests.rules.casefile import read_cases

UNLISTED = {
    "ar": "القواعد أكل انكسر استنفر اضطراب اتحاد انتهاء استثناء اقتصادية زغبرطة أكمل أهم وعد بكى تعامل أثر",
    "en": "mice attack missile flibber veto gas free play be",
    "fr": "zorbule zorbeau zorbis",
    "de": "raketen marschflugkörpergeschwader quarx",
    "ru": "удар зорбия зырбо зырбы",
    "uk": "удар зорбій",
    "he": "זורבליט זר",
    "tr": "zrb zorbank",
    "fa": "زورباله زوربا زورباي زو",
}
"""Words of `test_forms` by language."""


@pytest.fixture(scope="session")
def word_forms() -> None:
    """Read each language's table once for all tests of forms, not for each word."""
    terms = [Term(word, Mode.FORMS, language) for language, words in UNLISTED.items() for word in words.split()]
    for path in (ROOT / "tests" / "cases" / "forms").glob("*.txt"):
        terms += [Term(case.term, Mode.FORMS, path.stem) for case in read_cases(path)]
    lines = (ROOT / "tests" / "rules" / "gold.jsonl").read_text("utf-8").splitlines()
    gold = (json.loads(line) for line in lines)
    terms += [Term(case["term"], Mode.FORMS, case["lang"]) for case in gold if case["mode"] == "forms"]
    forms.expand_all(sorted(one for term in terms for one in asked(term)))
