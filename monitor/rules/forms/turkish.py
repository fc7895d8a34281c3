"""The inflected forms of a Turkish word by vowel harmony, and what simplemma lists: number, possessive and case of a
noun, the common tenses of a verb.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from monitor.rules.forms.inflected import Inflected
from monitor.rules.forms.tables import Table

_VOWELS = "aıoueiöü"
_HIGH = {"a": "ı", "ı": "ı", "o": "u", "u": "u", "e": "i", "i": "i", "ö": "ü", "ü": "ü"}
_SOFT = {"p": "b", "ç": "c", "t": "d", "k": "ğ"}
_VOICELESS = "fstkçşhp"


def inflect(word: str, lemma: str, listed: Sequence[str], table: Table) -> tuple[Inflected, ...]:
    """Return the forms of a word; those made by rule unless simplemma knows them as another word."""
    plain = (form for form in sorted(listed, key=len) if "'" not in form)
    if word.endswith(("mak", "mek")):
        # simplemma derives saldırmak (to attack) from salmak (to let go), so only its forms that begin alike count
        stem = word[:-3]
        found = dict.fromkeys((word, *_verb(stem), *(form for form in plain if form.startswith(stem))))
    else:
        base = word if word.endswith(("ma", "me")) else lemma  # patlama is a noun, though listed under the verb
        made = _noun(base) if any(letter in _VOWELS for letter in base) else ()
        fitting = (form for form in made if table.get(form) in (None, lemma))
        found = dict.fromkeys((word, base, *fitting, *plain))
    return tuple(map(Inflected, found))


def lower(word: str) -> str:
    """Return a word in Turkish lower case: I is the capital of ı."""
    return word.replace("İ", "i").replace("I", "ı").lower()


def _noun(stem: str) -> Iterator[str]:
    plural = stem + ("lar" if _vowel(stem) in "aıou" else "ler")
    for base in (stem, plural):
        yield base
        yield from _cases(base)
        high = _HIGH[_vowel(base)]
        owned = base + ("s" if base[-1] in _VOWELS else "") + high  # his, her, its; also the head of a compound
        ours = base + ("" if base[-1] in _VOWELS else high) + "m" + high + "z"
        for form in _softened(base, owned):
            yield form
            yield from _cases(form, joint="n")
        for form in _softened(base, ours):
            yield form
            yield from _cases(form)


def _verb(stem: str) -> Iterator[str]:
    vowel = _vowel(stem)
    high, low = _HIGH[vowel], "a" if vowel in "aıou" else "e"
    plural, wide = ("lar", "a") if low == "a" else ("ler", "e")
    ends_open = stem[-1] in _VOWELS
    past = ("t" if stem[-1] in _VOICELESS else "d") + high
    glue = "y" if ends_open else ""
    for base in (stem, stem + "m" + low):  # to attack, not to attack
        glued = base + (glue if base == stem else "y")
        yield from (base + past + person for person in ("", "m", "n", "k", plural, "n" + high + "z"))
        yield from (base + "m" + high + "ş" + rest for rest in ("", "t" + high, "t" + high + "r", plural))
        yield from (glued + wide + "c" + wide + rest for rest in ("k", "k" + plural, "kt" + high + "r", "ğ" + high))
        yield from (glued + wide + rest for rest in ("n", "n" + plural, "r" + wide + "k"))
        yield from (base + past[0] + high + "ğ" + high + rest for rest in ("", "n" + high, "nd" + low))
    short = stem[:-1] if ends_open else stem
    going = (_HIGH[_vowel(short)] if any(letter in _VOWELS for letter in short) else high) + "yor"
    yield from (short + going + rest for rest in ("", "lar", "du", "lardı", "um", "uz"))
    yield from (f"{stem}m{_HIGH[vowel]}yor", f"{stem}m{low}z", f"{stem}m{low}zlar")
    for vowel_of_aorist in ("",) if ends_open else (high, low):
        yield from (stem + vowel_of_aorist + "r" + rest for rest in ("", plural))
    yield from (stem + "m" + low + rest for rest in ("", "k", "s" + high, "kt" + low, "l" + high))


def _cases(base: str, joint: str = "y") -> Iterator[str]:
    """The six cases and -ki. `joint` stands before an ending with a vowel when the base ends in one."""
    vowel = _vowel(base)
    high, low = _HIGH[vowel], "a" if vowel in "aıou" else "e"
    ends_open = base[-1] in _VOWELS
    for ending in (high, low, high + "n"):
        glue = "n" if ending == high + "n" or joint == "n" else "y"
        yield from _softened(base, base + (glue if ends_open else "") + ending)
    place = ("n" if joint == "n" else "") + ("t" if base[-1] in _VOICELESS else "d") + low
    yield base + place
    yield base + place + "n"
    yield base + place + "ki"
    yield base + ("y" if ends_open else "") + "l" + low


def _softened(base: str, form: str) -> Iterator[str]:
    """A form, and with the last letter of its base softened before a vowel (kitap, kitabı)."""
    yield form
    last = base[-1]
    if last in _SOFT and form[len(base) : len(base) + 1] in tuple(_VOWELS):
        soft = "g" if base.endswith("nk") else _SOFT[last]
        yield base[:-1] + soft + form[len(base) :]


def _vowel(word: str) -> str:
    return next((letter for letter in reversed(word) if letter in _VOWELS), "e")
