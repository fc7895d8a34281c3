"""Arabic clitics: which prefixes and suffixes a written word may carry (MATCHING 2).

A word's core is the word without its article and its final ة; a token stands for it when it is prefix + core + suffix
with a pair the tables here allow. Nothing is stemmed: what is not in a table is another word.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import ClassVar

from monitor.text.fold import loosen
from monitor.text.grammar import WHOLE, Doubt, Ending, Grammar, Prefixes, Reading, Stem
from monitor.text.lexicon_ar import (
    FAMILIES,
    FUNCTION_WORDS,
    NOT_ARTICLES,
    NOT_INFLECTED,
    OTHER_LEMMAS,
    PREPOSITIONS,
    SPELLINGS,
    WHOLE_SPELLINGS,
)

_AND = ("", "و", "ف")
_INDEFINITE = frozenset(a + b for a in _AND for b in ("", "ب", "ك", "ل"))
_DEFINITE = frozenset(a + b for a in _AND for b in ("ال", "بال", "كال", "لل"))
_TO = frozenset(a + "ل" for a in _AND)
PREFIXES = _INDEFINITE | _DEFINITE
"""All that may be written onto the front of a word, nothing among it."""
_LONGEST_PREFIX = 4

_PRONOUNS = ("ه", "ها", "هما", "هم", "هن", "ك", "كم", "كما", "كن", "نا", "ي", "ى")

_BARE = Ending.BARE | Ending.DEFINITE
_AGREES = Ending.AGREEMENT | Ending.DEFINITE


def _with_pronouns(*stems: str) -> dict[str, Ending]:
    return {stem + pronoun: Ending.PRONOUN for stem in stems for pronoun in _PRONOUNS}


_PLAIN: Mapping[str, Ending] = {
    **_with_pronouns("", "ات", "ا", "ي", "و"),
    "": _BARE,
    "ا": Ending.AGREEMENT | Ending.CONSTRUCT,
    **dict.fromkeys(("ان", "ين", "ون"), _AGREES),
    "ات": _AGREES | Ending.CONSTRUCT,
    "و": Ending.CONSTRUCT,
    "ي": Ending.CONSTRUCT | Ending.PRONOUN,
    "ى": Ending.CONSTRUCT | Ending.PRONOUN,
}
_FEMININE: Mapping[str, Ending] = {
    **_with_pronouns("ت", "ات", "تا", "تي"),
    "ة": _BARE,
    "ه": _BARE,
    "ات": _AGREES | Ending.CONSTRUCT,
    **dict.fromkeys(("تان", "تين"), _AGREES),
    **dict.fromkeys(("تا", "تي", "تى"), Ending.CONSTRUCT | Ending.PRONOUN),
}
_FEMININE_LETTERS = {ending: 1 for ending in _FEMININE if ending[0] in "ةهت"}
_SHORT = {ending: _PLAIN[ending] for ending in ("", "ا", "ان", "ين")}
_SHORT_FEMININE = {ending: _FEMININE[ending] for ending in ("ة", "ه", "ات", "تان", "تين")}
_FEMININE_WHOLE = dict.fromkeys(("ة", "ه"), _BARE)
_OWN_HEH = {"ة": _BARE}

_SEAT_BEFORE_PRONOUN = _with_pronouns("")
_YEH_BEFORE_PLURAL: Mapping[str, Ending] = {
    **_with_pronouns("ات"),
    **dict.fromkeys(("ان", "ين"), _AGREES),
    "ات": _AGREES | Ending.CONSTRUCT,
}
_SEAT_OF_DUAL: Mapping[str, Ending] = {"ين": _AGREES}
_MADDA: Mapping[str, Ending] = {
    **_with_pronouns("آت"),
    "آت": _AGREES | Ending.CONSTRUCT,
    "آن": _AGREES,
}
_MADDA_FOLDED = {loosen(ending): kind for ending, kind in _MADDA.items()}
_SOUND_PLURAL: Mapping[str, Ending] = {
    **_with_pronouns("و", "ي"),
    **dict.fromkeys(("ون", "ين"), _AGREES),
    **dict.fromkeys(("و", "ي", "ى"), Ending.CONSTRUCT),
}
ENDINGS = frozenset().union(
    _PLAIN, _FEMININE, _SEAT_BEFORE_PRONOUN, _YEH_BEFORE_PLURAL, _MADDA, _MADDA_FOLDED, _SOUND_PLURAL
)
"""All that may follow the core of a noun, nothing among it."""
_LEAST_SOUND_PLURAL = 4
"""Letters before ون from which a term counts as a sound plural: قانون, مليون, عيون are none."""

_LONGEST_SUFFIX = max(map(len, (*_PLAIN, *_FEMININE, *_MADDA)))
_LONGEST_PERSIAN = 6
_PERSIAN = "هاي"
"""What every ending of Persian that is longer than Arabic's begins with (هایشان)."""

_LONE = frozenset(("ه", "ي", "ى", "يه"))
_NO_LETTER = Doubt.NOTHING, Doubt.CLITIC
_LETTER = Doubt.LETTER, Doubt.LETTER | Doubt.CLITIC
_SPELLING = Doubt.SPELLING, Doubt.SPELLING | Doubt.CLITIC
_AND_OR_OTHER = Prefixes.PROCLITIC | Prefixes.AND
_TAILS = frozenset(("ان", "ين", "ون", "و"))

OWN_WORDS = FUNCTION_WORDS | PREPOSITIONS | NOT_INFLECTED
"""What may follow a prefix and be no core with its ending, though it looks like one."""

_ANY = Prefixes.NONE | Prefixes.PROCLITIC | Prefixes.ARTICLE

_SPELLINGS = tuple(
    (written, other)
    for pair in SPELLINGS
    for own, other in (pair, pair[::-1])
    for written in sorted({own, own.replace("أ", "ا").replace("إ", "ا")})
)
_FAMILIES = tuple(tuple(map(loosen, family)) for family in FAMILIES)
_SPELT_TWO_WAYS = tuple(own for own, _ in _SPELLINGS)
_WHOLE_SPELLINGS = {own: (other,) for pair in WHOLE_SPELLINGS for own, other in (pair, pair[::-1])}


def article(word: str) -> bool:
    """Tell whether a word begins with the article (`Arabic.has_article`)."""
    return word.startswith("ال") and len(word) >= 4 and word not in NOT_ARTICLES


class Arabic(Grammar):
    """Article, proclitics, case and number endings, pronouns; hamzas and last letters spelt in more than one way."""

    doubts = True
    plain: ClassVar[Mapping[str, Ending]] = _PLAIN
    """The endings of a word that has no ة."""

    def stems(self, word: str, *, strict: bool, name: bool, alone: bool) -> tuple[Stem, ...]:
        """Return the stems of a word written with its hamzas."""
        has_article = self.has_article(word)
        rest = word[2:] if has_article else word
        if has_article:
            prefixes = Prefixes.ARTICLE
        elif name:
            prefixes = Prefixes.NONE | Prefixes.PROCLITIC
        else:
            prefixes = _ANY
        is_short = alone and len(rest) <= 2
        if is_short:
            prefixes &= ~Prefixes.PROCLITIC
        return tuple(
            Stem(core if strict else loosen(core), endings, prefixes, has_article, letters)
            for core, endings, letters in _cores(
                rest, WHOLE if name or word == "الله" else _SHORT if is_short else self.plain, strict=strict
            )
            if core
        )

    def exact_stems(self, word: str, *, strict: bool) -> tuple[Stem, ...]:
        """Return the stems of a word that takes nothing but the spellings of its last letter."""
        if strict:
            return (Stem(word, WHOLE),)
        return tuple(
            Stem(loosen(core), endings, Prefixes.NONE, False, letters)
            for core, endings, letters in _cores(word, WHOLE, strict=False)
            if core
        )

    def has_article(self, word: str) -> bool:
        """Tell whether a word, hamzas and all, begins with the article: plain ا + ل, not the radical of التزام."""
        return article(word)

    def variants(self, word: str, *, alone: bool, exact: bool) -> tuple[str, ...]:
        """Return other spellings of a word; inside a phrase also أبا and أبي for أبو."""
        rest, head = (word[2:], word[:2]) if self.has_article(word) else (word, "")
        found = [head + other for other in _WHOLE_SPELLINGS.get(rest, ())]
        if rest.startswith(_SPELT_TWO_WAYS):
            found += [head + other + rest[len(own) :] for own, other in _SPELLINGS if rest.startswith(own)]
        if not alone and not exact:
            own = loosen(word)
            found += [other for family in _FAMILIES if own in family for other in family if other != own]
        return tuple(found)

    def spellings(self, words: Sequence[str], *, bare: bool) -> Iterator[tuple[str, ...]]:
        """Yield a term with عبد ال... and أبو ... written as one word or as two."""
        for place, word in enumerate(words):
            before, after = tuple(words[:place]), tuple(words[place + 1 :])
            if after and _joins(word, after[0]):
                yield (*before, word + after[0], *after[1:])
            elif word.startswith(("عبدال", "أبو", "ابو")) and len(word) > 5 and loosen(word) != "ابواب":
                yield (*before, word[:3], word[3:], *after)


def _joins(word: str, following: str) -> bool:
    """Tell whether two words of a name are often written as one."""
    if word == "عبد":
        return following.startswith("ال")
    return word in ("أبو", "ابو") and len(following) > 2 and not following.startswith("ال")


_Core = tuple[str, Mapping[str, Ending], Mapping[str, int] | None]


def _cores(rest: str, plain: Mapping[str, Ending], *, strict: bool) -> Iterator[_Core]:
    """Yield the cores of a word without its article, each with its endings; `plain` are those of one without ة."""
    name, is_short = plain is WHOLE, plain is _SHORT
    last, before = rest[-1], rest[:-1]
    if last == "ة" and before:
        endings = _FEMININE_WHOLE if name else _SHORT_FEMININE if is_short else _FEMININE
        if strict:
            endings = {ending: kind for ending, kind in endings.items() if ending != "ه"}
        yield before, endings, _FEMININE_LETTERS
    else:
        yield rest, plain, None
    if last == "ه" and not strict:
        yield before, _OWN_HEH, {"ة": 1}
    if last in "ىي" and not strict and loosen(rest) not in OTHER_LEMMAS:
        yield before + ("ي" if last == "ى" else "ى"), WHOLE, None
    if name or is_short:
        return
    if last == "ى":
        yield before + "ا", _SEAT_BEFORE_PRONOUN, None
        yield before + "ي", _YEH_BEFORE_PLURAL, None
    if last == "أ" or rest.endswith("أة"):
        yield before.removesuffix("أ"), _MADDA if strict else _MADDA_FOLDED, None
    if last == "أ" or (last == "ء" and strict):
        for seat in "ئؤ":
            yield before + seat, _SEAT_BEFORE_PRONOUN, None
    if last == "ء" and before and before[-1] not in "اوي":
        yield before + "أ", _SEAT_OF_DUAL, None
    if rest.endswith("ون") and len(rest) >= _LEAST_SOUND_PLURAL + 2:
        yield rest[:-2], _SOUND_PLURAL, None


def readings(token: str, stems: Mapping[str, Sequence[tuple[int, Stem]]]) -> Iterator[tuple[int, Reading]]:
    """Yield the ways to read a token as one of the words in `stems`."""
    size = len(token)
    shortest = size - (_LONGEST_PERSIAN if _PERSIAN in token else _LONGEST_SUFFIX) - 1
    for _, start, _ in remainders(token):
        places = ((start, end) for end in range(size, max(start, shortest), -1))
        yield from readings_at(token, stems, places)


def readings_at(
    token: str, stems: Mapping[str, Sequence[tuple[int, Stem]]], places: Iterable[tuple[int, int]]
) -> Iterator[tuple[int, Reading]]:
    """`readings` of which the core lies at one of these places, each where it starts and ends."""
    for start, end in places:
        core = token[start:end]
        if core in stems:
            prefix = token[:start]
            is_definite = prefix in _DEFINITE
            if is_definite or prefix in _INDEFINITE:
                for word, stem in stems[core]:
                    yield from _judge(word, stem, token, prefix, is_definite, core, token[end:])


def _judge(
    word: int, stem: Stem, token: str, prefix: str, is_definite: bool, core: str, suffix: str
) -> Iterator[tuple[int, Reading]]:
    """Yield the readings of one cut as one stem: none, one, or two where ل before ل is also لل."""
    ending = stem.endings.get(suffix)
    start = len(prefix)
    if ending is None or _is_other_word(stem, token[start:], suffix):
        return
    own = stem.own_letters.get(suffix, 0) if stem.own_letters else 0
    end = start + len(core) + own
    doubts = _doubts(stem, suffix, token)
    elided = prefix in _TO and core[0] == "ل"
    if is_definite or elided:
        if Prefixes.ARTICLE in stem.prefixes and Ending.DEFINITE in ending:
            at = start - 2 if stem.has_article and prefix.endswith("ال") else start
            yield word, Reading(at, end, ending, not stem.has_article, prefix, suffix, doubts[0])
        if is_definite:
            return
    wanted = _AND_OR_OTHER if prefix in _AND[1:] else Prefixes.PROCLITIC if prefix else Prefixes.NONE
    if wanted & stem.prefixes:
        yield word, Reading(start, end, ending, False, prefix, suffix, doubts[bool(prefix)])


def _is_other_word(stem: Stem, rest: str, suffix: str) -> bool:
    """Tell whether what follows the prefix is a word of its own, by our lists."""
    if suffix == "ه":
        return stem.own_letters is not None and rest in FUNCTION_WORDS
    return bool(suffix) and (rest in PREPOSITIONS or (suffix in _TAILS and rest in NOT_INFLECTED))


def _doubts(stem: Stem, suffix: str, token: str) -> tuple[Doubt, Doubt]:
    """The doubt about a cut without a clitic in front, and with one."""
    if stem.own_letters is None:
        if suffix in _LONE:
            return _LETTER
        if stem.endings is WHOLE and token[-1] in "يى":
            return _SPELLING
    return _NO_LETTER


def remainders(token: str) -> Iterator[tuple[str, int, Prefixes]]:
    """Yield (prefix, where the rest begins, what a stem must allow to have it), the empty prefix first."""
    yield "", 0, Prefixes.NONE
    for size in range(1, min(_LONGEST_PREFIX, len(token) - 1) + 1):
        prefix = token[:size]
        if prefix in _INDEFINITE:
            yield prefix, size, Prefixes.PROCLITIC
        elif prefix in _DEFINITE:
            yield prefix, size, Prefixes.ARTICLE
