"""Compile a term into phrases of words, each word entered under its stems by the grammar of its language.

A word is shared by all terms that hold it in the same way. Which grammar it takes says `monitor.text.grammars`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from monitor.rules.wording import Mode, Term
from monitor.text.fold import DO_CHASHMI, fold, loosen
from monitor.text.grammar import Stem
from monitor.text.grammars import grammar_of, language_of, script_of
from monitor.text.tokens import tokenise

_SMART_LENGTHS = range(2, 6)
_SHOUTED_TERM = 3
"""From this many words on, a term all in capitals is shouted, not made of acronyms."""


class Form(StrEnum):
    """How much a word may change."""

    EXACT = "exact"
    WORD = "word"
    NAME = "name"
    STARTS = "starts"


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a term: its spelling with hamzas and marks of letters (lower case), and how it may be read.

    `lang` is "" where the clitics of all languages of its script are read. `alone`: the whole term. `sure`: no
    dictionary is asked. `has_article` is Arabic's own ال.
    """

    text: str
    form: Form
    lang: str
    script: str
    alone: bool = False
    strict: bool = False
    sure: bool = True
    has_article: bool = False

    def stems(self, *, strict: bool = False) -> tuple[Stem, ...]:
        """Return the stems it is entered under; `strict` ones keep every letter as written."""
        spelt: tuple[str, ...] = (self.text,)
        if not self.strict:
            grammar = grammar_of(self.lang, self.script)
            spelt += grammar.variants(self.text, alone=self.alone, exact=self.form is Form.EXACT)
        return tuple(stem for text in spelt for stem in self._stems(text, strict))

    def _stems(self, text: str, strict: bool) -> tuple[Stem, ...]:
        grammar = grammar_of(self.lang, self.script)
        if self.form is Form.EXACT:
            return grammar.exact_stems(text, strict=strict)
        if self.form is Form.STARTS:
            found = grammar.stems(text, strict=strict, name=False, alone=False)[0]
            whole = text[2:] if found.has_article else text
            return (Stem(whole if strict else loosen(whole), {}, found.prefixes, found.has_article),)
        return grammar.stems(text, strict=strict, name=self.form is Form.NAME, alone=self.alone)


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words side by side. `gaps[n]` is what the analyst wrote before word n, `cases[n]` the capitals wanted of it."""

    words: tuple[Word, ...]
    gaps: tuple[str, ...]
    cases: tuple[str, ...]
    is_smart: bool


def phrases(term: Term) -> tuple[Phrase, ...]:
    """Return the phrases that stand for a term: as written, and in its other spellings."""
    found: list[Phrase] = []
    if DO_CHASHMI not in term.text or term.lang != "ur":
        found += _spelt(term, is_urdu=False)
    if DO_CHASHMI in term.text:
        found += _spelt(term, is_urdu=True)
    return tuple(found)


def _spelt(term: Term, *, is_urdu: bool) -> list[Phrase]:
    pieces = tuple(_pieces(term.text, is_urdu))
    if not pieces:
        return []
    cases, is_smart = _cases(term, [cased for _, cased, _ in pieces])
    spelt = tuple(text for text, _, _ in pieces)
    words = _words(term, spelt)
    found = [Phrase(words, tuple(gap for _, _, gap in pieces), cases, is_smart)]
    if not term.strict and not any(cases):
        bare = term.mode is Mode.EXACT or term.name
        for lang, script in dict.fromkeys((word.lang, word.script) for word in words):
            found += [
                Phrase(_words(term, other), ("",) * len(other), ("",) * len(other), False)
                for other in grammar_of(lang, script).spellings(spelt, bare=bare)
            ]
    return found


def _pieces(text: str, is_urdu: bool) -> Iterator[tuple[str, str, str]]:
    """Yield each word of a term: spelt with all its letters, in its capitals, and what stands before it."""
    loose = fold(text, is_urdu=is_urdu)
    end = 0
    for token in tokenise(loose, one_unit=True):
        start, stop = loose.original(token.start, token.end)
        cased = loose.cased[token.start : token.end]
        exact = fold(text[start:stop], strict=True, is_urdu=is_urdu).text
        if len(cased) != len(token.text):
            cased, exact = cased.replace(".", ""), exact.replace(".", "")
        gap = loose.text[end : token.start]
        yield exact, cased, gap.strip() or gap[:1]
        end = token.end


def _cases(term: Term, cased: Sequence[str]) -> tuple[tuple[str, ...], bool]:
    """Return the capitals wanted of each word ("" for any), and whether by smart case."""
    if term.cased:
        return tuple(cased), False
    if term.cased is None and not (
        len(cased) >= _SHOUTED_TERM and all(word.isupper() for word in cased if word.lower() != word.upper())
    ):
        smart = tuple(word if _is_acronym(word) else "" for word in cased)
        return smart, any(smart)
    return ("",) * len(cased), False


def _is_acronym(word: str) -> bool:
    return word.isascii() and word.isalpha() and word.isupper() and len(word) in _SMART_LENGTHS


def _words(term: Term, spelt: Sequence[str]) -> tuple[Word, ...]:
    alone = len(spelt) == 1
    return tuple(
        _word(term, text, alone, is_prefix=term.mode is Mode.STARTS and place == len(spelt) - 1)
        for place, text in enumerate(spelt)
    )


def _word(term: Term, text: str, alone: bool, *, is_prefix: bool) -> Word:
    script = script_of(text)
    lang = language_of(term.lang, script)
    grammar = grammar_of(lang, script)
    if is_prefix:
        form = Form.STARTS
    elif term.mode is Mode.EXACT:
        form = Form.EXACT
    else:
        form = Form.NAME if term.name else Form.WORD
    return Word(
        text,
        form,
        lang,
        script,
        alone=alone and form is not Form.EXACT,
        strict=term.strict,
        sure=not alone or term.clitics_always or form is Form.EXACT or not grammar.doubts,
        has_article=form is not Form.EXACT and grammar.has_article(text),
    )
