"""Ask a dictionary whether a token read as clitic + term is a word of its own (MATCHING 2, "False hits").

simplemma's lists of Arabic and Hebrew forms, loaded at the first doubt (half a second, 20 MB) and asked once per
token and term.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from simplemma.strategies.dictionaries.dictionary_factory import DefaultDictionaryFactory

from monitor.text.grammar import Doubt, Reading

LANGUAGES = {"arabic": "ar", "hebrew": "he"}
"""The language whose dictionary is asked about a word, by its script."""


@cache
def _forms(lang: str) -> Mapping[str, str]:
    forms: Mapping[str, str] = DefaultDictionaryFactory().get_dictionary(lang)
    return forms


def refutes(term: str, token: str, reading: Reading, script: str) -> bool:
    """Tell whether `token` is known under another lemma than `term`'s, so that the reading is an accident.

    `term` is spelt with its hamzas, `token` is folded; the token's own hamzas are guessed from the term's.
    """
    forms = _forms(LANGUAGES[script])
    own = forms.get(term, term)
    rest = token[len(reading.prefix) :]
    if Doubt.CLITIC in reading.doubt and _is_accident(forms, own, term, token, reading):
        return True
    if Doubt.LETTER in reading.doubt:
        spelt = term + reading.suffix.replace("ى", "ي")
        if _is_another(forms, own, rest, spelt):
            return True
        if reading.suffix == "يه" and _is_another(forms, own, spelt[:-1] + "ة"):  # a careless -ية
            return True
    return Doubt.SPELLING in reading.doubt and not reading.prefix and _is_headword(forms, rest) and rest != own


def _is_accident(forms: Mapping[str, str], own: str, term: str, token: str, reading: Reading) -> bool:
    """Tell whether the last clitic makes a word of the term, whatever follows: وكتابه is no و + ك + تاب + ه."""
    clitic = reading.prefix[-1]
    if clitic == term[0] == "و":
        return False  # no word begins with a doubled و but by "and"
    spelt = clitic + term
    return _is_another(forms, own, token, reading.prefix + term + reading.suffix, spelt + reading.suffix, spelt)


def _is_another(forms: Mapping[str, str], own: str, *words: str) -> bool:
    return any(forms.get(word, own) != own and not _is_verb_of_women(forms, word) for word in words)


def _is_verb_of_women(forms: Mapping[str, str], word: str) -> bool:
    """Tell whether a form is only listed as a plural like وعدن (they promised), rarer than و + عدن."""
    return word.endswith("ن") and _is_headword(forms, word) and _is_headword(forms, word[:-1])


def _is_headword(forms: Mapping[str, str], word: str) -> bool:
    return forms.get(word) == word or forms.get("ال" + word) == word
