"""The sieve keeps every token that a grammar reads as a word of the lexicon, and every spelling of a name."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.rules import translit
from monitor.rules.memo import Lexicon
from monitor.rules.terms import Mode, Term
from monitor.text.grammars import CUTS, WRITTEN_BEHIND, WRITTEN_ONTO
from monitor.text.sheet import Fields, Sheet
from monitor.text.turkish import suffixes

WORDS = (
    *(
        "قاعدة",
        "هجوم",
        "مستشفى",
        "منشأة",
        "وجه",
        "عراقيون",
        "موشک",
        "خانه",
        "دنیا",
        "ליל",
        "ועדה",
        "בית",
        "Iran",
        "Kürt",
    ),
    *("attack", "Straße", "N'Djamena", "U.S.", "москва", "北京", "Ankara"),
)
TERMS = (
    *(Term(word, lang=lang) for word in WORDS for lang in ("", "ar", "fa", "ur", "he", "en", "fr", "de", "tr", "ru")),
    *(Term(word, Mode.FORMS) for word in ("هجوم", "أعلن", "attack")),
    *(Term(word, Mode.STARTS) for word in ("explo", "انفج")),
    *(Term(name, name=True, translit=True) for name in ("عين الأسد", "عبد الله", "مصطفى", "قاسم سليماني")),
)
LEXICON = Lexicon(TERMS)
CORES = sorted({core for part in (LEXICON._cores, LEXICON._starts) for cores in part.values() for core in cores})
ENDS = (
    *("", "s", "'s", "'a", "'da", "'nin", "'ом", "ة", "ه", "ات", "ها", "هم", "ين", "ون", "ان", "تين", "كما", "وا"),
    *("هايشان", "اي", "ي", "ءے", "xyz", "ding"),
)


def kept(text: str) -> dict[str, list[tuple[int, int]] | None]:
    sheet = Sheet([Fields("", text)])
    return {sheet.word(at): found for at, found in LEXICON._sieve.kept(sheet, np.arange(len(sheet))).items()}


@settings(max_examples=1_500, deadline=None)
@given(st.sampled_from(("", *sorted(WRITTEN_ONTO))), st.sampled_from(CORES), st.sampled_from(ENDS))
def test_what_a_grammar_reads_is_kept_and_read_where_the_sieve_says(prefix: str, core: str, end: str) -> None:
    text = f"zebra {prefix}{core}{end} o'clock {core}'s"
    found = kept(text)
    for token in map(Sheet([Fields("", text)]).word, range(len(Sheet([Fields("", text)])))):
        whole = {number: set(ways) for number, ways in LEXICON._read(token).items()}
        there = LEXICON._read(token, found[token]) if token in found else {}
        assert {number: set(ways) for number, ways in there.items()} == whole


def test_of_a_text_of_nothing_but_a_giant_all_is_kept() -> None:
    assert kept(f"{'a' * 20}'s") == {f"{'a' * 20}'s": None}


def test_most_other_words_are_not_kept() -> None:
    others = "zebra وزارة قطار mountain holiday книга שולחן ghjklm qwrtzp"
    assert len(kept(others)) <= 1


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_every_spelling_of_a_name_is_kept(data: st.DataObject) -> None:
    word = data.draw(st.sampled_from(sorted({word for words in LEXICON._names.values() for _, word in words})))
    spelt = "".join(data.draw(st.sampled_from(choice)) for choice in translit.ways(word))
    cut = data.draw(st.integers(0, len(spelt)))
    for token in (spelt, spelt + "'s", f"{spelt[:cut]}'{spelt[cut:]}" if 0 < cut < len(spelt) else spelt):
        assert not {translit.skeleton(token), translit.skeleton(token.removesuffix("'s"))}.isdisjoint(LEXICON._names)
        assert kept(token).keys() == {token}


@settings(max_examples=300, deadline=None)
@given(st.text("والبكلفسكشמהולבכש'ldqun", min_size=1, max_size=9))
def test_no_grammar_takes_off_another_prefix(token: str) -> None:
    for cuts in CUTS.values():
        assert {prefix for prefix, _, _ in cuts.remainders(token)} <= WRITTEN_ONTO | {""}


def test_no_grammar_takes_off_another_ending_of_arabic_letters() -> None:
    stems = [stem for found in LEXICON._cores["arabic"].values() for _, stem in found]
    assert {ending for stem in stems for ending in stem.endings} <= WRITTEN_BEHIND | {""}


def test_every_ending_of_latin_letters_is_an_s_or_begins_with_an_apostrophe() -> None:
    stems = [
        stem for script in ("other", "chinese") for found in LEXICON._cores[script].values() for _, stem in found
    ]
    endings = {ending for stem in stems for ending in stem.endings}
    assert endings - {"", "s"} == {ending for ending in endings if ending.startswith("'")}
    assert suffixes("da") == ()
