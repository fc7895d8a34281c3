"""The inflected forms of French, German, Russian, Ukrainian and Hebrew words: what simplemma lists and the little
that its one lemma for each form hides.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from monitor.rules.forms.inflected import Inflected
from monitor.rules.forms.tables import Table

_LEAST = 4
"""Letters of an unlisted word from which it is declined by its ending."""


def french(word: str, lemma: str, listed: Sequence[str], table: Table) -> tuple[Inflected, ...]:
    """Listed forms, plurals, and of a verb in -er the forms that are also nouns (attaque, frappe)."""
    found = dict.fromkeys((word, lemma, *listed))
    if lemma.endswith("er") and any(table.get(lemma[:-1] + end) == lemma for end in ("z", "nt")):
        stem = lemma[:-2]
        found.update(dict.fromkeys(stem + end for end in ("e", "es", "ent", "é", "ée", "és", "ées", "ant")))
    elif not listed:
        plural = lemma if lemma[-1] in "sxz" else lemma + ("x" if lemma.endswith(("eau", "eu")) else "s")
        found[plural] = None
    return tuple(map(Inflected, found))


def german(word: str, lemma: str, listed: Sequence[str], table: Table) -> tuple[Inflected, ...]:
    """Listed forms; the ending of the genitive for a noun that is not listed."""
    found = dict.fromkeys((word, lemma, *listed))
    if not listed and len(word) >= _LEAST and word[-1] not in "sßxz":
        found[word + "s"] = None
    return tuple(map(Inflected, found))


_HARD = "а у ом е ы ов ам ами ах"
_RUSSIAN = {
    "ия": "ия ии ию ией ий иям иями иях",
    "а": "а ы и е у ой ою ам ами ах -",
    "я": "я и е ю ей ям ями ях ь",
    "о": "о а у ом е ам ами ах -",
    "ь": "ь я ю ем е и ей ям ями ях ью",
    "й": "й я ю ем е и ев ям ями ях",
    "ый": "ый ого ому ым ом ая ой ую ое ые ых ыми",
    "ий": "ий ого ому им ом ая ой ую ое ие их ими его ему",
    "": f"- {_HARD}",
}
_UKRAINIAN = {
    "ія": "ія ії ію ією іє ій іям іями іях",
    "а": "а и і у ою о ам ами ах -",
    "я": "я і ю ею е ям ями ях ь",
    "о": "о а у ом і ам ами ах -",
    "ь": "ь я ю ем і ї ей ів ям ями ях",
    "й": "й я ю єм ї їв ям ями ях",
    "ий": "ий ого ому им ім а ої ій у ою е і их ими",
    "": "- а у ом ові і и е ів ам ами ах",
}


def _slavic(
    endings: Mapping[str, str], word: str, lemma: str, listed: Sequence[str], table: Table
) -> tuple[Inflected, ...]:
    """Listed forms that share a beginning with the lemma; the declension of an unlisted word by its last letters."""
    if listed:
        return tuple(map(Inflected, dict.fromkeys((word, lemma, *(form for form in listed if _akin(form, lemma))))))
    found = {word: None}
    low = word.lower()
    if len(low) >= _LEAST and low[-1] not in "еёиіїуыэюєъ":
        last = next(ending for ending in (low[-2:], low[-1:], "") if ending in endings)
        stem = low.removesuffix(last)
        declined = (stem + ending.removeprefix("-") for ending in endings[last].split())
        found.update(dict.fromkeys(form for form in declined if table.get(form) is None))
    return tuple(map(Inflected, found))


def _akin(form: str, lemma: str) -> bool:
    """Whether a form begins like its lemma; those that do not and are common stand in a short list."""
    return form[:1].lower() == lemma[:1].lower() or lemma in (
        "человек",
        "год",
        "идти",
        "быть",
        "людина",
        "рік",
        "йти",
    )


def russian(word: str, lemma: str, listed: Sequence[str], table: Table) -> tuple[Inflected, ...]:
    """The cases of a Russian word."""
    return _slavic(_RUSSIAN, word, lemma, listed, table)


def ukrainian(word: str, lemma: str, listed: Sequence[str], table: Table) -> tuple[Inflected, ...]:
    """The cases of a Ukrainian word."""
    return _slavic(_UKRAINIAN, word, lemma, listed, table)


_FINAL = str.maketrans("ךםןףץ", "כמנפצ")
_LEAST_HEBREW = 3
_HEBREW_PLURALS = {"אישה": ("נשים", "נשות"), "אשה": ("נשים", "נשות"), "איש": ("אנשים", "אנשי"), "בת": ("בנות",)}
"""Plurals that begin otherwise."""

_MASCULINE: tuple[str, ...] = ("ים", "י", "ות", "יו", "יהם")
_FEMININE = ("ת", "ות", "תו", "תם", "ותיו", "ותיהם")


def hebrew(word: str, lemma: str, listed: Sequence[str], table: Table) -> tuple[Inflected, ...]:
    """Listed forms; plural and construct of nouns, of which simplemma lists few with ה."""
    # a verbal noun, whatever verb it is listed under: התפוצצות, התפוצצויות
    if word.startswith("ה") and word.endswith("ות") and lemma[-1] != "ה":
        return tuple(map(Inflected, (word, word[:-1] + "יות")))
    stem, endings = lemma[:-1] + lemma[-1].translate(_FINAL), _MASCULINE
    if lemma[-1] == "ה":
        stem, endings = lemma[:-1], _FEMININE
    made = [stem + ending for ending in endings if len(lemma) >= _LEAST_HEBREW]
    # a noun's forms begin as it does; those of another noun that only looks alike with a prefix do not
    is_noun = any(form in listed for form in (stem + "ים", stem + "ות"))
    found = dict.fromkeys((word, lemma, *(form for form in listed if not is_noun or form[0] == lemma[0])))
    found.update(dict.fromkeys(_HEBREW_PLURALS.get(lemma, ())))
    found.update(dict.fromkeys(form for form in made if table.get(form) != form or form == lemma))
    return tuple(map(Inflected, found))


INFLECT: Mapping[str, Callable[[str, str, Sequence[str], Table], tuple[Inflected, ...]]] = {
    "fr": french,
    "de": german,
    "ru": russian,
    "uk": ukrainian,
    "he": hebrew,
}
