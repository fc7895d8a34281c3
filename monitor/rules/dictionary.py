"""Ask a dictionary whether a token read as clitic + term is a word of its own (MATCHING 2, "False hits").

simplemma's Arabic list of forms. A door has it ready as sorted words where they lie on the disk (`learn`, `Listed`);
else it is read at the first doubt (half a second, 20 MB). It is asked once per token and term.
"""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left
from collections.abc import Collection, Iterable, Mapping
from functools import lru_cache
from itertools import accumulate
from typing import Protocol
from zlib import crc32

from monitor.rules.forms import tables
from monitor.rules.packing import Packing, Parts
from monitor.rules.wording import Term
from monitor.text.grammar import Doubt, Reading
from monitor.text.tokens import ARABIC

LANGUAGE = "ar"

_ARABIC = re.compile(f"[{ARABIC}]")


class Lemmas(Protocol):
    """The lemma of each form."""

    def get(self, form: str, /) -> str | None:
        """Return the lemma of a form, None when the form is not listed."""


class Listed:
    """Words in the order of their checksums, each with the place of its lemma; below 0 where it is no form."""

    def __init__(self, parts: Parts) -> None:
        """`parts` are those of `pack`. Raises ValueError where one is missing."""
        self._words, self._ends = parts.raw("words"), parts.ints("words/ends")
        self._sums, self._lemmas = parts.ints("sums", "I"), parts.ints("lemmas")

    def get(self, form: str, /) -> str | None:
        """Return the lemma of a form, None when the form is not listed."""
        word = _encoded(form)
        sum = crc32(word)
        at = bisect_left(self._sums, sum)
        while at < len(self._sums) and self._sums[at] == sum:
            if self._word(at) == word:
                return None if self._lemmas[at] < 0 else str(self._word(self._lemmas[at]), "utf-8", "surrogatepass")
            at += 1
        return None

    def _word(self, at: int) -> memoryview:
        return self._words[self._ends[at] : self._ends[at + 1]]


def pack(lemmas: Mapping[str, str]) -> Packing:
    """Write the lemma of each form as `Listed` reads it."""
    words = sorted({*map(_encoded, lemmas), *map(_encoded, lemmas.values())}, key=crc32)
    places = {word: place for place, word in enumerate(words)}
    own = array("i", [-1]) * len(words)
    for form, lemma in lemmas.items():
        own[places[_encoded(form)]] = places[_encoded(lemma)]
    found = Packing()
    found.parts["words"] = b"".join(words)
    found.ints("words/ends", accumulate(map(len, words), initial=0))
    found.ints("sums", map(crc32, words), "I")
    found.ints("lemmas", own)
    return found


def _encoded(word: str) -> bytes:
    return word.encode(errors="surrogatepass")


_known: list[Lemmas] = []


def learn(lemmas: Lemmas) -> None:
    """Ask these from now on."""
    _known[:] = [lemmas]
    _lemma.cache_clear()


def is_ready() -> bool:
    """Tell whether it is there to be asked."""
    return bool(_known)


def may_be_asked(terms: Iterable[Term]) -> bool:
    """Tell whether a term can be read into a token by accident."""
    return any(not term.clitics_always and _ARABIC.search(term.text) for term in terms)


@lru_cache(maxsize=10_000)
def _lemma(form: str) -> str | None:
    if not _known:
        learn(tables.read(LANGUAGE))
    return _known[0].get(form)


def refutes(spelt: Collection[str], token: str, reading: Reading) -> bool:
    """Tell whether `token` is known under another lemma than the word's, so that the reading is an accident.

    `spelt` are the forms of the word that the token may stand for, with their hamzas; `token` is folded, and its own
    hamzas are guessed from the form's. One form that is no accident is enough; without any there is no doubt.
    """
    if Doubt.LISTED in reading.doubt:
        return True
    return bool(spelt) and all(_refutes(form, token, reading) for form in spelt)


def _refutes(term: str, token: str, reading: Reading) -> bool:
    own = _lemma(term) or term
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
    lemmas = ((word, _lemma(word) or own) for word in words)
    return any(lemma != own and lemma + "ي" != word and not _is_verb_of_women(word) for word, lemma in lemmas)


def _is_verb_of_women(word: str) -> bool:
    """Tell whether a form is only listed as a plural like وعدن (they promised), rarer than و + عدن."""
    return word.endswith("ن") and _is_headword(word) and _is_headword(word[:-1])


def _is_headword(word: str) -> bool:
    return word in (_lemma(word), _lemma("ال" + word))
