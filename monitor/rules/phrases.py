"""Decide whether a phrase stands at a place of a field: its words side by side, each in a form its place allows.

Where an ending, a prefix or an added article may stand is MATCHING 2, "Phrases". Capitals and strict spellings are
tested here too, on the text as it was written.
"""

from __future__ import annotations

import dataclasses
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from monitor.rules.words import Form, Phrase, Word
from monitor.text.fold import fold
from monitor.text.grammar import Ending, Reading, Stem
from monitor.text.grammars import ARTICLES, CHINESE, CUTS, OTHER, PARTICLES
from monitor.text.scan import Scan
from monitor.text.tokens import QUOTES

GERSHAYIM = '"'
"""Inside a Hebrew acronym, which is one word: השב"כ."""
_INNER = Ending.BARE | Ending.AGREEMENT | Ending.CONSTRUCT | Ending.PRONOUN
_BEFORE_GENITIVE = Ending.BARE | Ending.CONSTRUCT


class Evidence(NamedTuple):
    """Where a term stands: its tokens, inclusive, and the range of its core; all as places of the scan."""

    first: int
    last: int
    start: int
    end: int


def leftmost_longest(places: Iterable[Evidence]) -> list[Evidence]:
    """Sort, and keep of overlapping places the one that begins first, of those the longest."""
    kept: list[Evidence] = []
    for one in sorted(places, key=lambda one: (one.first, -one.last, one.start, -one.end)):
        if not kept or one.first > kept[-1].last:
            kept.append(one)
    return kept


@dataclasses.dataclass(slots=True)
class Sight:
    """A scan being searched, and how to read its tokens as words."""

    scan: Scan
    readings: Callable[[str, int], tuple[Reading, ...]]
    strict: Mapping[int, Mapping[str, Sequence[tuple[int, Stem]]]]
    any_case: bool = False
    """As if the first letter of what needs a capital were one."""
    shouted: dict[int, bool] = dataclasses.field(default_factory=dict)


def evidence(sight: Sight, phrase: Phrase, numbers: tuple[int, ...], first: int) -> Evidence | None:
    """Return where the phrase stands if it begins at token `first`, else None. No phrase leaves its field."""
    scan = sight.scan
    last = first + len(numbers) - 1
    if first < 0 or last >= len(scan) or first < scan.titles <= last:
        return None
    ways: dict[bool, tuple[Reading, Reading]] = {}
    for place, number in enumerate(numbers):
        if (
            place
            and scan.ends[first + place - 1] != scan.starts[first + place]
            and _is_parted(scan, phrase, place, first + place)
        ):
            return None
        ahead: dict[bool, tuple[Reading, Reading]] = {}
        for reading in sight.readings(scan.word(first + place), number):
            if not _may_stand(phrase, place, reading):
                continue
            if not _is_as_written(sight, phrase, place, number, first + place, reading):
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
    return Evidence(first, last, core(scan, first, begun)[0], core(scan, last, ended)[1])


def core(scan: Scan, token: int, reading: Reading) -> tuple[int, int]:
    """Return the range of a reading's core; an acronym with stops is its own core."""
    start, end = int(scan.starts[token]), int(scan.ends[token])
    if len(scan.word(token)) != end - start:
        return start, end
    return start + reading.start, start + reading.end


def _is_parted(scan: Scan, phrase: Phrase, place: int, token: int) -> bool:
    """Tell whether what stands before a word parts it from the one before, unless the analyst wrote it, as in AT&T.

    A run of Chinese signs holds nothing but quotes and the dot of a name.
    """
    wanted = phrase.gaps[place]
    if phrase.words[place].script == phrase.words[place - 1].script == CHINESE:
        breaks = scan.gap(token).translate(QUOTES) not in ("", "-", "•")
    else:
        breaks, wanted = scan.breaks(token), wanted.strip()
    return breaks and not (wanted and scan.gap(token).strip() == wanted.strip())


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


def _is_as_written(sight: Sight, phrase: Phrase, place: int, number: int, token: int, reading: Reading) -> bool:
    """Test capitals and strict spelling, where the term wants them; an Arabic name in Latin letters has a capital."""
    word = phrase.words[place]
    needs_capital = word.form is Form.LATIN and not (place and word.has_article)  # Deir ezzor
    scan, start = sight.scan, sight.scan.starts.item(token)
    if needs_capital and not sight.any_case and not scan.cased(start, start + 1).isupper():
        return False
    wanted = phrase.cases[place]
    stems = sight.strict.get(number)
    if not wanted and stems is None:
        return True
    end = scan.ends.item(token)
    has_stops = len(scan.word(token)) != end - start
    if wanted:
        cased = scan.cased(start, end)
        cased = cased.replace(".", "") if has_stops else cased[reading.start : reading.end]
        if cased != wanted or (phrase.is_smart and _is_shouted(sight, scan.units.sentences[token])):
            return False
    if stems is None:
        return True
    text = fold(scan.raw(start, end), strict=True).text
    if has_stops:
        text = text.replace(".", "")
    if word.form is Form.STARTS:
        return any(text.startswith(core, len(reading.prefix)) for core in stems)
    return any(True for _ in CUTS[word.script].readings(text, stems))


def _is_shouted(sight: Sight, sentence: int) -> bool:
    """Tell whether a sentence is all in capitals, so that capitals say nothing (WHO in a shouted title)."""
    known = sight.shouted.get(sentence)
    if known is None:
        known = sight.shouted[sentence] = _shouts(sight.scan, sentence)
    return known


def _shouts(scan: Scan, sentence: int) -> bool:
    sentences = scan.units.sentences
    tokens = range(bisect_left(sentences, sentence), bisect_right(sentences, sentence))
    words = [
        scan.cased(int(scan.starts[token]), int(scan.ends[token]))
        for token in tokens
        if not scan.word(token).isdigit()
    ]
    letters = [word for word in words if word.lower() != word.upper()]
    if len(letters) < 2 or len(letters) < len(words) or not all(word.isupper() for word in letters):
        return False
    longest = max(map(len, letters))
    return tokens[0] < scan.titles or longest > 5 or (len(letters) > 2 and longest > 3)
