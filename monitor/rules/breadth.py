"""Which terms hit too many articles, counted in a sample. Pure: takes articles, returns what to say and where.

A term that needs nothing close to it is too wide when it hits more than one article in a hundred. In a sample too
small to show that, and beside other terms, only words that hit most of the articles in their letters are told.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any as Data

from monitor.model import Article
from monitor.rules.catalog import Catalog, Entity, TermList
from monitor.rules.engine import Ruleset
from monitor.rules.expression import All, Any, AtLeast, Clause, Leaf, Node, Word, words
from monitor.rules.faults import Path
from monitor.rules.memo import Lexicon
from monitor.rules.terms import Term
from monitor.rules.written import written_in
from monitor.text.document import Document, prepare

WIDE = 0.01
COMMON = 0.8
COMMON_ALONE = 2 / 3
ENOUGH = 500
"""Articles in which one in a hundred is more than chance."""

LEAST_HITS = 5
"""Articles that a term must hit before a share of them says anything."""

FIRST_WORDS = 50
"""Words of an article by which its letters are told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wide:
    """A term that hits too many articles: where it stands, and what to say of it."""

    file: int
    path: Path
    message: str


@dataclass(slots=True)
class _Count:
    """How many articles there were, in all and by their letters, and how many each term hit."""

    articles: int = 0
    by_letters: Counter[str] = field(default_factory=Counter)
    hits: Counter[int] = field(default_factory=Counter)


def too_wide(
    ruleset: Ruleset, catalog: Catalog, data: Sequence[Mapping[str, Data]], sample: Iterable[Article], name: str
) -> Iterator[Wide]:
    """The terms of active rules that hit too many articles of a sample called `name`, the widest first.

    `data` is what each file holds.
    """
    terms = ruleset.compiled.terms
    count = _count(terms, sample)
    loose = {term: id for id, rule in ruleset.rules.items() for leaf in _loose(rule.node) for term in leaf.terms}
    places: dict[Term, list[tuple[str, int, Path]]] = {}
    for term, place in _places(catalog, data):
        places.setdefault(term, []).append(place)
    for number, hit in sorted(count.hits.items(), key=lambda found: (-found[1], found[0])):
        term = terms[number]
        letters = _letters([term.text])
        own = count.by_letters[letters]
        if hit < LEAST_HITS:
            return
        rule = loose.get(number)
        if hit > (COMMON if rule is None else COMMON_ALONE) * own:
            where = f"the articles in {letters.title()} letters in {name}" if letters else name
            figure = f"{hit / own:.0%} of {where} ({hit:,} of {own:,})"
            advice = "so common a word tells nothing; leave it out, or write a longer phrase"
        elif rule is not None and count.articles >= ENOUGH and hit > WIDE * count.articles:
            figure = f"{hit / count.articles:.1%} of {name} ({hit:,} of {count.articles:,} articles)"
            advice = (
                f"rule {rule!r} needs nothing close to it; write a longer phrase, or put more beside it with 'all' "
                "and 'within'"
            )
        else:
            continue
        for about, file, path in places.get(replace(term, needs=None), ()):
            yield Wide(file=file, path=path, message=f"{about}: '{term.text}' hits {figure}; {advice}")


def _count(terms: Sequence[Term], sample: Iterable[Article]) -> _Count:
    lexicon, count = Lexicon(terms), _Count()
    for article in sample:
        document = prepare(article)
        count.articles += 1
        count.by_letters[_letters(_words_of(document))] += 1
        count.hits.update(lexicon.hits(document).keys())
    return count


def _words_of(document: Document) -> list[str]:
    return [token.text for token in (*document.title.tokens, *document.text.tokens)[:FIRST_WORDS]]


def _letters(words: Iterable[str]) -> str:
    """The script that most words begin in, as Unicode names it: LATIN, ARABIC, CJK ..."""
    first = (unicodedata.name(word[:1], "").partition(" ")[0] for word in words)
    return max(Counter(name for name in first if name != "DIGIT").items(), key=lambda item: item[1], default=("", 0))[
        0
    ]


def _loose(node: Node) -> Iterator[Leaf]:
    """The leaves that need nothing close to them: no `within` is around them, and no count."""
    if isinstance(node, Leaf):
        yield node
    elif isinstance(node, (All, Any)) or (isinstance(node, AtLeast) and node.count == 1):
        for child in node.children:
            yield from _loose(child)
    elif isinstance(node, Clause) and not (node.within or node.fields or node.mentions > 1):
        for part in node.parts:
            yield from _loose(part)


def _places(catalog: Catalog, data: Sequence[Mapping[str, Data]]) -> Iterator[tuple[Term, tuple[str, int, Path]]]:
    """Every term with whose it is and where it stands; of equal ones the last."""
    for id, entry in catalog.entries.items():
        about, thing = f"{entry.sort} {id!r}", entry.thing
        if isinstance(thing, TermList):
            found = [(item.term, item.path) for item in thing.items if isinstance(item, Word)]
        elif isinstance(thing, Entity):
            paths = {one.text: one.path for one in reversed(tuple(written_in(entry, data[entry.file])))}
            found = [(name, paths[name.text]) for name in thing.names]
        else:
            found = [] if thing is None else [(word.term, word.path) for word in words(thing)]
        for term, path in found:
            yield term, (about, entry.file, path)
