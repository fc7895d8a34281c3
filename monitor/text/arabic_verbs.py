"""Arabic verbs: which endings and prefixes a past or an imperfect may carry (MATCHING 2, "Verbs").

A verb is given by two spellings, the past of the third person (قصف) and what follows the ي of the imperfect (قصف,
ستهدف). Weak last radicals change before endings; hollow verbs are taken in the third person only. The letters of the
person and of the future are part of the core, so that a token is cut as any other.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from monitor.text.fold import loosen
from monitor.text.grammar import Ending, Prefixes, Stem

_PRONOUNS = ("ه", "ها", "هما", "هم", "هن", "ك", "كم", "كما", "كن", "نا", "ني")
_FUTURE = ("", "س", "ل")
_PERSONS = {2: "يت", 3: "يتن"}
"""The persons of a short imperfect: أصل, نصل and أقتل are other words. From four letters on also "I"."""

_VERB = Prefixes.NONE | Prefixes.AND
_BARE = Ending.BARE
_PAST = ("", "ت", "تا", "وا", "نا", "تم", "تن", "ن", "ا")
_IMPERFECT = ("", "ون", "وا", "ان", "ا", "ين", "ي", "ن")


def _endings(plain: Iterable[str], before_pronoun: Iterable[str] = ()) -> Mapping[str, Ending]:
    return {
        **{ending + pronoun: Ending.PRONOUN for ending in before_pronoun for pronoun in _PRONOUNS},
        **dict.fromkeys(plain, _BARE),
    }


_WHOLE = _endings(("",))
_PRONOUN = _endings((), ("",))
_PAST_SOUND = _endings(_PAST, ("", "ت", "تا", "و", "نا", "ا"))
_PAST_MARKED = _endings(("ت", "تا", "وا", "نا", "تم"), ("ت", "و", "نا"))
_PAST_SHORT = _endings(("ت", "تا", "وا"), ("ت", "و"))
_PAST_LONG = _endings(("ت", "نا", "تم", "تن", "ن", "ا"), ("نا", "ت"))
_IMPERFECT_SOUND = _endings(_IMPERFECT, ("", "و", "ون", "ان", "ا"))
_IMPERFECT_SHORT = _endings(("", "ون", "وا", "ين"), ("و", "ون"))
_IMPERFECT_LONG = _endings(("", "ان", "ا", "ن"), ("",))
_IMPERFECT_DUAL = _endings(("ان", "ا", "ن"))
_BEFORE_WAW = _endings(("وا",), ("و",))
_PLURAL_SHORT = _endings(("ون", "وا"), ("ون", "و"))
_PLURAL_SEAT = _endings(("ون", "وا"), ("", "ون", "و"))
ENDINGS = frozenset().union(
    *(_WHOLE, _PRONOUN, _PAST_SOUND, _PAST_MARKED, _PAST_SHORT, _PAST_LONG, _BEFORE_WAW),
    *(_IMPERFECT_SOUND, _IMPERFECT_SHORT, _IMPERFECT_LONG, _IMPERFECT_DUAL, _PLURAL_SHORT, _PLURAL_SEAT),
)
"""All that may follow the core of a verb, nothing among it."""


def past_stems(past: str, *, strict: bool, is_marked: bool = False) -> tuple[Stem, ...]:
    """Return the stems of a past, written with its hamzas. `is_marked`: never without an ending."""
    cores = ((past, _PAST_MARKED),) if is_marked else _past(past)
    return tuple(_stem(core, endings, strict) for core, endings in cores)


def imperfect_stems(rest: str, *, strict: bool) -> tuple[Stem, ...]:
    """Return the stems of an imperfect, given without the letter of its person."""
    persons = _PERSONS.get(len(rest), "يتنأ")
    return tuple(
        _stem(future + person + core, endings, strict)
        for core, endings in _imperfect(rest)
        for future in _FUTURE
        for person in (persons if not future else "يتنأ")
    )


def passives(past: str, imperfect: str) -> Iterator[tuple[str, str]]:
    """Yield the past and the imperfect of a passive that is written unlike the active: هوجم, أصيب يصاب.

    Either may be "" where it is written alike.
    """
    if len(past) == 4 and past[1] == "ا":
        yield past[0] + "و" + past[2:], ""
    elif len(past) >= 4 and past[-2] == "ا" and len(imperfect) >= 2 and imperfect[-2] in "يا":
        yield past[:-2] + "ي" + past[-1], imperfect[:-2] + "ا" + imperfect[-1]
    elif len(past) >= 4 and past[-1] == "ى" and imperfect[-1] == "ي":
        yield past[:-1] + "ي", imperfect[:-1] + "ى"


def _past(past: str) -> Iterator[tuple[str, Mapping[str, Ending]]]:
    last, before = past[-1], past[:-1]
    if last in "اى":
        yield past, _WHOLE
        yield before, _PAST_SHORT
        yield before + ("ي" if last == "ى" else "و"), _PAST_LONG
        yield before + "ا", _PRONOUN
        return
    yield past, _PAST_SOUND
    if last == "ي":
        yield before, _BEFORE_WAW
    if last == "أ":
        yield before + "ؤ", _BEFORE_WAW


def _imperfect(rest: str) -> Iterator[tuple[str, Mapping[str, Ending]]]:
    last, before = rest[-1], rest[:-1]
    if last in "يوى":
        if last == "ى":
            yield rest, _WHOLE
            yield before + "ا", _PRONOUN
            yield before + "ي", _IMPERFECT_DUAL
        else:
            yield rest, _IMPERFECT_LONG
        if len(before) > 1:
            yield before, _IMPERFECT_SHORT
        else:
            yield before, _PLURAL_SHORT
        return
    yield rest, _IMPERFECT_SOUND
    if last == "أ":
        yield before + "ؤ", _PLURAL_SEAT


def _stem(core: str, endings: Mapping[str, Ending], strict: bool) -> Stem:
    return Stem(core if strict else loosen(core), endings, _VERB)
