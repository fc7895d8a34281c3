"""simplemma's tables of forms and their lemmas, one language at a time, and the forms of a lemma in them.

A table is large (nine languages: 550 MB), so only the last one used is kept.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Mapping
from functools import cached_property, lru_cache

from simplemma.strategies.dictionaries.dictionary_factory import DefaultDictionaryFactory

LANGUAGES = frozenset(("ar", "de", "en", "fa", "fr", "he", "ru", "tr", "uk"))


class Table:
    """One language's forms."""

    def __init__(self, lemmas: Mapping[str, str]) -> None:
        """`lemmas` gives the lemma of each form."""
        self.lemmas = lemmas

    def get(self, form: str) -> str | None:
        """Return the lemma of a form, None when the form is not listed."""
        return self.lemmas.get(form)

    def forms(self, lemma: str) -> tuple[str, ...]:
        """Return the other forms of a lemma."""
        return tuple(form for form in self._inverted.get(lemma, ()) if form != lemma)

    @cached_property
    def _inverted(self) -> Mapping[str, list[str]]:
        inverted: defaultdict[str, list[str]] = defaultdict(list)
        # Without a loop of our own: a million forms take a second instead of two.
        deque(map(list.append, map(inverted.__getitem__, self.lemmas.values()), self.lemmas), maxlen=0)
        return inverted


def table(language: str) -> Table:
    """Return a language's table; seconds and up to 200 MB when it is not the last one used."""
    return _last(language)


def forget() -> None:
    """Let go of the last table; it is read again when it is needed."""
    _last.cache_clear()


@lru_cache(maxsize=1)
def _last(language: str) -> Table:
    return Table(read(language))


def read(language: str) -> Mapping[str, str]:
    """Return the lemma of each form (Arabic: half a second, 20 MB)."""
    lemmas: Mapping[str, str] = DefaultDictionaryFactory().get_dictionary(language)
    return lemmas
