"""What must stand in an index of folded words for a rule to match: its plan's groups as beginnings of words. Pure.

Necessary, never sufficient: what is found so is judged by the engine. A token stands for a word of a term only as
prefix, core and suffix, and the prefixes of a script are few, so a look-up is a handful of words and beginnings.
"""

from __future__ import annotations

import re
from typing import NamedTuple, TypeAlias

from monitor.rules.compiler import Compiled
from monitor.rules.plan import plans
from monitor.rules.wording import Mode, Term
from monitor.rules.words import Form, Word, phrases
from monitor.text.fold import folded
from monitor.text.grammar import WHOLE
from monitor.text.grammars import ARABIC, OTHER, PREFIXES

MOST = 2_000
"""Things that one group looks up. What wants more is not looked up: reading the archive is no slower then."""


class Sought(NamedTuple):
    """Words side by side, as an index holds them; `is_open`: the last may go on."""

    words: tuple[str, ...]
    is_open: bool


Way: TypeAlias = tuple[frozenset[Sought], ...]
"""One phrase of a term: for each of its words what it may look like. All must be there."""

Group: TypeAlias = tuple[Way, ...]
"""Ways of which an article needs one."""

_NEWER = "\U00020000"
"""From here on an index may take a letter for none: its tables are older."""

_RUN = re.compile(r"[^\W_]+")


def lookup(compiled: Compiled, rule: str) -> tuple[Group, ...]:
    """The groups of which an article that a rule matches has a way each. None when every article must be judged.

    A group is left out when something in it leaves no trace in an index: a regular expression, `translit`.
    """
    found = []
    for leaves in plans(compiled)[rule].groups:
        terms = [compiled.terms[number] for leaf in sorted(leaves) for number in compiled.leaves[leaf].terms]
        if (group := _group(terms)) is not None:
            found.append(group)
    return tuple(found)


def _group(terms: list[Term]) -> Group | None:
    ways: dict[Way, None] = {}
    size = 0
    for term in terms:
        if term.mode is Mode.PATTERN:
            return None
        for phrase in phrases(term):
            way = tuple(map(_sought, phrase.words))
            size += sum(map(len, way))
            if not all(way) or size > MOST:
                return None
            ways[way] = None
    return tuple(ways)


def _sought(word: Word) -> frozenset[Sought]:
    """What a word may look like in an index; nothing when it may leave no trace there."""
    found = set()
    for stem in word.stems():
        runs = [_simple(run) for run in _RUN.findall(folded(stem.core))]
        if not runs or max(stem.core) >= _NEWER:
            return frozenset()
        is_open = word.form is Form.STARTS or (word.script == ARABIC and stem.endings != WHOLE)
        for prefix in PREFIXES[word.script]:
            words = (prefix + runs[0], *runs[1:])
            found.add(Sought(words, is_open))
            if word.script == OTHER and "s" in stem.endings and not is_open:
                found.add(Sought((*words[:-1], words[-1] + "s"), False))
    return frozenset(found)


def _simple(run: str) -> str:
    """A run with each letter as an index folds it: ς is σ."""
    letters = (letter.casefold() for letter in run)
    return "".join(folded if len(folded) == 1 else letter for folded, letter in zip(letters, run, strict=True))
