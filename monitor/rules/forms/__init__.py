"""Every inflected form of a word (mode `forms`): worked out when rules are compiled, remembered for the process.

expand_all     many words at once: each language's table is read once and let go
expand         one word, worked out now if it must be
known, learn   what has been worked out, so that a door can keep it between two starts
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice
from types import MappingProxyType

from monitor.rules.forms import arabic, english, other, persian, tables, turkish
from monitor.rules.forms.inflected import Inflected, Kind
from monitor.rules.forms.tables import Table
from monitor.text.fold import fold

__all__ = ["Asked", "Inflected", "Kind", "expand", "expand_all", "feminine", "known", "learn"]

MOST_KNOWN = 200_000
"""Words remembered before all is worked out anew."""

MOST_FORMS = 400
"""Forms of one word that are kept; a long tail is derivation, not inflection."""

Asked = tuple[str, str]
"""A language and a word of it as it was typed."""

feminine = arabic.feminine

_known: dict[Asked, tuple[Inflected, ...]] = {}

_INFLECT: Mapping[str, Callable[[str, str, Sequence[str], Table], tuple[Inflected, ...]]] = {
    "ar": arabic.inflect,
    "en": english.inflect,
    "tr": turkish.inflect,
    "fa": persian.inflect,
    **other.INFLECT,
}


def expand(language: str, word: str) -> tuple[Inflected, ...]:
    """Return the forms of a word other than itself: none for a language without a table."""
    asked = (language, word)
    if asked not in _known:
        _work_out((asked,))
    return _known[asked]


def expand_all(asked: Iterable[Asked]) -> None:
    """Work out many words and let go of the tables."""
    _work_out(dict.fromkeys(one for one in asked if one not in _known))
    tables.forget()


def known() -> Mapping[Asked, tuple[Inflected, ...]]:
    """Return what has been worked out or learnt so far."""
    return MappingProxyType(_known)


def learn(expansions: Mapping[Asked, tuple[Inflected, ...]]) -> None:
    """Take over what an earlier process worked out; what is known already stays."""
    for asked, forms in expansions.items():
        _known.setdefault(asked, forms)


def _work_out(asked: Iterable[Asked]) -> None:
    wanted: dict[str, list[str]] = {}
    if len(_known) >= MOST_KNOWN:
        _known.clear()
    for language, word in asked:
        own = arabic.own(fold(word, strict=True).text) if language == "ar" else ()
        if own or language not in _INFLECT:
            _known[language, word] = own
        else:
            wanted.setdefault(language, []).append(word)
    for language, words in wanted.items():
        table = tables.table(language)
        for word in words:
            lemma = _lemma(language, word, table)
            made = _INFLECT[language](_plain(language, word), lemma, table.forms(lemma), table)
            _known[language, word] = _tidy(made)


def _lemma(language: str, word: str, table: Table) -> str:
    """The lemma of a word: itself when it is one, in the case it was typed in or in another."""
    plain = _plain(language, word)
    if language == "en":
        return english.lemma(plain, table)
    if language == "ar":
        bare = plain[2:] if plain.startswith("ال") else plain
        return table.get(plain) or table.get(bare) or bare
    spellings = dict.fromkeys((word, plain, plain.capitalize()))
    for spelling in spellings:
        if table.get(spelling) == spelling:
            return spelling
    return next((lemma for spelling in spellings if (lemma := table.get(spelling))), plain)


def _plain(language: str, word: str) -> str:
    """A word in its lower case, as tables list it: with its own letters, without marks of vowels."""
    if language == "tr":
        return turkish.lower(word)
    return fold(word, strict=True).text if language in ("ar", "he") else word.lower()


def _tidy(made: Iterable[Inflected]) -> tuple[Inflected, ...]:
    plain = dict.fromkeys(Inflected(fold(form.text, strict=True).text, form.kind) for form in made)
    return tuple(form for form in islice(plain, MOST_FORMS) if len(form.text) > 1)
