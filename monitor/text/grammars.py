"""Which grammar reads what: the script of a word, the cuts of a script, the grammar of a language.

A term that says its language takes that language's clitics alone, in the script the language is written in; any other
word takes the safe union of its script. A language nobody told us about is read as written. A token has no language:
how it is cut depends on its script only, so a text whose language was guessed wrong loses no hit.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import ClassVar

from monitor.text import arabic, arabic_verbs, hebrew, latin, persian, urdu
from monitor.text.arabic import Arabic
from monitor.text.elision import DOUBTFUL, SURE, Elision
from monitor.text.english import POSSESSIVE, English
from monitor.text.fold import loosen
from monitor.text.german import German, umlauts_spelt_out
from monitor.text.grammar import Cuts, Ending, Grammar, Prefixes, Stem
from monitor.text.hebrew import Hebrew
from monitor.text.persian import NO_ARABIC, Persian
from monitor.text.russian import CASES, Russian
from monitor.text.tokens import ARABIC_FIRST, CJK
from monitor.text.turkish import LONG_SUFFIX, Turkish
from monitor.text.urdu import Urdu

ARABIC, HEBREW, CHINESE, OTHER = "arabic", "hebrew", "chinese", "other"
CUTS: Mapping[str, Cuts] = {ARABIC: arabic, HEBREW: hebrew, CHINESE: latin, OTHER: latin}
"""How the tokens of each script are cut."""
PREFIXES: Mapping[str, frozenset[str]] = {
    ARABIC: arabic.PREFIXES,
    HEBREW: hebrew.PREFIXES,
    CHINESE: frozenset(("",)),
    OTHER: frozenset(("",)),
}
"""What the tokens of each script may have before a core without an apostrophe between."""
WRITTEN_ONTO = frozenset(
    (*PREFIXES[ARABIC], *(prefix + sign for prefix in PREFIXES[HEBREW] for sign in ("", "'")), *SURE, *DOUBTFUL)
) - {"", "'"}
"""All that is ever taken off the front of a token, of any script."""
WRITTEN_BEHIND = (arabic.ENDINGS | arabic_verbs.ENDINGS | persian.ENDINGS | urdu.ENDINGS) - {""}
"""All that is ever taken off the end of a token in Arabic letters."""
ARTICLES = frozenset(("", "ال", "ה"))
"""What may be written onto the front of a later word of a phrase, all scripts together."""
_PARTICLES = """
    في على من إلى عن مع ضد بين حتى لدى عند بعد قبل
    של על אל עם בין נגד מן עד את לפני אחרי תחת לאחר
"""
PARTICLES = frozenset(_PARTICLES.split())
"""Words that follow a definite word without an article of their own."""

_FIRST_HEBREW = "\u05d0"
_HEBREW_FIRST = re.compile(f"[{_FIRST_HEBREW}-\u05ea]")
_CHINESE_FIRST = re.compile(f"[{CJK}]")
_SCRIPT_OF = {
    **dict.fromkeys(("ar", "fa", "ur", "ps", "ckb", "sd", "ug", "ks"), ARABIC),
    **dict.fromkeys(("he", "yi"), HEBREW),
    **dict.fromkeys(("zh", "ja"), CHINESE),
}
_MIXED = frozenset(("ku", "pa", "az", "kk", "ky", "uz", "ms"))
"""Languages written in Arabic letters here and in others there."""


class _AnyArabic(Arabic):
    """Arabic, and the suffixes of Persian, which are no Arabic ones."""

    plain: ClassVar[Mapping[str, Ending]] = {**Arabic.plain, **NO_ARABIC}

    def spellings(self, words: Sequence[str], *, bare: bool) -> Iterator[tuple[str, ...]]:
        yield from super().spellings(words, bare=bare)
        if any(_PERSIAN_LETTER.search(word) for word in words):
            yield from _PERSIAN.spellings(words, bare=bare)


class _AnyLatin(Grammar):
    """The clitics of every language, where no name of another looks the same: no German s, no n' of N'Djamena."""

    def stems(self, word: str, *, strict: bool, name: bool, alone: bool) -> tuple[Stem, ...]:
        return (Stem(word if strict else loosen(word), _ANY_ENDINGS, Prefixes.NONE | Prefixes.ARTICLE),)

    def variants(self, word: str, *, alone: bool, exact: bool) -> tuple[str, ...]:
        spelt = umlauts_spelt_out(word)
        return (spelt,) if spelt != word else ()


_PERSIAN = Persian()
_PERSIAN_LETTER = re.compile("[پچژگ]")
_ANY_ENDINGS = {**POSSESSIVE, **CASES, LONG_SUFFIX: Ending.PRONOUN}
_NONE = Grammar()
_UNSAID: Mapping[str, Grammar] = {ARABIC: _AnyArabic(), HEBREW: Hebrew(), CHINESE: _NONE, OTHER: _AnyLatin()}
_GRAMMARS: Mapping[str, Grammar] = {
    "ar": Arabic(),
    "fa": _PERSIAN,
    "ur": Urdu(),
    "he": Hebrew(),
    "en": English(),
    "fr": Elision(),
    "it": Elision(),
    "de": German(),
    "tr": Turkish(),
    "ru": Russian(),
    "uk": Russian(),
}


def script_of(token: str) -> str:
    """Return the script of a word, by its first letter: one of the keys of `CUTS`."""
    if token < _FIRST_HEBREW:
        return OTHER
    if ARABIC_FIRST.match(token):
        return ARABIC
    return HEBREW if _HEBREW_FIRST.match(token) else CHINESE if _CHINESE_FIRST.match(token) else OTHER


def language_of(lang: str, script: str) -> str:
    """Return the language whose grammar a word of a term takes, "" for the union of its script.

    `lang` is what the term says (he, zh-TW). It holds only in words of its own script: a French term's Arabic word is
    Arabic.
    """
    lang = re.split("[-_]", lang.strip().lower(), maxsplit=1)[0]
    return lang if lang and (lang in _MIXED or _SCRIPT_OF.get(lang, OTHER) == script) else ""


def grammar_of(lang: str, script: str) -> Grammar:
    """Return the grammar of a language that `language_of` gave."""
    return _GRAMMARS.get(lang, _NONE) if lang else _UNSAID[script]
