"""What is worth a warning although nothing is wrong: terms that were meant otherwise, clauses that can never hold,
guards that guard nothing. Reads rules, never articles; every warning says what to do.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from monitor.model import Article
from monitor.rules.catalog import Catalog, Entity, Entry, TermList
from monitor.rules.expression import Word, words
from monitor.rules.faults import Faults, Path
from monitor.rules.filters import Filters, Wanted
from monitor.rules.futile import Known, futile
from monitor.rules.lookalikes import intruders, invisible, named, script, visible
from monitor.rules.memo import Lexicon
from monitor.rules.slips import slips
from monitor.rules.terms import Mode, Term
from monitor.rules.written import Written, written_in
from monitor.text.document import prepare
from monitor.text.fold import folded
from monitor.text.tokens import ARABIC_FIRST

_SEPARATORS = re.compile("[\\s_\u200c-]+")
_REFERENCE = re.compile(r"\$([a-z][a-z0-9-]*)(?=[\s,])")


@dataclass(frozen=True, slots=True)
class LintFile:
    """One rule file: what it holds, which of its texts run over several lines, and how a place in it is told."""

    data: Mapping[str, Any]
    wrapped: Collection[Path]
    place: Callable[[Path], str]
    faults: Faults = field(default_factory=Faults)


def lint(catalog: Catalog, files: Sequence[LintFile], filters: Mapping[str, Filters]) -> None:
    """Add every warning to the faults of the file it concerns. `filters` are those of each rule."""
    known: Known = {}
    for id, entry in catalog.entries.items():
        file = files[entry.file]
        file.faults.about = f"{entry.sort} {id!r}: "
        written = tuple(written_in(entry, file.data))
        for one in written:
            _text(one, catalog, file)
        _entry(entry, written, catalog, known, file)
        for key, message in _impossible(filters.get(id, Filters())):
            file.faults.warn((*entry.path, key), f"{key}: {message}")
        file.faults.about = ""


def _entry(entry: Entry, written: Sequence[Written], catalog: Catalog, known: Known, file: LintFile) -> None:
    thing = entry.thing
    if isinstance(thing, TermList):
        items = [(item.term, item.path) for item in thing.items if isinstance(item, Word)]
        _same(items, file)
        _idle_guards(items, written, file)
    elif isinstance(thing, Entity):
        _same([(Term(one.text), one.path) for one in written if one.path[2:3] in (("names",), ())], file)
        _idle_guards([(name, entry.path) for name in thing.names], written, file)
        _one_script(thing, entry.path, file)
    else:
        assert thing is not None  # nothing is faulty when it is linted
        for path, message in futile(thing, (*entry.path, "match"), catalog, known):
            file.faults.warn(path, message)
        for word in words(thing):
            _idle_guards([(word.term, word.path)], written, file)


# --- texts -----------------------------------------------------------------------------------------------


def _text(one: Written, catalog: Catalog, file: LintFile) -> None:
    """What the letters of a term hide, and what it was meant to be."""
    faults = file.faults
    for at, hidden in invisible(one.text):
        faults.warn(one.spot(at), f"'{visible(one.text)}': {hidden} shows nothing; type the text again without it")
    for at, word, letters, meant in intruders(one.text):
        kinds = f"{', '.join(map(named, letters))} among {script(meant[0])} letters"
        faults.warn(one.spot(at), f"{word!r}: {kinds}; texts spell {meant!r}, so type the word again")
    if one.mode is None:
        return
    if one.path in file.wrapped:
        faults.warn(
            one.path,
            f"'{one.text}': several lines are read as one term; begin each item with '- ', or put it in quotes",
        )
    if (found := _REFERENCE.match(one.text)) and found[1] in catalog.entries:
        faults.warn(
            one.path, f"'{one.text}': only a whole item is a reference; '{found[0]}' is looked for as text here"
        )
    for slip in slips(one.text, one.mode, one.lang):
        faults.warn(one.path, f"'{one.text}': {slip}")


# --- lists and entities ----------------------------------------------------------------------------------


def _same(items: Sequence[tuple[Term, Path]], file: LintFile) -> None:
    """Terms of one list that find the same."""
    seen: dict[tuple[object, ...], tuple[Term, Path]] = {}
    for term, path in items:
        first, there = seen.setdefault(_key(term), (term, path))
        if there != path:
            why = "once is enough" if first.text == term.text else "spellings that fold alike count as one"
            file.faults.warn(
                path, f"'{term.text}' finds the same as '{first.text}' at {file.place(there)}; {why}, so leave it out"
            )


def _key(term: Term) -> tuple[object, ...]:
    """Terms of one list with the same key find the same. Capitals matter where they decide (US, us)."""
    plain = term.mode is not Mode.PATTERN and not term.strict and not term.text.isupper()
    return (
        term.mode,
        term.lang,
        term.cased,
        term.name,
        _SEPARATORS.sub(" ", folded(term.text)) if plain else term.text,
    )


def _idle_guards(items: Sequence[tuple[Term, Path]], written: Sequence[Written], file: LintFile) -> None:
    """Guards in which none of the terms they guard stands."""
    paths = {one.text: one.path for one in reversed(written) if "not_part_of" in one.path}
    guards = dict.fromkeys(guard for term, _ in items for guard in term.not_part_of)
    if not guards:
        return
    guarded = Lexicon([term for term, _ in items])
    bare = Lexicon([replace(term, not_part_of=()) for term, _ in items])
    for guard in guards:
        # lower-case words before it: alone, a guard in capitals would be a shouted sentence
        document = prepare(Article(id="", source="", title="", text=f"so it is {guard.text}"))
        if guard.mode is not Mode.PATTERN and bare.hits(document) == guarded.hits(document):
            file.faults.warn(
                paths.get(guard.text, items[0][1]),
                f"not_part_of '{guard.text}' takes nothing away: no term that it guards is part of it; leave it out, "
                "or write the longer phrase that holds one",
            )


def _one_script(entity: Entity, path: Path, file: LintFile) -> None:
    """Names that only texts in Arabic letters can hold."""
    if any(name.translit for name in entity.names):
        return
    if all(ARABIC_FIRST.search(name.text) for name in entity.names):
        file.faults.warn(
            (*path, "names"),
            "every name is in Arabic letters and translit is off, so texts in Latin letters never name it; add a "
            "name in Latin letters, or write {term: ..., translit: true}",
        )


# --- filters ---------------------------------------------------------------------------------------------


def _impossible(filters: Filters) -> Iterator[tuple[str, str]]:
    """Filters that no article passes."""
    for key in ("sources", "languages", "publishers"):
        for wanted in getattr(filters, key):
            yield from ((key, message) for message in _refused(wanted))
    for wanted in filters.languages:
        if len(wanted.all) > 1:
            yield "languages", "an article has one language: write 'any' instead of 'all'"


def _refused(wanted: Wanted) -> Iterator[str]:
    if wanted.any == ():
        yield "an empty list admits nothing: the rule never holds. Leave the key out to admit everything"
    for word in sorted({*(wanted.any or ()), *wanted.all} & set(wanted.none)):
        if word in wanted.all or wanted.any == (word,):
            yield f"{word!r} is wanted and refused: the rule never holds"
