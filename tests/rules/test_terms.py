"""`find` and the problems of terms; properties that hold for any text."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.model import Article, Span
from monitor.rules.memo import Lexicon
from monitor.rules.terms import Mode, Term, find, term_problems
from monitor.text.document import prepare
from monitor.text.fold import folded

_LISTED = (
    "قاعدة القاعدة وبقاعدتهم عين الأسد الأَسَد عيـن مستشفى هجوم إرهابي هجوما إرهابيا الله لله سد علي على منشأة "
    "عبدالله عبد أبو ظبي "
    "US us U.S. Iran's Ira\u200bn al-Asad Größe e\u0301 کھا ہے ﻻ @a https://a.b/c 17 ١٧ 1,000 ، . «». "
    "l'Iran İran'ın Irans "
    "ועדה בוועדה הגדה בגדה צה״ל حمله حمله‌ای حملهٔ نیروی نیروهای دنیائے об'єкт Ки́їв 袭击 襲擊 G20峰会 唐·朗"
)
WORDS = st.sampled_from(_LISTED.split())
SEPARATORS = st.sampled_from([" ", "  ", "\n", "\n\n", "-", "_", "", ". ", "\u200f ", "، "])
TEXTS = st.lists(st.tuples(WORDS, SEPARATORS), max_size=12).map(lambda parts: "".join(map("".join, parts))) | st.text(
    st.characters() | st.sampled_from("\ud800\u0640\u064b'"), max_size=20
)
TERMS = st.lists(st.tuples(WORDS, st.sampled_from([" ", "-", ""])), max_size=3).map(
    lambda parts: "".join(map("".join, parts))
) | st.text(max_size=6)
LANGUAGES = st.sampled_from([None, "ar", "de", "en", "fa", "fr", "he", "ru", "tr", "uk", "ur", "zh", "ku", "xx"])
MODES = st.sampled_from(["word", "exact"])


def test_find_gives_spans_of_the_text_as_it_was_passed_in() -> None:
    text = "تعرض الموقع لِهُجُومٍ قرب القاعدة"
    assert find("هجوم", text) == (Span(field="text", start=12, end=21, term="هجوم", core=(14, 21)),)


def test_a_language_picks_its_grammar() -> None:
    assert find("هجوم", "الهجوم", lang="ar") == find("هجوم", "الهجوم")
    assert find("هجوم", "الهجوم", lang="en") == find("هجوم", "الهجوم")
    assert find("هجوم", "الهجوم", lang="fa") == find("هجوم", "الهجوم", lang="fa-IR") == ()
    assert len(find("דמשק", "בדמשק", lang="he-IL")) == len(find("דמשק", "בדמשק", lang="fr")) == 1
    assert len(find("attaque", "une attaque", lang="fr")) == 1
    assert find("attack", "attack's", lang="fr") == ()
    assert len(find("کھا", "کھا کہا ہے", lang="ur")) == 1
    assert len(find("کھا", "كها", lang="ar")) == 1


def test_a_term_without_words_finds_nothing() -> None:
    assert find("", "a") == find("«»", "«»") == find(" ", " ") == ()


def test_an_unknown_mode_and_a_short_beginning_are_refused() -> None:
    with pytest.raises(ValueError, match="nonsense"):
        find("a", "a", mode="nonsense")
    with pytest.raises(ValueError, match="at least 4 letters"):
        find("exp", "explosion", mode="starts")


@pytest.mark.parametrize(
    ("term", "problems"),
    [
        (Term("هجوم"), ()),
        (Term("a"), ()),
        (Term("«»"), ("holds no letter or digit, so it can never be found",)),
        (Term("explo", Mode.STARTS), ()),
        (
            Term("rocket att", Mode.STARTS),
            ("'att' is too short: a beginning needs at least 4 letters; write them out",),
        ),
        (Term("bomb(s)?", Mode.PATTERN), ()),
    ],
)
def test_problems_of_a_term_say_why_it_cannot_be_used(term: Term, problems: tuple[str, ...]) -> None:
    assert term_problems(term) == problems


@settings(deadline=None)
@given(TERMS, TEXTS, MODES, LANGUAGES)
def test_find_never_raises_and_its_spans_lie_in_order_without_overlap(
    term: str, text: str, mode: str, lang: str | None
) -> None:
    spans = find(term, text, mode=mode, lang=lang)
    assert list(spans) == sorted(spans, key=lambda span: span.start)
    assert all(before.end <= after.start for before, after in pairwise(spans))
    for span in spans:
        assert 0 <= span.start <= span.core[0] <= span.core[1] <= span.end <= len(text)
        assert folded(text[slice(*span.core)]) in folded(text[span.start : span.end])
        assert span.core[0] < span.core[1]


@settings(deadline=None)
@given(TERMS, TEXTS, MODES)
def test_find_is_a_lexicon_of_one_term(term: str, text: str, mode: str) -> None:
    document = prepare(Article(id="", source="", title="", text=text))
    lexicon = Lexicon((Term("الأسد"), Term(term, Mode(mode)), Term("Iran")))
    assert find(term, text, mode=mode) == tuple(
        lexicon.span(document, hit) for hit in lexicon.hits(document).get(1, ())
    )


@settings(deadline=None)
@given(st.lists(WORDS, min_size=1, max_size=3), TEXTS, MODES, LANGUAGES)
def test_a_term_is_found_where_it_stands_as_written_whatever_language_it_says(
    words: list[str], around: str, mode: str, lang: str | None
) -> None:
    term = " ".join(words)
    if not any(part.startswith(("@", "http")) for part in words) and not term_problems(Term(term)):
        text = f"{around}\n\n{term}\n\n{around}"
        assert find(term, text, mode=mode, lang=lang) or (lang == "ur" and "ھ" in term)
