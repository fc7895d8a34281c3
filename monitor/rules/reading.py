"""From a rule's `match`, as typed, to the match tree with its names still open. Checked by hand, because what an
analyst got wrong in an expression is said better in the words of the expression than in those of a schema.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any as Data

from monitor.errors import did_you_mean
from monitor.rules import faults as read
from monitor.rules.expression import (
    All,
    Any,
    AtLeast,
    Clause,
    Name,
    Node,
    Pick,
    Points,
    Unit,
    Within,
    Word,
    is_negative,
)
from monitor.rules.faults import Faults, Path, one_of, shape
from monitor.rules.marks import REFERENCE, TERM_KEYS, TermReader, is_near_reference
from monitor.rules.query import MOST_COMBINED, Narrowing, read_query
from monitor.rules.querytokens import FIELDS, WIDEST
from monitor.timing import ascii_digits

KEYS = (
    *("all", "any", "at_least", "of", "points", "mentions", "entity", "query"),
    *("within", "ordered", "fields", "none", "nowhere"),
    *TERM_KEYS,
)
MEANT = {"not": "none", "except": "none", "exclude": "none", "and": "all", "or": "any", "near": "within"}
"""Keys that other languages have, and ours."""

SELECTORS = ("id", "kind", "country", "tag")
MOST_POINTS = 1000

_CURLY = "“”„«‘’"
_POINTS = re.compile(r"[-+]?[0-9]{1,4}")
_WORDS = re.compile(r"([0-9]+)\s*words?")


@dataclass(slots=True)
class Reader:
    """Reads expressions; what is wrong goes to `faults`, and None is returned for it."""

    faults: Faults
    terms: TermReader
    names: list[Name] = field(default_factory=list)  # every reference read, also in an expression that is faulty
    narrowings: list[Narrowing] = field(default_factory=list)  # what a query asks of the article as a whole
    root: Path = ()

    def match(self, data: Data, path: Path) -> Node | None:
        """A rule's whole `match`."""
        self.root = path
        node = self.node(data, path)
        if node is not None and is_negative(node):
            self.faults.add(path, "there is nothing to look for: 'none' and 'nowhere' only take matches away")
            return None
        return node

    def node(self, data: Data, path: Path) -> Node | None:
        """Any expression."""
        if isinstance(data, str):
            return self._text(data, path)
        if isinstance(data, list):
            return self._any(data, path)
        return self._mapping(data, path)

    def _text(self, data: str, path: Path) -> Node | None:
        text = data.strip()
        if not text:
            self.faults.add(path, "an empty item (a text that begins with '#' must be in quotes)")
            return None
        if found := REFERENCE.fullmatch(text):
            self.names.append(Name(found[1], path))
            return self.names[-1]
        if is_near_reference(text):
            self.faults.warn(
                path, f"{text!r} is looked for as text; a reference is '$' and an id of a-z, 0-9 and '-'"
            )
        term = self.terms.marked(text, path)
        return None if term is None else Word(term, text, path)

    def _items(self, data: Data, path: Path) -> tuple[Node, ...] | None:
        """The children under a key; a single one needs no list. None when one of them is faulty or there is none."""
        if data in ("", [], {}):
            self.faults.add(path, "nothing stands here")
            return None
        if not isinstance(data, list):
            node = self.node(data, path)
            return None if node is None else (node,)
        nodes = [self.node(item, (*path, index)) for index, item in enumerate(data)]
        return None if None in nodes else tuple(node for node in nodes if node is not None)

    def _any(self, data: Data, path: Path) -> Node | None:
        children = self._items(data, path)
        if children is None:
            return None
        if any(map(is_negative, children)):
            self.faults.add(
                path, "each alternative of 'any' must have something to look for, not only 'none' or 'nowhere'"
            )
            return None
        return Any(children)

    def _mapping(self, data: dict[str, Data], path: Path) -> Node | None:
        before = self._errors()
        self._keys(data, path)
        parts = [part for key in data if (part := self._positive(key, data, path)) is not None]
        within = self._within(data["within"], (*path, "within")) if "within" in data else None
        ordered = self._value(data, "ordered", path, read.flag, False)
        fields = self._value(data, "fields", path, _fields, ())
        mentions = self._value(data, "mentions", path, _count, 0)
        none = self._items(data["none"], (*path, "none")) if "none" in data else ()
        nowhere = self._items(data["nowhere"], (*path, "nowhere")) if "nowhere" in data else ()
        if self._errors() == before:
            self._sense(data, parts, path)
        if self._errors() > before:
            return None
        assert none is not None
        assert nowhere is not None
        if len(parts) == 1 and not (within or fields or none or nowhere or mentions):
            return parts[0]
        return Clause(tuple(parts), within, ordered, fields, none, nowhere, mentions, path=path)

    def _errors(self) -> int:
        return sum(fault.level == "error" for fault in self.faults.items)

    def _keys(self, data: dict[str, Data], path: Path) -> None:
        if not data:
            self.faults.add(path, "nothing stands here")
        if "term" not in data:
            for key in TERM_KEYS[1:]:
                if key in data:
                    self.faults.add(
                        (*path, key), f"{key!r} belongs to a spelt-out term: {{term: ..., {key}: ...}}", at_key=True
                    )
        for key, value in data.items():
            if key in KEYS:
                continue
            hint = (
                did_you_mean(MEANT.get(key.lower(), key), KEYS) or f"; known are {', '.join(KEYS[: -len(TERM_KEYS)])}"
            )
            if "did you mean" not in hint and isinstance(value, (str, dict)):
                straight = "straight quotes (not “ ”)" if key[:1] in _CURLY else "quotes"
                hint += f". If {key + ': ...'!r} is a text to look for, put it in {straight}: ': ' makes a mapping"
            self.faults.add((*path, key), f"unknown key {key!r}{hint}", at_key=True)

    def _sense(self, data: dict[str, Data], parts: list[Node], path: Path) -> None:
        """Faults of keys that do not go together."""
        if "ordered" in data and "within" not in data:
            self.faults.add((*path, "ordered"), "'ordered' needs a 'within' beside it", at_key=True)
        if mentions := "mentions" in data and all(map(is_negative, parts)):
            self.faults.add((*path, "mentions"), "'mentions' counts hits of all, any, at_least or entity beside it")
        if "within" not in data or mentions:
            return
        if all(map(is_negative, parts)):
            self.faults.add((*path, "within"), "'within' needs something to look for beside it: all, any or at_least")
        count = sum(len(part.children) if isinstance(part, All) else 1 for part in parts)
        if count > MOST_COMBINED:
            self.faults.add((*path, "within"), f"'within' combines at most {MOST_COMBINED} things, not {count}")

    def _positive(self, key: str, data: dict[str, Data], path: Path) -> Node | None:
        """The part that one positive key makes."""
        where = (*path, key)
        if key == "all":
            children = self._items(data[key], where)
            return None if children is None else All(children)
        if key == "any":
            return self._any(data[key], where)
        if key == "entity":
            return self._entity(data[key], where)
        if key == "query":
            return self._query(data[key], where)
        if key == "term":
            term = self.terms.spelt(data, path)
            return None if term is None else Word(term, term.text, path)
        if key in ("of", "points") and "at_least" not in data:
            self.faults.add(where, f"{key!r} needs 'at_least: N' beside it", at_key=True)
        if key != "at_least":
            return None
        count = self._value(data, "at_least", path, _count, None)
        if "of" in data and "points" in data:
            self.faults.add((*path, "points"), "'at_least' counts 'of' or 'points', not both", at_key=True)
        elif "of" in data:
            return self._at_least(count, data["of"], where, (*path, "of"))
        elif "points" in data:
            return self._points(count, data["points"], where, (*path, "points"))
        else:
            self.faults.add(where, "'at_least' needs 'of: [...]' or 'points: {...}' beside it", at_key=True)
        return None

    def _at_least(self, count: int | None, data: Data, path: Path, of: Path) -> Node | None:
        children = self._items(data, of)
        if children is None or count is None:
            return None
        spread = len(children) == 1 and isinstance(children[0], (Name, Pick))
        if any(map(is_negative, children)):
            self.faults.add(of, "each item of 'of' must have something to look for, not only 'none' or 'nowhere'")
            return None
        if self._stands_twice([((*of, index), child) for index, child in enumerate(children)]):
            return None
        if not spread and len(children) < count:
            self.faults.add(path, f"at_least {count} of {len(children)} can never hold")
            return None
        return AtLeast(count, children, spread, path)

    def _points(self, count: int | None, data: Data, path: Path, of: Path) -> Node | None:
        if not isinstance(data, dict) or not data:
            self.faults.add(of, f"expected points and what earns them, such as {{6: [leak]}}, not {shape(data)}")
            return None
        before = self._errors()
        items: list[tuple[int, Node]] = []
        for key, wanted in data.items():
            where = (*of, key)
            sign = ascii_digits(key.strip())
            if not _POINTS.fullmatch(sign) or not 0 < abs(int(sign)) <= MOST_POINTS:
                self.faults.add(where, f"{key!r} is no number of points: 6, or -4 to take away", at_key=True)
                continue
            children = self._items(wanted, where) or ()
            if any(map(is_negative, children)):
                self.faults.add(where, "each item must have something to look for, not only 'none' or 'nowhere'")
            items += [(int(sign), child) for child in children]
        self._stands_twice([(of, child) for _, child in items])
        if self._errors() > before or count is None:
            return None
        most = sum(points for points, _ in items if points > 0)
        if most < count:
            self.faults.add(path, f"at_least {count} of at most {most} points can never hold")
            return None
        return Points(count, tuple(items), path)

    def _stands_twice(self, items: list[tuple[Path, Node]]) -> bool:
        """Whether an item is named again where each counts once."""
        seen: set[Node] = set()
        for path, item in items:
            if not isinstance(item, (Word, Name)):
                continue
            if item in seen:
                label = item.label if isinstance(item, Word) else f"${item.name}"
                self.faults.add(path, f"{label!r} stands twice: each counts once")
                return True
            seen.add(item)
        return False

    def _query(self, data: Data, path: Path) -> Node | None:
        if not isinstance(data, str):
            self.faults.add(path, f"expected a query in one text, not {shape(data)}")
            return None
        node, narrowings, names = read_query(data, path, self.terms)
        self.names += names
        if narrowings and path[:-1] != self.root:
            self.faults.add(
                path, "'lang:', 'source:' and 'publisher:' narrow a whole rule; this query is part of one"
            )
            return None
        self.narrowings += narrowings
        return None if node is None else Clause((node,), is_query=True, path=path)

    def _entity(self, data: Data, path: Path) -> Node | None:
        if not isinstance(data, dict) or not data:
            hint = "{id: ...}" if isinstance(data, str) else "{kind: ...}"
            self.faults.add(path, f"expected a selection such as entity: {hint}, not {shape(data)}")
            return None
        before = self._errors()
        wanted = []
        for key in data:
            if key in SELECTORS:
                values = self._value(data, key, path, read.several, ())
                if not values:
                    self.faults.add((*path, key), f"{key}: nothing stands here")
                wanted.append((key, values))
            else:
                self.faults.add((*path, key), f"unknown key {key!r}{one_of(key, SELECTORS)}", at_key=True)
        return Pick(tuple(wanted), path) if self._errors() == before else None

    def _within(self, data: Data, path: Path) -> Within | None:
        text = ascii_digits(data).strip().lower() if isinstance(data, str) else ""
        if text in (Unit.SENTENCE, Unit.PARAGRAPH):
            return Within(Unit(text))
        found = _WORDS.fullmatch(text)
        if found and len(found[1]) < 9 and int(found[1]) <= WIDEST:
            return Within(Unit.WORDS, int(found[1]))
        hint = (
            f" (did you mean '{text} words'?)"
            if text.isdecimal()
            else did_you_mean(text, (Unit.SENTENCE.value, Unit.PARAGRAPH.value))
        )
        self.faults.add(
            path, f"within: expected sentence, paragraph or N words (at most {WIDEST}), not {shape(data)}{hint}"
        )
        return None

    def _value(self, data: dict[str, Data], key: str, path: Path, reader: Data, default: Data) -> Data:
        if key not in data:
            return default
        try:
            return reader(data[key])
        except ValueError as error:
            self.faults.add((*path, key), f"{key}: {error}")
            return default


def _count(data: Data) -> int:
    return read.whole_number(data, least=1, most=1000)


def _fields(data: Data) -> tuple[str, ...]:
    words = read.several(data)
    if not words:
        raise ValueError("nothing stands here")
    for name in words:
        if name not in FIELDS:
            raise ValueError(f"unknown field {name!r}{one_of(name, FIELDS)}")
    return words
