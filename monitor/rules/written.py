"""Every term of an entry as it stands in its file, with its place; guards and exclusions are terms too.

For those who must point at a text; what a term means is said by `catalog`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from monitor.rules.catalog import Entity, Entry, TermList
from monitor.rules.expression import Word
from monitor.rules.faults import Path
from monitor.rules.marks import REFERENCE, TERM_KEYS
from monitor.rules.terms import Mode

_MODES: Mapping[str, Mode] = {mode.value: mode for mode in Mode}
_KEYED = {**_MODES, "words": Mode.WORD, "patterns": Mode.PATTERN, "names": Mode.WORD}
_HOLDING = {
    "lists": ("forms", "words", "exact", "starts", "patterns", "terms", "not_part_of"),
    "entities": ("names", "not_part_of", "needs"),
    "rules": ("match",),
}
_NO_TERMS = frozenset(("within", "ordered", "fields", "at_least", "mentions", "entity", "file", *TERM_KEYS)) - {
    "not_part_of"
}


@dataclass(frozen=True, slots=True)
class Written:
    """A term as it stands in a file, without its mark; a query has no mode. `begin` is where in the text at `path` it
    begins, None when that text is in a file beside it.
    """

    path: Path
    text: str
    mode: Mode | None
    lang: str = ""
    begin: int | None = None

    def spot(self, at: int) -> Path:
        """The place of one of its characters."""
        return self.path if self.begin is None else (*self.path, self.begin + at)


def written_in(entry: Entry, data: Mapping[str, Any]) -> Iterator[Written]:
    """Every term of an entry, in written order; `data` is its whole file.

    What stands in a file beside it, a table or a word list, has the place that the entry gives it.
    """
    section, id = str(entry.path[0]), entry.path[-1]
    own = data[section][id] if section in _HOLDING else {}
    for key in _HOLDING.get(section, ()):
        if isinstance(own, dict) and key in own:
            yield from _below(own[key], (*entry.path, key), _KEYED.get(key))
    if isinstance(entry.thing, TermList):
        for item in entry.thing.items:
            if isinstance(item, Word) and item.path[-1] == "file":
                yield Written(item.path, item.term.text, item.term.mode, item.term.lang)
    elif isinstance(entry.thing, Entity) and section not in _HOLDING:
        for name in entry.thing.names:
            yield Written(entry.path, name.text, name.mode, name.lang)


def _below(data: Any, path: Path, mode: Mode | None) -> Iterator[Written]:
    if isinstance(data, list):
        for index, item in enumerate(data):
            yield from _below(item, (*path, index), mode)
    elif isinstance(data, str):
        text = data.strip()
        if text and not REFERENCE.fullmatch(text):
            term, meant = (text, mode) if mode else _unmarked(text)
            yield Written(path, term, meant, begin=data.index(term))
    else:
        if "term" in data:
            mode = _MODES[data.get("mode", "word").strip().lower()]
            term = data["term"].strip()
            yield Written((*path, "term"), term, mode, data.get("lang", ""), data["term"].index(term))
        for key, value in data.items():
            if key == "query":
                yield Written((*path, key), value, None, begin=0)
            elif key not in _NO_TERMS:
                yield from _below(value, (*path, key), None)


def _unmarked(text: str) -> tuple[str, Mode]:
    """A term without its mark, and the mode that the mark means."""
    if len(text) > 2 and text[0] == text[-1] == "/":
        return text[1:-1], Mode.PATTERN
    if text[0] in "~=":
        return text[1:].strip(), Mode.FORMS if text[0] == "~" else Mode.EXACT
    return (text[:-1], Mode.STARTS) if len(text) > 1 and text[-1] == "*" else (text, Mode.WORD)
