"""The lexicon: numbering, not_part_of, order, memory; and that cost follows what occurs."""

from __future__ import annotations

import numpy as np
import pytest

from monitor.model import Article
from monitor.rules import memo, sides
from monitor.rules.memo import Hit, Lexicon
from monitor.rules.search import Search, Sweep
from monitor.rules.terms import Mode, Term
from monitor.text.document import Document, prepare


def document(text: str, title: str = "") -> Document:
    return prepare(Article(id="", source="", title=title, text=text))


def search_in(lexicon: Lexicon, text: str) -> Search:
    of = document(text)
    return Sweep(lexicon, [of]).search(of)


def places(lexicon: Lexicon, of: Document) -> dict[int, list[tuple[str, int, int]]]:
    return {term: [(hit.field, hit.first, hit.last) for hit in hits] for term, hits in lexicon.hits(of).items()}


def test_hits_are_numbered_by_position_and_sorted_title_first() -> None:
    lexicon = Lexicon((Term("war"), Term("peace"), Term("war"), Term("never")))
    assert lexicon.hits(document("war and peace, war", title="War")) == {
        0: (Hit(0, "title", 0, 0), Hit(0, "text", 0, 0), Hit(0, "text", 3, 3)),
        1: (Hit(1, "text", 2, 2),),
        2: (Hit(2, "title", 0, 0), Hit(2, "text", 0, 0), Hit(2, "text", 3, 3)),
    }


def test_hits_of_one_term_never_overlap() -> None:
    assert places(Lexicon((Term("a a"),)), document("a a a a a")) == {0: [("text", 0, 1), ("text", 2, 3)]}


def test_a_hit_inside_a_longer_hit_of_not_part_of_does_not_count() -> None:
    lexicon = Lexicon(
        (
            Term("attack", not_part_of=(Term("heart attack"), Term("attack dog"))),
            Term("attack"),
            Term("عين الأسد", not_part_of=(Term("مخيم عين الأسد"),)),
            Term("heart attack"),
        )
    )
    assert places(lexicon, document("a heart attack, an attack dog, an attack")) == {
        0: [("text", 7, 7)],
        1: [("text", 2, 2), ("text", 4, 4), ("text", 7, 7)],
        3: [("text", 1, 2)],
    }
    assert places(lexicon, document("قرب مخيم عين الأسد ثم بعين الأسد")) == {2: [("text", 5, 6)]}
    assert places(lexicon, document("heart attack")) == {1: [("text", 1, 1)], 3: [("text", 0, 1)]}


def test_not_part_of_counts_letters_where_the_words_are_the_same() -> None:
    lexicon = Lexicon((Term("explo", Mode.STARTS, not_part_of=(Term("exploration"), Term("explo", Mode.STARTS))),))
    assert places(lexicon, document("exploration explosion")) == {0: [("text", 1, 1)]}


def test_not_part_of_needs_a_hit_that_contains_the_whole() -> None:
    lexicon = Lexicon((Term("b c", not_part_of=(Term("a b"), Term("x b c"))),))
    assert places(lexicon, document("a b c")) == {0: [("text", 1, 2)]}


def test_the_span_covers_whole_words_and_the_core_the_term() -> None:
    lexicon = Lexicon((Term("قاعدة"), Term("U.S."), Term("car bomb", Mode.PATTERN), Term("explo", Mode.STARTS)))
    text = "وبقاعدتهم the U.S. car bomb's explosion"
    of = document(text)
    spans = [lexicon.span(of, hits[0]) for _, hits in sorted(lexicon.hits(of).items())]
    assert [(text[span.start : span.end], text[slice(*span.core)], span.term, span.field) for span in spans] == [
        ("وبقاعدتهم", "قاعدت", "قاعدة", "text"),
        ("U.S.", "U.S.", "U.S.", "text"),
        ("car bomb's", "car bomb", "car bomb", "text"),
        ("explosion", "explo", "explo", "text"),
    ]


def test_the_core_of_a_term_with_its_own_article_includes_it_where_it_is_written() -> None:
    lexicon = Lexicon((Term("العراق"),))
    text = "بالعراق وللعراق"
    of = document(text)
    cores = [lexicon.span(of, hit).core for hit in lexicon.hits(of)[0]]
    assert [text[slice(*core)] for core in cores] == ["العراق", "عراق"]


def test_the_span_of_a_title_hit_is_in_the_title() -> None:
    lexicon = Lexicon((Term("abu ghraib"), Term("عبدالله")))
    of = document("", title="في Abu‑Ghraib عند عبد الله")
    spans = [lexicon.span(of, hits[0]) for _, hits in sorted(lexicon.hits(of).items())]
    assert [(span.field, of.article.title[span.start : span.end]) for span in spans] == [
        ("title", "Abu‑Ghraib"),
        ("title", "عبد الله"),
    ]


def test_a_full_memory_is_forgotten_and_nothing_is_missed(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, most in (("REMEMBERED", 1), ("MOST_MEANINGS", 3), ("AT_ONCE", 1)):
        monkeypatch.setattr(sides if name == "AT_ONCE" else memo, name, most)
    lexicon = Lexicon((Term("قاعدة عين الأسد"), Term("war"), Term("two three"), Term("four five"), Term("six")))
    of = document("one two three war four five قاعدة عين الأسد six seven war")
    expected = {
        0: [("text", 6, 8)],
        1: [("text", 3, 3), ("text", 11, 11)],
        2: [("text", 1, 2)],
        3: [("text", 4, 5)],
        4: [("text", 9, 9)],
    }
    assert places(lexicon, of) == expected
    assert places(lexicon, of) == expected


def test_what_is_remembered_of_tokens_is_less_where_few_terms_are_looked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    terms = (Term("war"), Term("peace"))
    small = Lexicon(terms)._memo._table.nbytes
    monkeypatch.setattr(memo, "FEW", 1)
    assert (small, Lexicon(terms)._memo._table.nbytes) == (4 << 20, 16 << 20)


def test_a_giant_word_is_found_and_its_readings_are_not_remembered() -> None:
    lexicon = Lexicon((Term("a" * 100_000), Term("b")))
    for _ in range(2):
        assert places(lexicon, document("a" * 100_000 + " b")) == {0: [("text", 0, 0)], 1: [("text", 1, 1)]}
    assert [token for token, _ in lexicon._known] == ["b"]


def test_terms_without_words_and_an_empty_lexicon_find_nothing() -> None:
    assert Lexicon(()).hits(document("war")) == {}
    assert Lexicon((Term(""), Term("«»"), Term("...", Mode.EXACT))).hits(document("war «» ...")) == {}


def test_a_shouted_title_says_nothing_of_acronyms_but_a_short_one_of_the_text_does() -> None:
    lexicon = Lexicon((Term("WHO"), Term("US")))
    assert places(lexicon, document("US UK EU. The WHO said", title="WHO WINS")) == {
        0: [("text", 4, 4)],
        1: [("text", 0, 0)],
    }
    assert places(lexicon, document("", title="WHO wins 2026")) == {0: [("title", 0, 0)]}
    assert places(lexicon, document("WHO WHO: WHO FORGOTTEN WHO", title="WHO 2026")) == {0: [("title", 0, 0)]}


def test_what_is_remembered_of_one_place_is_said_of_no_other() -> None:
    terms = (Term("Bush", cased=True), Term("oil field"), Term("WHO"), Term("ألمانيا", strict=True), Term("1 000"))
    texts = (
        "Bush, oil field, who said 1 000",
        "bush. oil, field. They and the WHO said x1,000",
        "BUSH WHO OIL FIELD",
        "oil @user field 1,000",
        "oil https://site.example/oil field",
        "المانيا",
        "ألمانيا",
        "oil-field BUSH: the \u00adWHO said 1,000x",
    )
    kept = Lexicon(terms)
    for text in (*texts, *reversed(texts)):
        assert places(kept, document(text)) == places(Lexicon(terms), document(text))
        assert places(kept, document("", title=text)) == places(Lexicon(terms), document("", title=text))


def test_an_article_touches_only_the_terms_that_occur() -> None:
    lexicon = Lexicon([Term(f"t{number} twofold") for number in range(2_000)] + [Term("war")])
    search = search_in(lexicon, "war twofold twofold")
    entries = {entry for _, _, entry, _ in search.traces(np.arange(lexicon.entries))}
    assert entries == {lexicon.entry(2_000)}  # "twofold" alone enters none


def test_a_phrase_wants_its_words_where_they_are() -> None:
    lexicon = Lexicon((Term("x longest"), Term("longest y")))
    assert places(lexicon, document("longest")) == {}
    assert places(lexicon, document("x longest y")) == {0: [("text", 0, 1)], 1: [("text", 1, 2)]}


def test_two_words_of_a_phrase_at_the_end_or_the_beginning_are_no_trace_of_it() -> None:
    lexicon = Lexicon((Term("kilo lima mike"), Term("mike kilo lima")))
    for text in ("kilo lima", "lima mike", "lima kilo"):
        assert list(search_in(lexicon, text).traces(np.array([0]))) == []
        assert places(lexicon, document(text)) == {}
