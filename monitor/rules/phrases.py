"""Decide whether a phrase stands at a place of a field: its words side by side, each in a form its place allows.

Where an ending, a prefix or an added article may stand is MATCHING 2, "Phrases". Capitals and strict spellings are
tested here too, on the text as it was written.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from monitor.rules.words import Form, Phrase, Word
from monitor.text.document import Field
from monitor.text.fold import fold
from monitor.text.grammar import Ending, Reading, Stem
from monitor.text.grammars import ARTICLES, CHINESE, CUTS, OTHER, PARTICLES
from monitor.text.tokens import QUOTES, Token

GERSHAYIM = '"'
"""Inside a Hebrew acronym, which is one word: השב"כ."""
_INNER = Ending.BARE | Ending.AGREEMENT | Ending.CONSTRUCT | Ending.PRONOUN
_BEFORE_GENITIVE = Ending.BARE | Ending.CONSTRUCT


class Evidence(NamedTuple):
    """Where a term stands: its tokens, inclusive, and the folded range of its core."""

    first: int
    last: int
    start: int
    end: int


@dataclasses.dataclass(slots=True)
class Sight:
    """A field being searched, and how to read its tokens as words."""

    field: Field
    readings: Callable[[str, int], tuple[Reading, ...]]
    strict: Mapping[int, Mapping[str, Sequence[tuple[int, Stem]]]]
    shouted: dict[int, bool] = dataclasses.field(default_factory=dict)


def evidence(sight: Sight, phrase: Phrase, numbers: tuple[int, ...], first: int) -> Evidence | None:
    """Return where the phrase stands if it begins at token `first`, else None."""
    tokens = sight.field.tokens
    last = first + len(numbers) - 1
    if first < 0 or last >= len(tokens):
        return None
    ways: dict[bool, tuple[Reading, Reading]] = {}
    for place, number in enumerate(numbers):
        token = tokens[first + place]
        before = tokens[first + place - 1]
        if place and before.end != token.start and _is_parted(sight.field, phrase, place, before, token):
            return None
        ahead: dict[bool, tuple[Reading, Reading]] = {}
        for reading in sight.readings(token.text, number):
            if not _may_stand(phrase, place, reading):
                continue
            if not _is_as_written(sight, phrase, place, number, token, reading):
                continue
            if place == 0:
                ahead.setdefault(_is_definite(reading), (reading, reading))
                continue
            for is_definite, (begun, _) in ways.items():
                if not is_definite or phrase.gaps[place] == GERSHAYIM or _agrees(phrase.words[place], reading):
                    ahead.setdefault(_is_definite(reading), (begun, reading))
        if not ahead:
            return None
        ways = ahead
    begun, ended = next(iter(ways.values()))
    return Evidence(first, last, _core(tokens[first], begun)[0], _core(tokens[last], ended)[1])


def _core(token: Token, reading: Reading) -> tuple[int, int]:
    """Return the folded range of a reading's core; an acronym with stops is its own core."""
    if len(token.text) != token.end - token.start:
        return token.start, token.end
    return token.start + reading.start, token.start + reading.end


def _is_parted(field: Field, phrase: Phrase, place: int, before: Token, token: Token) -> bool:
    """Tell whether what stands before a word parts it from the one before, unless the analyst wrote it, as in AT&T.

    A run of Chinese signs holds nothing but quotes and the dot of a name.
    """
    gap = field.masked[before.end : token.start]
    wanted = phrase.gaps[place]
    if phrase.words[place].script == phrase.words[place - 1].script == CHINESE:
        breaks = gap.translate(QUOTES) not in ("", "-", "•")
    else:
        breaks, wanted = token.breaks_before, wanted.strip()
    return breaks and not (wanted and gap.strip() == wanted.strip())


def _may_stand(phrase: Phrase, place: int, reading: Reading) -> bool:
    """Tell whether a reading's prefix and ending may stand at this place of the phrase."""
    if place and reading.prefix not in ARTICLES:
        return False
    if place == len(phrase.words) - 1:
        return True
    word, following = phrase.words[place], phrase.words[place + 1]
    before_genitive = following.has_article and not word.has_article
    return bool(reading.ending & (_BEFORE_GENITIVE if before_genitive else _INNER))


def _is_definite(reading: Reading) -> bool:
    """Tell whether an article or a pronoun makes definite what the term left indefinite."""
    return reading.added_article or not reading.ending & ~(Ending.PRONOUN | Ending.DEFINITE)


def _agrees(word: Word, reading: Reading) -> bool:
    """Tell whether a word may follow a definite one: السلاح and سلاحها want النووي, a particle or a number."""
    return reading.added_article or word.script in (CHINESE, OTHER) or word.text in PARTICLES


def _is_as_written(sight: Sight, phrase: Phrase, place: int, number: int, token: Token, reading: Reading) -> bool:
    """Test capitals and strict spelling, where the term wants them; an Arabic name in Latin letters has a capital."""
    word = phrase.words[place]
    needs_capital = word.form is Form.LATIN and not (place and word.has_article)  # Deir ezzor
    if needs_capital and not sight.field.folded.cased[token.start].isupper():
        return False
    wanted = phrase.cases[place]
    if wanted:
        cased = sight.field.folded.cased[token.start : token.end]
        if len(cased) == len(token.text):
            cased = cased[reading.start : reading.end]
        else:
            cased = cased.replace(".", "")
        if cased != wanted or (phrase.is_smart and _is_shouted(sight, token.sentence)):
            return False
    stems = sight.strict.get(number)
    if stems is None:
        return True
    start, end = sight.field.folded.original(token.start, token.end)
    text = fold(sight.field.folded.raw[start:end], strict=True).text
    if len(token.text) != token.end - token.start:
        text = text.replace(".", "")
    if word.form is Form.STARTS:
        return any(text.startswith(core, len(reading.prefix)) for core in stems)
    return any(True for _ in CUTS[word.script].readings(text, stems))


def _is_shouted(sight: Sight, sentence: int) -> bool:
    """Tell whether a sentence is all in capitals, so that capitals say nothing (WHO in a shouted title)."""
    known = sight.shouted.get(sentence)
    if known is None:
        known = sight.shouted[sentence] = _shouts(sight.field, sentence)
    return known


def _shouts(field: Field, sentence: int) -> bool:
    words = [
        field.folded.cased[token.start : token.end]
        for token in field.tokens
        if token.sentence == sentence and not token.text.isdigit()
    ]
    letters = [word for word in words if word.lower() != word.upper()]
    if len(letters) < 2 or len(letters) < len(words) or not all(word.isupper() for word in letters):
        return False
    longest = max(map(len, letters))
    return field.name == "title" or longest > 5 or (len(letters) > 2 and longest > 3)
