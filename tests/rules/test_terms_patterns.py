"""Patterns: what is refused and why, how they are folded, where they stand."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.model import Article
from monitor.rules.memo import Lexicon
from monitor.rules.patterns import PatternError, pattern_problem, translate
from monitor.rules.terms import Mode, Term, find, term_problems
from monitor.text.document import prepare


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        ("a(?=b)", "look-around"),
        ("(?<!a)b", "look-around"),
        ("(?P<x>a)(?P=x)", "back-reference"),
        ("(?>a)b", "another construct"),
        ("(a)\\1", "is not valid RE2"),
        ("(a", "is not valid RE2: missing )"),
        ("a)", "is not valid RE2"),
        ("a**", "is not valid RE2"),
        ("a{2000}", "is not valid RE2"),
        ("a\\b c", "bounded at word edges already"),
        ("a\\Bc", "\\B is not available"),
        ("\\Cx", "cut letters in two"),
        ("\\Qx\\E", "put a backslash"),
        ("[\\W]x", "inside brackets"),
        ("[\\b]x", "bounded at word edges"),
        ("[abc", "that nothing closes"),
        ("[\\", "lone backslash"),
        ("abc\\", "lone backslash"),
        ("[z-a]", "runs backwards"),
        ("[a-\\d]", "runs backwards or has no end"),
        ("\\x{D800}", "surrogate"),
        ("\\x{110000}", "does not exist"),
        ("[\\x{FFFFFFFFFF}]", "does not exist"),
        ("\ud800", "surrogate"),
        ("a*", "matches the empty text"),
        ("", "matches the empty text"),
        ("\u064b", "matches the empty text"),
    ],
)
def test_a_pattern_that_cannot_be_used_is_refused_with_its_reason(pattern: str, reason: str) -> None:
    assert reason in pattern_problem(pattern)
    assert term_problems(Term(pattern, Mode.PATTERN)) == (f"the pattern {pattern_problem(pattern)}",)


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        ("IED", "an ied, IEDS", ["ied"]),
        ("(?i:bomb)s?", "BOMBS", ["BOMBS"]),
        ("(?P<what>car|bus) bomb", "bus-bomb", ["bus-bomb"]),
        ("bomb|bombing", "bombing", ["bombing"]),
        ("a[- _]b", "a b a_b a-b a  b axb", ["a b", "a_b", "a-b", "a  b"]),
        ("a[-x]b", "a b axb", ["a b", "axb"]),
        ("a[^-]b", "axb a_b", ["axb"]),
        ("[A-C]{2}", "ab ABC", ["ab"]),
        ("x{,y", "x{,y", ["x{,y"]),
        ("[]x]1", "x1", ["x1"]),
        ("[[:digit:]]+x", "12x", ["12x"]),
        ("[\\d\\s]+x", "1 2x", ["1 2x"]),
        ("\\x41\\x{42}c", "abc", ["abc"]),
        ("[\\x41-\\x43]+", "abc", ["abc"]),
        ("[\\]\\pN]+z", "1]2z", ["1]2z"]),
        ("\\W?عين\\W+الاسد", "«عين» الأسد", ["عين» الأسد"]),
        ("\\pL+bomb", "carbomb", ["carbomb"]),
        ("ab\\.c\\-d", "ab.c d", ["ab.c d"]),
        ("a\\tb", "a\tb", ["a\tb"]),
        ("[a\\n]b", "ab", ["ab"]),
        ("(?s)a.b", "a\nb", ["a\nb"]),
        ("[ß]x", "sx", ["sx"]),
        ("[\u064b]x|yx", "yx", ["yx"]),
        ("[\u4e00-\u9fff]+", "导弹", ["导弹"]),
        ("[أإ]سد", "أسد", ["أسد"]),
        ("bomb", "https://x.example/bomb a bomb", ["bomb"]),
        ("bomb", "bomb bomb", ["bomb", "bomb"]),
        ("ira", "iran ira's", ["ira's"]),
        ("--", "a--b", []),
        ("[{]x|y", "y", ["y"]),
        ("caf\u0065\u0301", "Café", ["Café"]),
        (".", "a \ud800 b", ["a", "b"]),
        ("导弹", "发射导弹袭击，导弹导弹", ["导弹", "导弹", "导弹"]),
        ("导弹", "B21导弹", ["导弹"]),
        ("IED", "انفجرت الـIED قرب IED", ["IED", "IED"]),
        ("IED", "IEDs وIEDات", ["IED"]),
        ("كوفيد19", "كوفيد19", ["كوفيد19"]),
        ("ab", "ab ab ab", ["ab", "ab", "ab"]),
    ],
)
def test_a_pattern_reads_the_folded_text_and_keeps_to_word_edges(
    pattern: str, text: str, expected: list[str]
) -> None:
    assert [text[span.start : span.end] for span in find(pattern, text, mode="pattern")] == expected


def test_a_cased_pattern_reads_the_text_in_its_capitals() -> None:
    lexicon = Lexicon((Term("[A-Z]{3} chief", Mode.PATTERN, cased=True), Term("cia chief", Mode.PATTERN)))
    document = prepare(Article(id="", source="", title="cia chief", text="Ask @CIA or the CIA chief"))
    assert {term: [hit.field for hit in hits] for term, hits in lexicon.hits(document).items()} == {
        0: ["text"],
        1: ["title", "text"],
    }


def test_each_pattern_of_many_is_found_by_its_own_words() -> None:
    lexicon = Lexicon([Term(f"word{number}x", Mode.PATTERN) for number in range(200)])
    document = prepare(Article(id="", source="", title="", text="word7x then word150x"))
    hits = lexicon.hits(document)
    assert sorted(hits) == [7, 150]
    assert document.article.text[slice(*_range(lexicon, document, hits[150][0]))] == "word150x"


def _range(lexicon: Lexicon, document: object, hit: object) -> tuple[int, int]:
    span = lexicon.span(document, hit)  # type: ignore[arg-type]
    return span.start, span.end


def test_an_unusable_pattern_in_a_lexicon_finds_nothing_and_find_refuses_it() -> None:
    document = prepare(Article(id="", source="", title="", text="ab"))
    assert Lexicon((Term("a(?=b)", Mode.PATTERN), Term("ab"))).hits(document).keys() == {1}
    with pytest.raises(ValueError, match="look-around"):
        find("a(?=b)", "ab", mode="pattern")


@settings(deadline=None)
@given(st.text(st.sampled_from("ab\\[](){}?*+|^$.-: wdsWpLx0أ1 \u064b"), max_size=10))
def test_translation_either_refuses_or_gives_what_re2_can_read(pattern: str) -> None:
    try:
        translate(pattern)
    except PatternError:
        return
    if not pattern_problem(pattern):
        find(pattern, "ab أ 1 ab-ab", mode="pattern")
