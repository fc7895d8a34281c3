"""The sieve keeps every token that a grammar reads as a word of the lexicon, and every spelling of a name."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.rules import translit
from monitor.rules.memo import Lexicon
from monitor.rules.sieve import LONGEST_SIEVED
from monitor.rules.spelling import Names, Spellings
from monitor.rules.tables import Rows
from monitor.rules.terms import Mode, Term
from monitor.text import arabic
from monitor.text.drawing import Fields
from monitor.text.grammars import CUTS, WRITTEN_BEHIND, WRITTEN_ONTO
from monitor.text.sheet import Sheet
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
NAMES = sorted({word for words in LEXICON._names.values() for _, word in words})
CORES = sorted({core for part in (LEXICON._cores, LEXICON._starts) for cores in part.values() for core in cores})
ENDS = (
    *("", "s", "'s", "'a", "'da", "'nin", "'ом", "ة", "ه", "ات", "ها", "هم", "ين", "ون", "ان", "تين", "كما", "وا"),
    *("هايشان", "اي", "ي", "ءے", "xyz", "ding"),
)


def judged(text: str) -> dict[str, set[int]]:
    """What tokens can mean, all judged together; the last of equal ones."""
    sheet = Sheet([Fields("", text)])
    found = LEXICON._judged_together(sheet, np.arange(len(sheet)))
    return {sheet.word(at): set(found.get(at, ())) for at in range(len(sheet))}


def judged_alone(text: str) -> dict[str, set[int]]:
    sheet = Sheet([Fields("", text)])
    return {word: set(LEXICON._read(word)) for word in map(sheet.word, range(len(sheet)))}


def cores(text: str) -> int:
    """How many cores of words in tokens are told together; each must be that of the first reading of its grammar."""
    sheet = Sheet([Fields("", text)])
    tokens, words = np.arange(len(sheet)), np.arange(len(LEXICON.vocabulary.words))
    told = {pair: LEXICON._core_of(cut) for pair, cut in LEXICON._sieve.first_cuts(sheet, tokens, words).items()}
    for (token, word), core in told.items():
        if core is not None:
            first = LEXICON._read(sheet.word(token))[word][0]
            assert core == (first.start, first.end), (sheet.word(token), LEXICON.vocabulary.words[word])
    return sum(core is not None for core in told.values())


@settings(max_examples=1_500, deadline=None)
@given(st.sampled_from(("", *sorted(WRITTEN_ONTO))), st.sampled_from(CORES), st.sampled_from(ENDS))
def test_tokens_judged_together_mean_what_their_grammar_reads(prefix: str, core: str, end: str) -> None:
    text = f"zebra {prefix}{core}{end} o'clock {core}'s"
    assert judged(text) == judged_alone(text)
    cores(text)


@settings(max_examples=1_500, deadline=None)
@given(
    st.sampled_from(sorted(arabic.PREFIXES)),
    st.sampled_from(sorted(arabic.OWN_WORDS) + CORES),
    st.sampled_from(sorted(WRITTEN_BEHIND | {""})),
)
def test_so_do_those_that_our_lists_know(prefix: str, core: str, end: str) -> None:
    for text in (prefix + core + end, prefix + core[:-1] + end):
        assert judged(text) == judged_alone(text)
        cores(text)


def test_of_most_words_the_core_is_told_with_those_of_others() -> None:
    text = "هجوم والهجوم هجومهم قاعدتهم بالقاعدة للمستشفى attack attacks ankaras موشک"
    assert cores(text) > len(judged(text))
    assert cores("U.S. iran's ankara'da") == 0  # which only their grammar cuts


def test_what_is_too_long_or_cut_otherwise_is_left_to_its_grammar() -> None:
    for text in (f"{'a' * 20}'s", "explosives zebra", "ביתים שבבית", "iran's ankara'da", "U.S."):
        sheet = Sheet([Fields("", text)])
        kept = LEXICON._sieve.kept(sheet, np.arange(len(sheet)))
        assert kept.open + kept.uncut
        assert judged(text) == judged_alone(text)


def test_most_other_words_are_not_kept() -> None:
    words = ["zebra", "وزارة", "قطار", "mountain", "holiday", "книга", "שולחן", "ghjklm", "qwrtzp"]
    sheet = Sheet([Fields("", " ".join(f"{word}{'bkzq'[at % 4] * (at // 4)}" for word in words for at in range(40)))])
    found = LEXICON._sieve.kept(sheet, np.arange(len(sheet)))
    kept = {*found.open, *found.uncut, *(cut.of for cut in found.doubtful), *np.concatenate(found.of).tolist()}
    short = {at for at in range(len(sheet)) if len(sheet.word(at)) <= LONGEST_SIEVED}
    assert len(short) > 200
    assert len(kept & short) < len(short) / 20  # a set of numbers takes few others for its own


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_every_spelling_of_a_name_is_kept(data: st.DataObject) -> None:
    word = data.draw(st.sampled_from(NAMES))
    spelt = "".join(data.draw(st.sampled_from(choice)) for choice in translit.ways(word))
    cut = data.draw(st.integers(0, len(spelt)))
    for token in (spelt, spelt + "'s", f"{spelt[:cut]}'{spelt[cut:]}" if 0 < cut < len(spelt) else spelt):
        assert not {translit.skeleton(token), translit.skeleton(token.removesuffix("'s"))}.isdisjoint(LEXICON._names)
        assert judged(token) == judged_alone(token)
        assert judged(token)[token]


@settings(max_examples=1_500, deadline=None)
@given(st.data())
def test_tokens_that_are_hardly_a_name_are_told_apart(data: st.DataObject) -> None:
    word = data.draw(st.sampled_from(NAMES))
    spelt = "".join(data.draw(st.sampled_from(choice)) for choice in translit.ways(word))
    at = data.draw(st.integers(0, len(spelt)))
    other = spelt[:at] + data.draw(st.text("aeiouhwyvslmd'", max_size=2)) + spelt[at + data.draw(st.booleans()) :]
    assert judged(f"{spelt} {other}'s {other}") == judged_alone(f"{spelt} {other}'s {other}")


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


def test_a_way_of_writing_a_letter_is_short() -> None:
    with pytest.raises(ValueError, match="no way of writing a letter has more than 8 letters: 'ghghghghg'"):
        Spellings((), Names(Rows([]), Rows([]), [["ghghghghg"]]))
