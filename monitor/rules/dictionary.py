"""Ask a dictionary whether a token read as clitic + term is a word of its own (MATCHING 2, "False hits").

simplemma's Arabic list of forms, loaded at the first doubt (half a second, 20 MB) and asked once per token and term.
"""

from __future__ import annotations

from collections.abc import Collection

from monitor.rules.forms.tables import arabic_lemmas as _forms
from monitor.text.grammar import Doubt, Reading


def refutes(spelt: Collection[str], token: str, reading: Reading) -> bool:
    """Tell whether `token` is known under another lemma than the word's, so that the reading is an accident.

    `spelt` are the forms of the word that the token may stand for, with their hamzas; `token` is folded, and its own
    hamzas are guessed from the form's. One form that is no accident is enough; without any there is no doubt.
    """
    if Doubt.LISTED in reading.doubt:
        return True
    return bool(spelt) and all(_refutes(form, token, reading) for form in spelt)


def _refutes(term: str, token: str, reading: Reading) -> bool:
    own = _forms().get(term, term)
    rest = token[len(reading.prefix) :]
    if Doubt.CLITIC in reading.doubt and _is_accident(own, term, token, reading):
        return True
    if Doubt.LETTER in reading.doubt:
        spelt = term + reading.suffix.replace("ى", "ي")
        if _is_another(own, rest, spelt):
            return True
        if reading.suffix == "يه" and _is_another(own, spelt[:-1] + "ة"):  # a careless -ية
            return True
    return Doubt.SPELLING in reading.doubt and not reading.prefix and _is_headword(rest) and rest != own


def _is_accident(own: str, term: str, token: str, reading: Reading) -> bool:
    """Tell whether the last clitic makes a word of the term, whatever follows: وكتابه is no و + ك + تاب + ه."""
    clitic = reading.prefix[-1]
    if clitic == term[0] == "و":
        return False  # no word begins with a doubled و but by "and"
    spelt = clitic + term
    return _is_another(own, token, reading.prefix + term + reading.suffix, spelt + reading.suffix, spelt)


def _is_another(own: str, *words: str) -> bool:
    """Tell whether a word has a lemma of its own. One with "my" has none: وعلي is Ali sooner than my ibex."""
    lemmas = ((word, _forms().get(word, own)) for word in words)
    return any(lemma != own and lemma + "ي" != word and not _is_verb_of_women(word) for word, lemma in lemmas)


def _is_verb_of_women(word: str) -> bool:
    """Tell whether a form is only listed as a plural like وعدن (they promised), rarer than و + عدن."""
    return word.endswith("ن") and _is_headword(word) and _is_headword(word[:-1])


def _is_headword(word: str) -> bool:
    return _forms().get(word) == word or _forms().get("ال" + word) == word
