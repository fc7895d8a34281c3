"""The one-line query language: `(SABIC OR سابك) NEAR/15 boycott NOT title:jobs`, read into the same tree as YAML.

NOT binds closest, then NEAR, then AND (or a space), then OR. What is wrong is told at its column, and nothing that
another monitor means by a sign is silently taken for a word.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from monitor.rules.expression import All, Any, Clause, Name, Node, Unit, Within, Word, is_negative
from monitor.rules.faults import Path
from monitor.rules.filters import Wanted
from monitor.rules.marks import TermReader
from monitor.rules.querytokens import QueryError, Token, tokens
from monitor.rules.terms import Mode, Term

MOST_LETTERS = 50_000
"""Letters of a query."""
MOST_DEPTH = 50
"""Brackets within brackets."""
MOST_COMBINED = 12
"""Things that one `within` or NEAR combines."""

Narrowing = tuple[str, Wanted]
"""What a prefix asks of the whole article: `sources`, `languages` or `publishers`, and what is wanted."""

FILTERS = {"lang": "languages", "source": "sources", "publisher": "publishers"}


@dataclass(frozen=True, slots=True)
class _Made:
    """What a part of a query came to. `narrowings` are prefixes of the whole rule, with the place of the first."""

    node: Node | None
    at: int
    is_not: bool = False
    narrowings: tuple[Narrowing, ...] = ()


def read_query(text: str, path: Path, terms: TermReader) -> tuple[Node | None, tuple[Narrowing, ...], list[Name]]:
    """Read a query that stands at `path`: its tree, what it asks of the article as a whole, and the names in it.

    The tree is None when something is wrong, which then stands in the faults of `terms`.
    """
    if len(text) > MOST_LETTERS:
        terms.faults.add(path, f"the query has {len(text):,} letters (at most {MOST_LETTERS:,}); write several rules")
        return None, (), []
    reader = _Reader(path, terms)
    try:
        made = reader.whole(tokens(text, lambda at, message: terms.faults.warn((*path, at), message)))
    except QueryError as error:
        terms.faults.add((*path, error.at), str(error))
        return None, (), reader.names
    return None if reader.is_faulty else made.node, made.narrowings, reader.names


@dataclass(slots=True)
class _Reader:
    """Recursive descent over the tokens of one query."""

    path: Path
    terms: TermReader
    names: list[Name] = field(default_factory=list)
    is_faulty: bool = False
    _tokens: Sequence[Token] = ()
    _next: int = 0
    _depth: int = 0
    _field: str = ""

    @property
    def _token(self) -> Token:
        return self._tokens[self._next]

    def _take(self) -> Token:
        token = self._token
        self._next += token.kind != "end"
        return token

    def whole(self, found: Sequence[Token]) -> _Made:
        """The whole query."""
        self._tokens = found
        if self._token.kind == "end":
            raise QueryError("nothing stands here", 0)
        made = self._or()
        if self._token.kind != "end":
            raise QueryError("this ')' closes nothing", self._token.at)
        if made.node is None:
            raise QueryError("there is nothing to look for beside the prefix", made.at)
        return made

    def _or(self) -> _Made:
        made = [self._and()]
        while self._token.kind == "OR":
            self._take()
            made.append(self._and())
        if len(made) == 1:
            return made[0]
        return _Made(Any(tuple(self._hits(one, "an alternative of OR") for one in made)), made[0].at)

    def _and(self) -> _Made:
        made = [self._near()]
        while self._token.kind not in ("OR", ")", "end"):
            if self._token.kind == "AND":
                self._take()
            made.append(self._near())
        hits = [one.node for one in made if one.node is not None and not one.is_not]
        nots = [one.node for one in made if one.node is not None and one.is_not]
        narrowings = tuple(narrowing for one in made for narrowing in one.narrowings)
        return _Made(_joined(hits, nots) if hits or nots else None, made[0].at, narrowings=narrowings)

    def _near(self) -> _Made:
        first = made = self._unary()
        within: tuple[int, bool] | None = None
        things: list[Node] = []
        while self._token.kind in ("NEAR", "ONEAR"):
            sign = self._take()
            if not things and made.is_not:
                raise QueryError(f"NOT binds closer than {sign.text}: write NOT (... {sign.text} ...)", made.at)
            things = things or [self._hits(made, f"what stands beside {sign.text}")]
            if within not in (None, (sign.number, sign.kind == "ONEAR")):
                things = [_near(things, within)]
            within = (sign.number, sign.kind == "ONEAR")
            other = self._unary()
            if other.is_not:
                raise QueryError(f"{sign.text} NOT is not known: write it as a tree, 'within' with 'none'", other.at)
            things.append(self._hits(other, f"what stands beside {sign.text}"))
            if len(things) > MOST_COMBINED:
                raise QueryError(f"{sign.text} combines at most {MOST_COMBINED} things", sign.at)
        return _Made(_near(things, within), first.at) if within else made

    def _unary(self) -> _Made:
        at = self._token.at
        is_not = False
        while self._token.kind == "NOT":
            self._take()
            is_not = not is_not
        made = self._primary()
        if not is_not:
            return made
        if made.narrowings:
            if made.node is not None or len(made.narrowings) > 1:
                raise QueryError("NOT stands before one prefix or before words, not before both", at)
            ((kind, wanted),) = made.narrowings
            return _Made(None, at, narrowings=((kind, Wanted(none=wanted.any or ())),))
        node = self._hits(made, "what NOT takes away")
        return _Made(_fielded(self._field, node) if self._field else node, at, is_not=True)

    def _primary(self) -> _Made:
        token = self._take()
        if token.kind == "(":
            return self._bracket(token)
        if token.kind == "term":
            return _Made(self._word(token.text, token.mode, token.at), token.at)
        if token.kind == "close":
            words = [self._word(text, Mode.WORD, at) for text, at in token.words]
            if not 2 <= len(words) <= MOST_COMBINED:
                raise QueryError(f"'~' wants two to {MOST_COMBINED} words in the quotes before it", token.at)
            return _Made(_near(words, (token.number, False)), token.at)
        if token.kind == "name":
            self.names.append(Name(token.text, (*self.path, token.at)))
            return _Made(self.names[-1], token.at)
        if token.kind == "atleast":
            inner = self._bracket(self._take())
            node = self._hits(inner, "what is counted")
            return _Made(Clause(_parts(node), mentions=token.number, path=(*self.path, token.at)), token.at)
        if token.kind == "prefix":
            return self._prefix(token)
        raise QueryError(self._missing(token), token.at)

    def _missing(self, token: Token) -> str:
        """What to say of a token that stands where a word was expected."""
        at = self._tokens.index(token)
        before = self._tokens[at - 1]
        if token.kind not in (")", "end"):
            return f'{token.text} stands between two things; the word itself is written "{token.text}"'
        if not at:
            return "this ')' closes nothing"
        return f"something must stand behind '{before.text}{':' * (before.kind == 'prefix')}'"

    def _bracket(self, opened: Token) -> _Made:
        if self._token.kind == ")":
            raise QueryError("nothing stands between these brackets", opened.at)
        self._deeper(opened)
        made = self._or()
        if self._take().kind != ")":
            raise QueryError("this '(' is never closed", opened.at)
        self._depth -= 1
        return replace(made, at=opened.at)

    def _deeper(self, token: Token) -> None:
        self._depth += 1
        if self._depth > MOST_DEPTH:
            raise QueryError(f"brackets and prefixes stand more than {MOST_DEPTH} deep", token.at)

    def _prefix(self, token: Token) -> _Made:
        if token.text in FILTERS:
            values = tuple(self._values(token))
            return _Made(None, token.at, narrowings=((FILTERS[token.text], Wanted(any=values)),))
        outer = self._field
        if outer not in ("", token.text):
            raise QueryError(f"'{token.text}:' stands inside '{outer}:'", token.at)
        self._deeper(token)
        self._field = token.text
        made = self._primary()
        self._field = outer
        self._depth -= 1
        return _Made(_fielded(token.text, self._hits(made, f"what stands behind '{token.text}:'")), token.at)

    def _values(self, prefix: Token) -> list[str]:
        """The words behind `lang:`, `source:` or `publisher:`."""
        first = self._take()
        found = [first]
        if first.kind == "(":
            found = [self._take()]
            while self._token.kind == "OR":
                self._take()
                found.append(self._take())
            if self._take().kind != ")":
                found.append(first)
        for token in found:
            if token.kind != "term" or token.mode is not Mode.WORD:
                raise QueryError(f"expected {prefix.text}:word or {prefix.text}:(one OR another)", prefix.at)
        return [token.text if prefix.text == "source" else token.text.lower() for token in found]

    def _word(self, text: str, mode: Mode, at: int) -> Node:
        term = self.terms.term(text, mode, self.path, at + (mode is Mode.PATTERN))
        self.is_faulty |= term is None
        label = {Mode.FORMS: "~{}", Mode.EXACT: "={}", Mode.STARTS: "{}*", Mode.PATTERN: "/{}/"}.get(mode, "{}")
        return Word(term or Term(text), label.format(text), (*self.path, at))

    def _hits(self, made: _Made, what: str) -> Node:
        """The node of a part that must have something to look for."""
        if made.narrowings:
            raise QueryError(
                "'lang:', 'source:' and 'publisher:' narrow the whole rule and stand beside AND alone; write a rule "
                "for each alternative",
                made.at,
            )
        if made.node is None or made.is_not or is_negative(made.node):
            raise QueryError(f"{what} must have something to look for, not only NOT", made.at)
        return made.node


def _parts(node: Node) -> tuple[Node, ...]:
    return (node,) if isinstance(node, (All, Any)) else (All((node,)),)


def _near(things: Sequence[Node], within: tuple[int, bool] | None) -> Node:
    assert within is not None
    return Clause((All(tuple(things)),), Within(Unit.WORDS, within[0]), within[1])


def _fielded(name: str, node: Node) -> Node:
    """A node that holds by hits of one field only. What it must not find is narrowed already."""
    if isinstance(node, Clause) and node.fields in ((), (name,)):
        return replace(node, fields=(name,))
    return Clause(_parts(node), fields=(name,))


def _joined(hits: Sequence[Node], nots: Sequence[Node]) -> Node:
    if not nots:
        return hits[0] if len(hits) == 1 else All(tuple(hits))
    if len(hits) == 1 and isinstance(hits[0], Clause) and not is_negative(hits[0]):
        return replace(hits[0], nowhere=(*hits[0].nowhere, *nots))
    parts = _parts(hits[0]) if len(hits) == 1 else (All(tuple(hits)),) if hits else ()
    return Clause(parts, nowhere=tuple(nots))
