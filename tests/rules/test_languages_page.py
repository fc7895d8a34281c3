"""The page on languages tells the truth: every row of its table is tried."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from monitor.rules.terms import find

PAGE = Path(__file__).parent.parent.parent / "docs" / "languages.md"
ROWS = re.findall(r"^\| [^|]+ \| `(\w\w)` \| (.+?) \| (.+?) \| (.+?) \|$", PAGE.read_text("utf-8"), re.M)


def test_the_page_has_a_row_for_every_language() -> None:
    assert [row[0] for row in ROWS] == ["ar", "he", "fa", "ur", "tr", "en", "fr", "de", "ru", "uk", "zh"]


@pytest.mark.parametrize(("lang", "term", "found", "missed"), ROWS)
def test_a_row_finds_what_it_says_and_nothing_else(lang: str, term: str, found: str, missed: str) -> None:
    for text in re.split("[,،] ", found):
        assert find(term, text, lang=lang), text
    for text in re.split("[,،] ", missed):
        assert not find(term, text, lang=lang), text
