"""What a list or an entity catches: samples of the forms a term is found in, and what some articles really held.

A sample is a candidate made by adding the clitics, endings and possessives of its script; it is shown only when the
term is found in it, so that this page never claims what the grammar does not do.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice

from monitor.model import Article
from monitor.rules import forms
from monitor.rules.beside import beside
from monitor.rules.compiler import Compiled
from monitor.rules.memo import Lexicon
from monitor.rules.phrases import Evidence
from monitor.rules.terms import Mode, Term
from monitor.rules.words import asked
from monitor.text.document import Document, prepare
from monitor.text.tokens import ARABIC_FIRST

MOST_SAMPLES = 10

_ARABIC_PREFIXES = ("ال", "بال", "لل", "و", "ب", "ل")
_ARABIC_ENDINGS = ("ات", "ين", "ه", "ها")
_AFTER_TA = ("ات", "تين", "ته", "تها")

_Place = tuple[int, int]
"""The first and the last token of a hit."""


@dataclass(slots=True)
class Caught:
    """What articles held: how many there were, each form that counted with its hits, and each that did not, with the
    longer hit in which it stood ("" for a name without the company it needs).
    """

    articles: int = 0
    forms: Counter[str] = field(default_factory=Counter)
    lost: Counter[tuple[str, str]] = field(default_factory=Counter)


def samples(term: Term) -> tuple[str, ...]:
    """Forms beside the one written in which a term is found, at most ten."""
    if term.mode not in (Mode.WORD, Mode.FORMS):
        return ()
    lexicon = Lexicon([_bare(term)])
    candidates = dict.fromkeys((*_inflected(term), *_candidates(term.text)))
    found = (form for form in candidates if form != term.text and _is_found(lexicon, form))
    return tuple(islice(found, MOST_SAMPLES))


def caught(terms: Sequence[Term], articles: Iterable[Article]) -> Caught:
    """Count the forms of terms in articles."""
    company = tuple(other for term in terms if term.needs for other in term.needs.terms)
    every = tuple(dict.fromkeys((*terms, *company)))
    own = range(len(terms))
    lexicon, needs = Lexicon(every), Compiled(every, (), {}).company()
    bare = Lexicon(list(map(_bare, terms)))
    guarding = Lexicon(list(dict.fromkeys(guard for term in terms for guard in term.not_part_of)))
    result = Caught()
    for article in articles:
        result.articles += 1
        document = prepare(article)
        hits = beside(document.scan, lexicon.places(document), needs)
        counted = {_place(hit) for term in own for hit in hits.get(term, ())}
        around = {_place(hit) for found in guarding.places(document).values() for hit in found}
        for place in dict.fromkeys(_place(hit) for found in bare.places(document).values() for hit in found):
            text = _surface(document, place)
            if place in counted:
                result.forms[text] += 1
            else:
                inside = next((_surface(document, one) for one in sorted(around) if _covers(one, place)), "")
                result.lost[text, inside] += 1
    return result


def _bare(term: Term) -> Term:
    return replace(term, not_part_of=(), needs=None)


def _place(hit: Evidence) -> _Place:
    return hit.first, hit.last


def _inflected(term: Term) -> Iterator[str]:
    """The forms that stand for a word of which every form is looked for."""
    if term.mode is Mode.FORMS and len(term.text.split()) == 1:
        for language, word in asked(_bare(term)):
            yield from (form.text for form in forms.expand(language, word))


def _candidates(text: str) -> Iterator[str]:
    if ARABIC_FIRST.search(text):
        bare = text.removeprefix("ال")
        yield from (prefix + (bare if prefix.endswith(("ال", "لل")) else text) for prefix in _ARABIC_PREFIXES)
        stem, endings = (text[:-1], _AFTER_TA) if text.endswith("ة") else (text, _ARABIC_ENDINGS)
        yield from (stem + ending for ending in endings)
    else:
        yield f"{text}'" if text.endswith("s") else f"{text}'s"
        yield from (text.replace(" ", "-"), text.replace("-", " "))


def _is_found(lexicon: Lexicon, form: str) -> bool:
    """Whether the whole of a form is a hit."""
    document = prepare(Article(id="", source="", title="", text=form))
    whole = 0, len(document.scan) - 1
    return any(_place(hit) == whole for hits in lexicon.places(document).values() for hit in hits)


def _surface(document: Document, place: _Place) -> str:
    """The words of a hit as they stand in the article, on one line."""
    scan = document.scan
    return " ".join(scan.raw(scan.starts.item(place[0]), scan.ends.item(place[1])).split())


def _covers(longer: _Place, place: _Place) -> bool:
    return longer[0] <= place[0] and place[1] <= longer[1]
