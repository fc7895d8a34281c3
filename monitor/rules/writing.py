"""From a match tree, read and not yet compiled, back to what is typed: the data of YAML, or a one-line query.

Reading what was written gives the same tree. A query says less than the tree; what it cannot say is refused in words.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any as Data

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
    Word,
    children_of,
    is_negative,
)
from monitor.rules.marks import REFERENCE
from monitor.rules.query import FILTERS, Narrowing
from monitor.rules.querytokens import written
from monitor.rules.terms import Mode, Term

_OR, _AND, _NEAR, _ONE = range(4)
"""How closely a piece of a query holds together."""


class NotSayable(ValueError):
    """The tree holds something that the one-line language has no words for; the message says what."""


# --- the tree, as typed ------------------------------------------------------------------------------------


def to_data(node: Node) -> Data:
    """The expression as the YAML that says it: texts, lists and mappings."""
    match node:
        case Word():
            return _term(node.term)
        case Name():
            return f"${node.name}"
        case Pick():
            return {"entity": {key: values[0] if len(values) == 1 else [*values] for key, values in node.wanted}}
        case All():
            return {"all": _each(node.children)}
        case Any():
            return {"any": _each(node.children)}
        case AtLeast():
            of = to_data(node.children[0]) if node.spread else _each(node.children)
            return {"at_least": str(node.count), "of": of}
        case Points():
            earned: dict[str, list[Data]] = {}
            for points, child in node.items:
                earned.setdefault(str(points), []).append(to_data(child))
            return {"at_least": str(node.count), "points": earned}
        case Clause():
            return to_data(node.parts[0]) if node.is_query else _mapping(node)
        case _:
            raise TypeError("a compiled tree is not what was typed")


def _each(nodes: Sequence[Node]) -> list[Data]:
    return [to_data(node) for node in nodes]


def _mapping(node: Clause) -> dict[str, Data]:
    """One mapping: its parts under keys of their own."""
    found: dict[str, Data] = {}
    for part in node.parts:
        own = _spelt(part.term) if isinstance(part, Word) else to_data(part)
        if isinstance(part, Clause):  # a query beside other keys
            own = {"all": [*found.get("all", ()), own]}
        found |= own
    if node.within:
        found["within"] = str(node.within)
    if node.ordered:
        found["ordered"] = "true"
    if node.mentions:
        found["mentions"] = str(node.mentions)
    if node.fields:
        found["fields"] = [*node.fields]
    for key, nodes in (("none", node.none), ("nowhere", node.nowhere)):
        if nodes:
            found[key] = _each(nodes)
    return found


def _term(term: Term) -> Data:
    """A term with its mark, spelt out where it has options or would be read as something else."""
    text = term.text
    if term == Term(text, term.mode):
        marked = {Mode.FORMS: f"~{text}", Mode.EXACT: f"={text}", Mode.STARTS: f"{text}*", Mode.PATTERN: f"/{text}/"}
        if term.mode in marked:
            return marked[term.mode]
        if not (REFERENCE.fullmatch(text) or text[0] in "~=/" or text[-1] == "*"):
            return text
    return _spelt(term)


def _spelt(term: Term) -> dict[str, Data]:
    spelt: dict[str, Data] = {"term": term.text}
    if term.mode is not Mode.WORD:
        spelt["mode"] = term.mode.value
    if term.lang:
        spelt["lang"] = term.lang
    for key, flag in (("cased", term.cased), ("name", term.name or None), ("translit", term.translit or None)):
        if flag is not None:
            spelt[key] = str(flag).lower()
    if term.strict:
        spelt["fold"] = "strict"
    if term.clitics_always:
        spelt["clitics"] = "always"
    if term.not_part_of:
        spelt["not_part_of"] = [_term(one) for one in term.not_part_of]
    return spelt


# --- the query ---------------------------------------------------------------------------------------------


def to_query(node: Node, narrowings: Sequence[Narrowing] = ()) -> str:
    """The expression as a one-line query. Raises NotSayable for what only the tree can say."""
    if not narrowings:
        return _said(node)[0]
    return " ".join((_bracketed(node, _AND), *(one for narrowing in narrowings for one in _prefixes(narrowing))))


def _prefixes(narrowing: Narrowing) -> Iterator[str]:
    """What a query asks of the whole article."""
    kind, wanted = narrowing
    name = next(prefix for prefix, filtered in FILTERS.items() if filtered == kind)
    for sign, words in (("", wanted.any), ("NOT ", wanted.none)):
        if words:
            text = " OR ".join(str(written(word, Mode.WORD)) for word in words)
            yield f"{sign}{name}:{text if len(words) == 1 else f'({text})'}"


def _said(node: Node) -> tuple[str, int]:
    """A piece of a query, and how closely it holds together."""
    match node:
        case Word():
            return _word(node.term), _ONE
        case Name():
            return f"${node.name}", _ONE
        case Pick() if len(node.wanted) == 1 and node.wanted[0][0] == "id":
            return _said(Any(tuple(Name(id) for id in node.wanted[0][1])))
        case Pick():
            raise NotSayable(f"a selection of entities ({node}); a list of their names could stand there")
        case All():
            return _joined(node.children, "AND", _AND)
        case Any():
            return _joined(node.children, "OR", _OR)
        case Clause():
            return _said(node.parts[0]) if node.is_query else _clause(node)
        case Points():
            raise NotSayable("'points'")
        case AtLeast():
            raise NotSayable("'at_least' with 'of'")
        case _:
            raise TypeError("a compiled tree is not what was typed")


def _joined(nodes: Sequence[Node], sign: str, level: int) -> tuple[str, int]:
    if len(nodes) == 1:
        return _said(nodes[0])
    return f" {sign} ".join(_bracketed(node, level + 1) for node in nodes), level


def _bracketed(node: Node, level: int) -> str:
    """A piece of a query, in brackets unless it holds together at least so closely."""
    text, own = _said(node)
    return text if own >= level else f"({text})"


def _clause(node: Clause) -> tuple[str, int]:
    things = tuple(_things(node.parts))
    text, level = _combined(node, things) if things else ("", _ONE)
    if node.mentions:
        text, level = f"atleast{node.mentions}({text})", _ONE
    if len(node.fields) > 1:
        raise NotSayable(f"'fields' of more than one field ({', '.join(node.fields)})")
    if node.fields and not all(_may_stand_in(node.fields, thing) for thing in (*things, *node.none)):
        raise NotSayable("'fields', 'none' or 'nowhere' inside 'fields'")
    if node.fields and things:
        text, level = f"{node.fields[0]}:{text if level == _ONE else f'({text})'}", _ONE
    nots = [*(_none(child, node) for child in node.none), *(_bracketed(child, _ONE) for child in node.nowhere)]
    if not nots:
        return text, level
    kept = [text if level > _OR else f"({text})"] if things else []
    return " ".join([*kept, *(f"NOT {one}" for one in nots)]), _AND


def _may_stand_in(fields: tuple[str, ...], node: Node) -> bool:
    """Whether a query may say a node behind `title:`, where all that stands in brackets means the title, NOT too."""
    nots = (*node.none, *node.nowhere) if isinstance(node, Clause) else ()
    if isinstance(node, Clause) and node.fields not in ((), fields):
        return False
    if not all(isinstance(one, Clause) and one.fields == fields for one in nots):
        return False
    return all(_may_stand_in(fields, one) for one in (*children_of(node), *nots))


def _things(parts: Sequence[Node]) -> Iterator[Node]:
    for part in parts:
        yield from part.children if isinstance(part, All) else (part,)


def _combined(node: Clause, things: Sequence[Node]) -> tuple[str, int]:
    """What is looked for, close together where `within` says so."""
    if node.within is None:
        return _joined(things, "AND", _AND)
    if node.within.unit is not Unit.WORDS:
        raise NotSayable(f"'within: {node.within}'; a query counts words: NEAR/15")
    if len(things) == 1 or node.none or node.mentions or any(map(is_negative, things)):
        raise NotSayable("'within' beside one thing, 'none' or 'mentions'")
    return _joined(things, f"{'ONEAR' if node.ordered else 'NEAR'}/{node.within.words}", _NEAR)


def _none(child: Node, node: Clause) -> str:
    """What `none` without `within` takes away: in the article, or in the clause's field."""
    text = _bracketed(child, _ONE)
    return f"{node.fields[0]}:{text}" if node.fields else text


def _word(term: Term) -> str:
    if term != Term(term.text, term.mode):
        raise NotSayable(f"a term with options ({term.text!r})")
    text = written(term.text, term.mode)
    if text is None:
        raise NotSayable(f"the text {term.text!r}, for its quotes or signs")
    return text
