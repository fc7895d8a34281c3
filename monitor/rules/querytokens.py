"""Cut a one-line query into tokens, and refuse the signs that other monitors give a meaning which ours does not have.

Straight, curly and angled double quotes are one. Direction marks, which pasting brings along, are not there.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from monitor.errors import did_you_mean
from monitor.rules.terms import Mode
from monitor.timing import ascii_digits

FIELDS = ("title", "lead", "body")
PREFIXES = (*FIELDS, "lang", "source", "publisher")
WIDEST = 10_000
"""Words between two things that NEAR combines."""
MOST_MENTIONS = 1000

_MARKS = "\u061c\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff"
_SHOWN = re.compile(f"[^{_MARKS}]")
_QUOTES = '"“”„‟«»'
_INNER = '(?<=[א-ת])"(?=[א-ת])'  # צה"ל: a sign of the word, no quotation mark
_WORD = re.compile(f"(?:{_INNER}|[^\\s(){_QUOTES}])+")
_QUOTED = re.compile(f"[{_QUOTES}]((?:{_INNER}|[^{_QUOTES}])*)[{_QUOTES}]")
_CLOSE = re.compile(r"~(\d{1,6})(?![^\s()])")
_PATTERN = re.compile(r"/((?:\\.|[^/\\\n])+)/(?![^\s()])")
_PREFIX = re.compile(r"([A-Za-z][A-Za-z_]*):\s*")
_AT_LEAST = re.compile(r"atleast(\d{1,6})\s*(?=\()", re.IGNORECASE)
_NEAR = re.compile(r"(O?NEAR)/(\d{1,6})")
_FOREIGN_NEAR = re.compile(r"(?i:W|PRE|ADJ|O?NEAR)/\d+|(?i:W/[SP])|O?NEAR(?:[/:~].*|\d+)?")
_REFERENCE = re.compile(r"\$([a-z][a-z0-9-]*)")
_OPERATORS = ("AND", "OR", "NOT")
_SIGNS = {"-": "NOT", "!": "NOT", "+": "nothing: every word is wanted"}
_FOREIGN = {"&&": "AND", "&": "AND", "||": "OR", "|": "OR"}

Warn = Callable[[int, str], None]


class QueryError(ValueError):
    """A query that cannot be read; `at` is the place in its text, from 0."""

    def __init__(self, message: str, at: int) -> None:
        super().__init__(message)
        self.at = at


@dataclass(frozen=True, slots=True)
class Token:
    """One sign of a query. `kind` is ( ) AND OR NOT NEAR ONEAR term name close atleast prefix or end.

    `number` is that of NEAR/5, atleast3 and ~5; `words` are those of `"a b"~5`, each with its place.
    """

    kind: str
    text: str
    at: int
    mode: Mode = Mode.WORD
    number: int = 0
    words: tuple[tuple[str, int], ...] = ()


def tokens(text: str, warn: Warn) -> tuple[Token, ...]:
    """Every token of a query, the last of kind `end`. Raises QueryError; `warn` takes what is likely a slip."""
    shown = [found.start() for found in _SHOWN.finditer(text)]
    lexer = _Lexer("".join(text[at] for at in shown), [*shown, len(text)], warn)
    found: list[Token] = []
    while (token := lexer.token()) is not None:
        found.append(token)
    return (*found, Token("end", "", len(text.rstrip())))


def written(text: str, mode: Mode) -> str | None:
    """A term as it is written in a query, in quotes where it needs them; None when it cannot be written."""
    if mode is Mode.PATTERN:
        found = f"/{text}/"
        return found if _PATTERN.fullmatch(found) else None
    mark, star = {Mode.FORMS: ("~", ""), Mode.EXACT: ("=", ""), Mode.STARTS: ("", "*")}.get(mode, ("", ""))
    for found in (f"{mark}{text}{star}", f'{mark}"{text}{star}"'):
        if _reads_as(found, text, mode):
            return found
    return None


def _reads_as(written: str, text: str, mode: Mode) -> bool:
    warnings: list[str] = []
    try:
        found = tokens(written, lambda _, message: warnings.append(message))
    except QueryError:
        return False
    return not warnings and [(one.kind, one.text, one.mode) for one in found[:-1]] == [("term", text, mode)]


@dataclass(slots=True)
class _Lexer:
    """Reads a text without its invisible marks; `places` gives the place of each letter in the text as it was."""

    text: str
    places: list[int]
    warn: Warn
    next: int = 0

    def token(self) -> Token | None:
        """The next token, None at the end."""
        while self.text[self.next : self.next + 1].isspace():
            self.next += 1
        if self.next == len(self.text):
            return None
        at = self.places[self.next]
        sign = self.text[self.next]
        if sign in "()":
            self.next += 1
            return Token(sign, sign, at)
        if sign in _QUOTES:
            return self._quoted(at)
        if sign == "/":
            return self._pattern(at)
        if sign in "~=" and self.text[self.next + 1 : self.next + 2] in tuple(_QUOTES):
            self.next += 1
            return self._marked(sign, self._quotation(at), at)
        if found := _AT_LEAST.match(self.text, self.next):
            self.next = found.end()
            return Token("atleast", found[0].strip(), at, number=_number(found[1], at, 1, MOST_MENTIONS))
        if found := _PREFIX.match(self.text, self.next):
            return self._prefix(found, at)
        found = _WORD.match(self.text, self.next)
        assert found is not None  # neither space, bracket nor quote
        self.next = found.end()
        return self._word(found[0], at)

    def _quotation(self, at: int) -> str:
        """What stands between the quotes that open here."""
        found = _QUOTED.match(self.text, self.next)
        if found is None:
            raise QueryError("the quote opened here is never closed", at)
        self.next = found.end()
        return found[1]

    def _quoted(self, at: int) -> Token:
        begin = self.next + 1
        inside = self._quotation(at)
        if not inside.strip():
            raise QueryError("nothing stands between these quotes", at)
        if found := _CLOSE.match(self.text, self.next):
            self.next = found.end()
            words = [(word[0], self.places[begin + word.start()]) for word in re.finditer(r"\S+", inside)]
            return Token("close", inside, at, number=_number(found[1], at, 0, WIDEST), words=tuple(words))
        return self._marked("", inside, at)

    def _marked(self, mark: str, text: str, at: int) -> Token:
        """A term behind a mark, in quotes or not."""
        mode = {"~": Mode.FORMS, "=": Mode.EXACT}.get(mark, Mode.WORD)
        text = text.strip()
        if text.endswith("*") and mode is Mode.WORD:
            mode, text = Mode.STARTS, text[:-1]
        if "*" in text:
            raise QueryError(f"{text!r}: a '*' stands at the end only", at)
        return Token("term", text, at, mode)

    def _pattern(self, at: int) -> Token:
        found = _PATTERN.match(self.text, self.next)
        if found is None:
            raise QueryError("the regular expression that begins here does not end with '/' and a space", at)
        self.next = found.end()
        return Token("term", found[1], at, Mode.PATTERN)

    def _prefix(self, found: re.Match[str], at: int) -> Token:
        name = found[1].lower()
        if name not in PREFIXES:
            hint = did_you_mean(name, PREFIXES) or f"; known are {', '.join(PREFIXES)}"
            raise QueryError(f"unknown prefix '{found[1]}:'{hint}. A text with ':' stands in quotes", at)
        self.next = found.end()
        return Token("prefix", name, at)

    def _word(self, word: str, at: int) -> Token:
        if word in _OPERATORS:
            return Token(word, word, at)
        if near := _NEAR.fullmatch(word):
            return Token(near[1], word, at, number=_number(near[2], at, 0, WIDEST))
        self._refuse(word, at)
        if word.upper() in _OPERATORS or _NEAR.fullmatch(word.upper()):
            self.warn(at, f"{word!r} is looked for as a word; the operator is written {word.upper()}")
        if word[0] in "'‘":
            self.warn(at, f"{word!r}: a single quote is part of the word; a phrase stands in double quotes")
        if found := _REFERENCE.fullmatch(word):
            return Token("name", found[1], at)
        if word[0] in "~=":
            return self._marked(word[0], word[1:], at)
        return self._marked("", word, at)

    def _refuse(self, word: str, at: int) -> None:
        """Refuse what means something elsewhere and would be lost here."""
        quoted = f'; the text itself is written "{word}"'
        if "?" in word:
            raise QueryError(f"{word!r}: no sign stands for a letter; write explo* or both words{quoted}", at)
        if word in _FOREIGN:
            raise QueryError(f"{word!r} is no operator here: write {_FOREIGN[word]}{quoted}", at)
        if word[0] in _SIGNS and len(word) > 1:
            raise QueryError(f"{word[0]!r} before a word is no operator here: write {_SIGNS[word[0]]}{quoted}", at)
        if _FOREIGN_NEAR.fullmatch(word) and not _NEAR.fullmatch(word.upper()):
            raise QueryError(f"{word!r} is no operator here: write NEAR/5, or ONEAR/5 in this order{quoted}", at)
        if re.fullmatch(r"atleast\d*", word, re.IGNORECASE):
            raise QueryError(f"{word!r} counts what stands in brackets behind it: atleast3(...){quoted}", at)


def _number(text: str, at: int, least: int, most: int) -> int:
    number = int(ascii_digits(text)) if ascii_digits(text).isascii() else -1
    if not least <= number <= most:
        raise QueryError(f"{text!r} is not a whole number from {least} to {most}", at)
    return number
