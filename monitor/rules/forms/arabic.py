"""The inflected forms of an Arabic word: our own families, verbal nouns by their pattern, else what simplemma lists.

Only what the grammar of clitics, duals and sound plurals cannot make is returned; that grammar then applies to each
form. A word of our own list asks no other: simplemma gives طالب (student) the forms of طالب (to demand).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from monitor.rules.forms.inflected import Inflected, Kind
from monitor.rules.forms.nouns_ar import NOUNS
from monitor.rules.forms.tables import Table
from monitor.rules.forms.verbs_ar import VERBS
from monitor.text import arabic, arabic_verbs
from monitor.text.fold import loosen

_LEAST_ADJECTIVE = 3
_FOURTH = 4
"""Letters of a verb like أكمل."""

_ROOT = 3
"""Letters of a word that may be verb and verbal noun in one, as أكل is; a longer noun takes no verb's forms, but for
one in ت.
"""


class _Verb(NamedTuple):
    past: str
    imperfect: str  # without its first letter
    is_marked: bool = False


class _Family(NamedTuple):
    nouns: tuple[str, ...]
    verbs: tuple[_Verb, ...] = ()


def _families() -> Iterator[_Family]:
    for group in NOUNS.replace("\n", "|").split("|"):
        if group:
            yield _Family(tuple(group.split()))
    for line in VERBS.strip().splitlines():
        nouns, *verbs = line.split("|")
        pairs = (verb.split() for verb in verbs)
        yield _Family(
            tuple(nouns.split()),
            tuple(_Verb(past.rstrip("-"), imperfect[1:], past.endswith("-")) for past, imperfect in pairs),
        )


def _index() -> dict[str, list[_Family]]:
    families = tuple(_families())
    nouns = {noun for family in families for noun in family.nouns}
    singulars = {loosen(family.nouns[0]) for family in families if not family.verbs}
    found: dict[str, list[_Family]] = {}
    for family in families:
        first = family.nouns[0]
        if first + "ون" in nouns and len(first) > _ROOT and first + "ة" not in nouns:
            family = _Family((*family.nouns, first + "ة"))  # مسلحة for مسلح; but مستوطنة is a settlement
        # طالب is looked for as the student, not also as to demand
        pasts = [verb.past for verb in family.verbs if not verb.is_marked or loosen(verb.past) not in singulars]
        imperfects = ["ي" + verb.imperfect for verb in family.verbs]
        for key in dict.fromkeys(map(loosen, (*family.nouns, *pasts, *imperfects))):
            found.setdefault(key, []).append(family)
    return found


_FAMILIES = _index()


def own(word: str) -> tuple[Inflected, ...]:
    """Return the forms of a word that needs no table: one of our list, or a verbal noun of a clear pattern."""
    if arabic.article(word):
        return _definite(own(word[2:]))
    families = _FAMILIES.get(loosen(word)) or [family for family in (_derived(word),) if family]
    return _spread(families)


def inflect(word: str, lemma: str, listed: Sequence[str], table: Table) -> tuple[Inflected, ...]:
    """Return the forms of any other word: those that simplemma lists for its lemma."""
    if arabic.article(word):
        return _definite(inflect(word[2:], lemma, listed, table))
    if known := own(lemma):
        return known
    nouns = [form for form in (lemma, *listed) if table.get("ال" + form) == lemma]
    verbs = tuple(_listed_verb(lemma, listed))
    if verbs and lemma[0] == "أ" and len(lemma) == _FOURTH:
        nouns = []  # أكمل is also listed as "more complete", with a feminine that nobody uses
    elif nouns and len(lemma) != _ROOT and lemma[0] != "ت":
        return tuple(map(Inflected, dict.fromkeys((word, *_irreducible(nouns)))))
    return _spread([_Family(tuple(_irreducible(nouns)), verbs)])


def _listed_verb(lemma: str, listed: Sequence[str]) -> Iterator[_Verb]:
    """Yield the verb that a lemma is, when an imperfect or its dual past (كتبتا) is listed."""
    imperfects = sorted((form for form in listed if form[0] == "ي" and len(form) > _ROOT), key=len)
    is_root, first = len(lemma) == _ROOT, lemma[0]
    if any(form.startswith("ي" + lemma) for form in imperfects):
        yield _Verb(lemma, lemma)
    elif is_root and first == "أ":
        return  # أهم is more often "more important"
    elif imperfects:
        yield _Verb(lemma, imperfects[0][1:].removesuffix("ا"))  # the shortest is bare or the dual: يؤكد, يصيبا
    elif lemma.removesuffix("ى") + "تا" in listed and not (is_root and lemma[1] == "ا"):  # قال does not tell يقول
        rest = lemma[1:] if (first == "أ") != (first == "و" and is_root) else lemma
        yield _Verb(lemma, rest[:-1] + "ي" if rest[-1] == "ى" else rest)


def feminine(word: str) -> tuple[Inflected, ...]:
    """Return the feminine that an adjective of a phrase takes: صاروخ باليستي, صواريخ باليستية."""
    rest = word[2:] if arabic.article(word) else word
    if word[-1] in "ةىا" or len(rest) < _LEAST_ADJECTIVE:
        return ()
    return (Inflected(word + "ة"),)


def _spread(families: Iterable[_Family]) -> tuple[Inflected, ...]:
    found: dict[Inflected, None] = {}
    for family in families:
        found.update(dict.fromkeys(map(Inflected, family.nouns)))
        for verb in family.verbs:
            found[Inflected(verb.past, Kind.MARKED if verb.is_marked else Kind.PAST)] = None
            found[Inflected(verb.imperfect, Kind.IMPERFECT)] = None
            for past, imperfect in arabic_verbs.passives(verb.past, verb.imperfect):
                found[Inflected(past, Kind.PAST)] = None
                if imperfect:
                    found[Inflected(imperfect, Kind.IMPERFECT)] = None
    return tuple(found)


def _definite(forms: Iterable[Inflected]) -> tuple[Inflected, ...]:
    """A term written with its article means nouns that have one."""
    return tuple(Inflected("ال" + form.text.removeprefix("ال")) for form in forms if form.kind is Kind.WORD)


def _irreducible(forms: Iterable[str]) -> list[str]:
    """Leave out what the grammar makes of another form by itself."""
    kept: list[str] = []
    for form in sorted(forms, key=lambda form: (len(form), form)):
        if not any(_is_made_of(form, shorter) for shorter in kept):
            kept.append(form)
    return kept


def _is_made_of(form: str, shorter: str) -> bool:
    if shorter[-1] == "ة":
        return form.startswith(shorter[:-1]) and form[len(shorter) - 1 :] in ("ات", "تان", "تين", "تا", "تي")
    return form.startswith(shorter) and form[len(shorter) :] in ("ا", "ات", "ان", "ين", "ون", "و", "ي")


# --- derived verbs -----------------------------------------------------------------------------------------------


def _derived(word: str) -> _Family | None:
    """The family of an unlisted verbal noun (or past) of the forms VII, VIII and X, whose patterns are no others'."""
    if word[0] != "ا":
        return None
    noun = word.removesuffix("ة")
    past = _past_of(noun)
    if past:
        return _Family((word,), (_Verb(past, _imperfect_of(past)),))
    if _is_past(word):
        return _Family((word[:-1] + "ا" + word[-1],), (_Verb(word, _imperfect_of(word)),))
    return None


def _past_of(noun: str) -> str:
    """The past of a verbal noun without its ة, "" when the noun has another pattern: استهداف, انفجار, اعتقال."""
    tenth = noun.startswith("است") and len(noun) in (6, 7)
    if noun[-2:-1] != "ا":
        return ""
    if not tenth and not (len(noun) == 6 and (noun[1] == "ن" or noun[2] in "تطد")):
        return noun[:3] + noun[4] if len(noun) == 5 and noun[1] == "ت" else ""
    if len(noun) == 6 and tenth:
        return noun  # استقالة
    if noun[-2:] == "اء":
        return noun[:-2] + "ى"
    if noun[-3] == "ي":
        return noun[:-3] + noun[-2:]  # اغتيال, انهيار
    if noun[-3] == noun[-1]:
        return noun[:-2]  # احتلال
    rest = noun[:-2] + noun[-1]
    return "استو" + rest[4:] if tenth and rest[3] == "ي" else rest.replace("ئ", "أ")


def _is_past(word: str) -> bool:
    """Whether a word can only be a past: استهدف, انفجر, اعتقل."""
    if word.startswith("است"):
        return len(word) == 6 and "ا" not in word[3:]
    return len(word) == 5 and "ا" not in word[1:] and (word[1] == "ن" or word[2] in "تط")


def _imperfect_of(past: str) -> str:
    rest = past[1:]
    if rest[-1] == "ى":
        return rest[:-1] + "ي"
    return rest[:-2] + "ي" + rest[-1] if rest.startswith("ست") and rest[-2] == "ا" else rest
