"""Compile a term into phrases of words, each word entered under its stems by the grammar of its language.

A word is shared by all terms that hold it in the same way. Which grammar it takes says `monitor.text.grammars`.
A word of a `forms` term is all its inflected forms at once; an Arabic name with `translit` is also phrases of Latin
words, which have no stems: `translit` reads tokens as them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import NamedTuple

from monitor.rules import forms, translit
from monitor.rules.forms import Inflected, Kind
from monitor.rules.tongues import tongues
from monitor.rules.wording import Mode, Term
from monitor.text import arabic, arabic_verbs
from monitor.text.fold import DO_CHASHMI, ZWNJ, fold, loosen
from monitor.text.grammar import Reading, Stem
from monitor.text.grammars import OTHER, grammar_of, language_of, script_of
from monitor.text.tokens import tokenise

_SMART_LENGTHS = range(2, 6)
_SHOUTED_TERM = 3
"""From this many words on, a term all in capitals is shouted, not made of acronyms."""
_LEAST_SURE_VERB = 3


class Form(StrEnum):
    """How much a word may change."""

    EXACT = "exact"
    WORD = "word"
    NAME = "name"
    STARTS = "starts"
    LATIN = "latin"  # an Arabic word in Latin letters


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a term: its spelling with hamzas and marks of letters (lower case), and how it may be read.

    `lang` is "" where the clitics of all languages of its script are read. `alone`: the whole term. `sure`: no
    dictionary is asked. `has_article` is Arabic's own ال. With `forms` it stands for each of those, `text` among
    them.
    """

    text: str
    form: Form
    lang: str
    script: str
    alone: bool = False
    strict: bool = False
    sure: bool = True
    has_article: bool = False
    forms: tuple[Inflected, ...] = ()

    def stems(self, *, strict: bool = False) -> tuple[Stem, ...]:
        """Return the stems it is entered under; `strict` ones keep every letter as written."""
        if self.forms:
            return tuple(stem for form in self.forms for stem in self._of_form(form, strict))
        if self.form is Form.LATIN:
            return ()
        spelt: tuple[str, ...] = (self.text,)
        if not self.strict:
            grammar = grammar_of(self.lang, self.script)
            spelt += grammar.variants(self.text, alone=self.alone, exact=self.form is Form.EXACT)
        return tuple(stem for text in spelt for stem in self._stems(text, strict))

    def spelt(self, token: str, reading: Reading) -> tuple[str, ...]:
        """Return the forms that a token read so may stand for, with their hamzas; the word itself if it has no other.

        None when it can be an imperfect or a past of three letters or more: "and she called" is likelier than what
        else it spells.
        """
        if not self.forms:
            return (self.text,)
        rest = token[len(reading.prefix) :]
        found = [
            form
            for form in self.forms
            if any(rest == stem.core + reading.suffix for stem in self._of_form(form, strict=False))
        ]
        is_verb = any(
            form.kind is Kind.IMPERFECT or (form.kind is not Kind.WORD and len(form.text) >= _LEAST_SURE_VERB)
            for form in found
        )
        if is_verb and reading.prefix in ("", "و", "ف"):
            return ()
        return tuple(form.text for form in found)

    def _of_form(self, form: Inflected, strict: bool) -> tuple[Stem, ...]:
        if form.kind is Kind.WORD:
            has_article = self.has_article and arabic.article(form.text)
            return replace(self, text=form.text, forms=(), has_article=has_article).stems(strict=strict)
        if form.kind is Kind.IMPERFECT:
            return arabic_verbs.imperfect_stems(form.text, strict=strict)
        return arabic_verbs.past_stems(form.text, strict=strict, is_marked=form.kind is Kind.MARKED)

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


def asked(term: Term) -> Iterator[forms.Asked]:
    """Yield the words whose inflected forms a term needs, so that they can be worked out together."""
    if term.mode is Mode.FORMS:
        for piece in _pieces(term.text, is_urdu=False):
            yield from ((language, piece.typed) for language in tongues(term.text, term.lang))
    for part in (*term.not_part_of, *(term.needs.terms if term.needs else ())):
        yield from asked(part)


class _Piece(NamedTuple):
    """One word of a term: with all its letters, in its capitals, what stands before it, and as it was typed."""

    text: str
    cased: str
    gap: str
    typed: str


def _spelt(term: Term, *, is_urdu: bool) -> list[Phrase]:
    pieces = tuple(_pieces(term.text, is_urdu))
    if not pieces:
        return []
    cases, is_smart = _cases(term, [piece.cased for piece in pieces])
    spelt = tuple(piece.text for piece in pieces)
    words = _words(term, pieces, cases)
    found = [Phrase(words, tuple(piece.gap for piece in pieces), cases, is_smart)]
    if not term.strict and not any(cases):
        bare = term.mode is Mode.EXACT or term.name
        for lang, script in dict.fromkeys((word.lang, word.script) for word in words):
            for other in grammar_of(lang, script).spellings(spelt, bare=bare):
                pieces_of_other = [_Piece(text, text, "", text) for text in other]
                found.append(_plain(_words(term, pieces_of_other)))
    if term.mode is Mode.FORMS:
        found += _longer_forms(term, pieces, cases, is_smart)
    if term.translit and translit.is_arabic(" ".join(spelt)):
        found += [_plain(tuple(map(_latin, words))) for words in translit.renderings(spelt)]
    return found


def _plain(words: tuple[Word, ...]) -> Phrase:
    return Phrase(words, ("",) * len(words), ("",) * len(words), False)


def _longer_forms(term: Term, pieces: Sequence[_Piece], cases: Sequence[str], is_smart: bool) -> Iterator[Phrase]:
    """Yield what no single word stands for: forms of several words (می زند), and the plural of an acronym (UAVs)."""
    only = pieces[0]
    if len(pieces) > 1:
        return
    if is_smart:
        word = replace(_words(term, pieces, cases)[0], text=only.text + "s")
        yield Phrase((word,), ("",), (cases[0] + "s",), is_smart=False)
    elif not cases[0]:
        for form in _inflected(term, only):
            if " " in form.text or ZWNJ in form.text:
                words = form.text.replace(ZWNJ, " ").split()
                yield _plain(_words(replace(term, mode=Mode.WORD), [_Piece(word, word, "", word) for word in words]))


def _latin(spellings: tuple[str, ...]) -> Word:
    """Return one Latin word of an Arabic name: the name's own word, or a row of fixed spellings."""
    first = spellings[0]
    if len(spellings) == 1:
        return Word(first, Form.LATIN, "", OTHER, has_article=arabic.article(first))
    return Word(first, Form.EXACT, "en", OTHER, forms=tuple(map(Inflected, spellings)))


def _pieces(text: str, is_urdu: bool) -> Iterator[_Piece]:
    """Yield each word of a term."""
    loose = fold(text, is_urdu=is_urdu)
    end = 0
    for token in tokenise(loose, one_unit=True):
        start, stop = loose.original(token.start, token.end)
        cased = loose.cased[token.start : token.end]
        exact = fold(text[start:stop], strict=True, is_urdu=is_urdu).text
        if len(cased) != len(token.text):
            cased, exact = cased.replace(".", ""), exact.replace(".", "")
        gap = loose.text[end : token.start]
        yield _Piece(exact, cased, gap.strip() or gap[:1], text[start:stop])
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


def _words(term: Term, pieces: Sequence[_Piece], cases: Sequence[str] = ()) -> tuple[Word, ...]:
    """Return the words of a phrase; those that want capitals have no other forms."""
    last = len(pieces) - 1
    return tuple(
        _word(term, piece, place, last, may_change=not cases or not cases[place])
        for place, piece in enumerate(pieces)
    )


def _word(term: Term, piece: _Piece, place: int, last: int, *, may_change: bool) -> Word:
    text, alone = piece.text, not last
    script = script_of(text)
    lang = language_of(term.lang, script)
    grammar = grammar_of(lang, script)
    if term.mode is Mode.STARTS and place == last:
        form = Form.STARTS
    elif term.mode is Mode.EXACT:
        form = Form.EXACT
    else:
        form = Form.NAME if term.name else Form.WORD
    inflected: tuple[Inflected, ...] = ()
    if term.mode is Mode.FORMS and may_change:
        inflected = _one_word_forms(text, _inflected(term, piece))
        if place and tongues(term.text, term.lang) == ("ar",):
            inflected += forms.feminine(text)
    return Word(
        text,
        form,
        lang,
        script,
        alone=alone and form is not Form.EXACT,
        strict=term.strict,
        sure=not alone or term.clitics_always or form is Form.EXACT or not grammar.doubts,
        has_article=form is not Form.EXACT and grammar.has_article(text),
        forms=(Inflected(text), *inflected) if inflected else (),
    )


def _inflected(term: Term, piece: _Piece) -> Iterator[Inflected]:
    for language in tongues(term.text, term.lang):
        yield from forms.expand(language, piece.typed)


def _one_word_forms(text: str, inflected: Iterable[Inflected]) -> tuple[Inflected, ...]:
    """Return the forms of one word other than the word as written."""
    return tuple(
        dict.fromkeys(
            form
            for form in inflected
            if form != (text, Kind.WORD) and " " not in form.text and ZWNJ not in form.text and "-" not in form.text
        )
    )
