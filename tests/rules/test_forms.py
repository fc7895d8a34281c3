"""Inflected forms: which language they are worked out in, that they are remembered, and what a term makes of them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.rules import forms
from monitor.rules.forms import Inflected, Kind, arabic, tables
from monitor.rules.forms.tables import Table
from monitor.rules.terms import Mode, Term, find
from monitor.rules.tongues import tongues
from monitor.rules.words import asked, phrases
from monitor.text.arabic_verbs import imperfect_stems

pytestmark = pytest.mark.usefixtures("word_forms")


def words_of(language: str, word: str) -> set[str]:
    return {form.text for form in forms.expand(language, word)}


def found(term: str, text: str, lang: str | None = None) -> list[str]:
    return [text[span.start : span.end] for span in find(term, text, mode="forms", lang=lang)]


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("attack", "", ("en",)),
        ("attack", "fr", ("fr",)),
        ("هجوم", "", ("ar",)),
        ("موشک", "", ("fa",)),
        ("پايگاه", "", ("fa",)),
        ("لڑائی", "", ("ur",)),
        ("טיל", "", ("he",)),
        ("взрыв", "", ("ru",)),
        ("вибух із", "", ("uk",)),
        ("удар", "", ("ru", "uk")),
        ("saldırı", "", ("tr",)),
        ("Stützpunkte für Schläge", "", ("de",)),
        ("frappé", "", ("fr",)),
        ("攻击", "", ()),
        ("17", "", ()),
    ],
)
def test_language_of_a_term_is_its_own_else_its_letters_say(
    text: str, language: str, expected: tuple[str, ...]
) -> None:
    assert tongues(text, language) == expected


def test_a_cyrillic_term_without_a_telling_letter_takes_both_languages() -> None:
    assert found("удар", "ударами, ударом и ударові") == ["ударами", "ударом", "ударові"]


def test_a_language_without_a_table_gives_no_forms() -> None:
    assert forms.expand("zh", "攻击") == ()
    assert found("攻击", "攻击", "zh") == ["攻击"]
    assert found("attack", "attacks", "sw") == []


def test_a_form_leads_to_its_lemma_and_all_its_forms() -> None:
    assert words_of("en", "mice") >= {"mouse", "mice"}
    assert words_of("ar", "القواعد") == {"القاعدة", "القواعد"}
    assert words_of("de", "raketen") >= {"rakete", "raketen"}
    assert words_of("de", "marschflugkörpergeschwader") == {
        "marschflugkörpergeschwader",
        "marschflugkörpergeschwaders",
    }
    assert words_of("de", "quarx") == {"quarx"}


def test_words_that_are_in_no_list_are_inflected_by_their_ending() -> None:
    assert words_of("fr", "zorbule") == {"zorbule", "zorbules"}
    assert words_of("fr", "zorbeau") == {"zorbeau", "zorbeaux"}
    assert words_of("fr", "zorbis") == {"zorbis"}
    assert words_of("ru", "зорбия") >= {"зорбию", "зорбией"}
    assert words_of("ru", "зырбо") >= {"зырбо", "зырб", "зырба", "зырбом", "зырбах"}
    assert words_of("ru", "зырбы") == {"зырбы"}
    assert words_of("uk", "зорбій") >= {"зорбію", "зорбії"}
    assert words_of("he", "זורבליט") >= {"זורבליט", "זורבליטים"}
    assert words_of("he", "זר") >= {"זר"}
    assert words_of("tr", "zrb") == {"zrb"}
    assert words_of("tr", "zorbank") >= {"zorbangı", "zorbanka", "zorbanklar"}
    assert words_of("fa", "زورباله") >= {"زورباله", "زوربالگان"}
    assert words_of("fa", "زوربا") >= {"زوربايان"}
    assert words_of("fa", "زورباي") >= {"زوربايان"}
    assert words_of("fa", "زو") == {"زو"}


def test_an_english_verb_is_told_from_a_noun() -> None:
    assert words_of("en", "flibber") == {"flibber", "flibbers"}
    assert words_of("en", "veto") >= {"vetoes", "vetoed", "vetoing"}
    assert words_of("en", "gas") >= {"gas", "gases"}
    assert words_of("en", "free") >= {"freed", "freeing"}
    assert words_of("en", "play") >= {"played", "playing", "plays"}
    assert words_of("en", "be") >= {"is", "was", "being"}
    assert "m" not in words_of("en", "be")


def test_arabic_verbs_outside_our_list_are_conjugated_from_what_is_listed() -> None:
    assert Inflected("أكل", Kind.IMPERFECT) in forms.expand("ar", "أكل")
    assert Inflected("كمل", Kind.IMPERFECT) in forms.expand("ar", "أكمل")
    assert Inflected("عد", Kind.IMPERFECT) in forms.expand("ar", "وعد")
    assert Inflected("بكي", Kind.IMPERFECT) in forms.expand("ar", "بكى")
    assert Inflected("تعامل", Kind.IMPERFECT) in forms.expand("ar", "تعامل")
    assert all(form.kind is Kind.WORD for word in ("أهم", "أثر") for form in forms.expand("ar", word))
    assert Inflected("نكسر", Kind.IMPERFECT) in forms.expand("ar", "انكسر")
    assert Inflected("ستنفر", Kind.IMPERFECT) in forms.expand("ar", "استنفر")
    assert Inflected("ضطرب", Kind.IMPERFECT) in forms.expand("ar", "اضطراب")
    assert Inflected("تحد", Kind.IMPERFECT) in forms.expand("ar", "اتحاد")
    assert Inflected("نتهي", Kind.IMPERFECT) in forms.expand("ar", "انتهاء")
    assert Inflected("استثنى", Kind.PAST) in forms.expand("ar", "استثناء")
    assert Inflected("ستعيد", Kind.IMPERFECT) in forms.expand("ar", "استعادة")
    assert Inflected("ختار", Kind.IMPERFECT) in forms.expand("ar", "اختيار")
    assert Inflected("شتد", Kind.IMPERFECT) in forms.expand("ar", "اشتداد")
    assert Inflected("ستوعب", Kind.IMPERFECT) in forms.expand("ar", "استيعاب")
    assert all(form.kind is Kind.WORD for form in forms.expand("ar", "اقتصادية"))
    assert forms.expand("ar", "زغبرطة") == ()


def test_an_imperfect_that_is_only_listed_in_the_dual_loses_its_ending() -> None:
    table = Table({"أزاد": "أزاد", "يزيدا": "أزاد", "يزيدان": "أزاد"})
    made = arabic.inflect("أزاد", "أزاد", table.forms("أزاد"), table)
    assert made[:2] == (Inflected("أزاد", Kind.PAST), Inflected("زيد", Kind.IMPERFECT))


def test_a_word_whose_lemma_is_of_our_list_has_the_forms_of_that() -> None:
    assert arabic.inflect("هجومهما", "هجوم", (), Table({})) == arabic.own("هجوم") != ()


def test_a_short_weak_verb_keeps_its_only_letter_before_a_plural() -> None:
    endings = {ending for stem in imperfect_stems("عي", strict=False) if stem.core == "يع" for ending in stem.endings}
    assert {"ون", "وا", "ونه"} <= endings
    assert "" not in endings


def test_what_is_learnt_is_not_worked_out_again() -> None:
    forms.learn({("en", "grommish"): (Inflected("grommoosh"),), ("en", "attack"): (Inflected("never"),)})
    assert found("grommish", "one grommish, two grommoosh") == ["grommish", "grommoosh"]
    assert forms.known()["en", "grommish"] == (Inflected("grommoosh"),)
    forms.learn({("en", "grommish"): (Inflected("other"),)})
    assert forms.known()["en", "grommish"] == (Inflected("grommoosh"),)


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forms, "_known", {})
    monkeypatch.setattr(forms, "MOST_KNOWN", 1)
    forms.expand("zh", "a1")
    forms.expand("zh", "b1")
    assert set(forms.known()) == {("zh", "b1")}


def test_many_words_are_worked_out_together_and_tables_let_go() -> None:
    forms.expand_all([("en", "grenade"), ("ar", "مدفع"), ("en", "grenade"), ("en", "attack")])
    assert {("en", "grenade"), ("ar", "مدفع")} <= forms.known().keys()
    assert tables._last.cache_info().currsize == 0


def test_a_term_asks_for_its_words_and_those_of_its_guards() -> None:
    guard = Term("heart attack", Mode.FORMS)
    assert set(asked(Term("удар", Mode.FORMS, not_part_of=(guard,)))) == {
        ("ru", "удар"),
        ("uk", "удар"),
        ("en", "heart"),
        ("en", "attack"),
    }
    assert list(asked(Term("attack"))) == []


def test_a_capital_that_is_wanted_allows_no_other_form() -> None:
    assert found("IED", "IEDs and an IED, ied") == ["IEDs", "IED"]
    assert found("US raid", "US raids, us raids") == ["US raids"]
    (phrase,) = phrases(Term("Raid", Mode.FORMS, cased=True))
    assert phrase.words[0].forms == ()


def test_strict_spelling_holds_for_every_form() -> None:
    assert cores("أسير") >= {"أسير", "أسرى"}
    assert cores("قصف") >= {"سيقصف", "قصف"}


def cores(text: str) -> set[str]:
    (word,) = phrases(Term(text, Mode.FORMS, strict=True))[0].words
    return {stem.core for stem in word.stems(strict=True)}


WORDS = st.lists(
    st.sampled_from(
        ["هجوم", "القاعدة", "صواريخ", "أطلق", "attack", "struck", "US", "UAV", "ship's", "Größe", "عبدالله", "أبو"]
    ),
    max_size=3,
)


@settings(deadline=None, max_examples=25)
@given(WORDS, WORDS)
def test_forms_find_whatever_words_find(term: list[str], text: list[str]) -> None:
    plain = find(" ".join(term), " ".join(text))
    more = find(" ".join(term), " ".join(text), mode="forms", lang="en" if "Größe" in term else None)
    assert {(span.start, span.end) for span in plain} <= {(span.start, span.end) for span in more}
