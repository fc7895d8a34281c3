"""Users' regular expressions: RE2 over the folded text, bounded at word edges, folded like the text itself.

Hyphen, space and underscore in a pattern mean the separator class. RE2's own word classes are ASCII, so the
boundaries and `\\w` are ours: a hit begins and ends at the edges of tokens, also where Arabic meets Latin letters
without a space. All patterns of a lexicon share one filter: an article runs only those whose literals occur in it.
"""

from __future__ import annotations

import contextlib
import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

import re2

from monitor.rules.phrases import Evidence
from monitor.rules.wording import Term
from monitor.text.document import Field
from monitor.text.fold import fold
from monitor.text.tokens import ARABIC_FIRST, MASK

_SEPARATOR = "[\\s_\\x{200C}-]"
_SEPARATORS = "\\s_\\x{200C}\\-"
_EDGE = "[^\\pL\\pN]|[\\p{Han}\\p{Hiragana}\\p{Katakana}]"  # a Chinese sign is a word of its own
_JOINT = "\1"
_LONGEST_RANGE = 300
LONGEST_PATTERN = 10_000
"""Letters of a pattern."""
LARGEST_PROGRAM = 10_000
"""Instructions of a compiled pattern: what it may cost to run."""
_SURROGATE = re.compile("[\ud800-\udfff]")
_GROUP = re.compile("\\?(?:P?<[A-Za-z_][A-Za-z0-9_]*>|[imsU]*(?:-[imsU]+)?[:)])")
_REPEAT = re.compile("\\{[0-9]+(?:,[0-9]*)?\\}")
_ESCAPE = re.compile("\\\\(?:x\\{[0-9A-Fa-f]+\\}|x[0-9A-Fa-f]{2}|[pP]\\{\\^?[A-Za-z_]+\\}|[pP][A-Z]|.)", re.S)
_POSIX = re.compile("\\[:\\^?[a-z]+:\\]")
_LAST_EDGES = re.compile("(?<!\\\\)(?:\\\\b)+\\Z")
_REFUSED = {
    "b": "\\b is not needed: a pattern is bounded at word edges already",
    "B": "\\B is not available: a pattern is bounded at word edges",
    "C": "\\C would cut letters in two",
    "Q": "\\Q...\\E is not available: put a backslash before each sign",
    "W": "\\W is not available inside brackets",
}
_CLASSES = {"w": "\\pL\\pN_", "d": "0-9", "s": _SEPARATORS}


class PatternError(ValueError):
    """A pattern that cannot be used; the message says why, `place` at which of its letters."""

    def __init__(self, message: str, place: int = 0) -> None:
        super().__init__(message)
        self.place = place


def check_pattern(text: str) -> Any:
    """Compile a pattern. Raises PatternError when it cannot be used or costs too much."""
    if len(text) > LONGEST_PATTERN:
        raise PatternError(f"has {len(text):,} letters (at most {LONGEST_PATTERN:,}); write several", LONGEST_PATTERN)
    compiled = _compile(text, is_cased=False)
    if compiled.programsize > LARGEST_PROGRAM:
        raise PatternError(f"compiles to {compiled.programsize:,} steps (at most {LARGEST_PROGRAM:,}); write several")
    if compiled.search("") is not None:
        raise PatternError("matches the empty text")
    return compiled


def pattern_problem(text: str) -> str:
    """Return why a pattern cannot be used, or ""."""
    try:
        check_pattern(text)
    except PatternError as error:
        return str(error)
    return ""


def is_entered(text: str) -> bool:
    """Tell whether a usable pattern has a literal without which it cannot match, so that few articles run it."""
    gate = _gate([text])
    return gate.Match("", potential=True) is None


def _gate(patterns: Sequence[str]) -> Any:
    """A filter that names the patterns whose literals occur in a text."""
    gate = re2.Filter()
    for text in patterns:
        # Over lowered text, so that one pass serves the cased ones too; edges hold no literal.
        gate.Add(translate(text, is_cased=False), _options())
    gate.Compile()
    return gate


class PatternSet:
    """The patterns of a lexicon, each under the number of its entry. Unusable ones are left out."""

    def __init__(self, patterns: Sequence[tuple[int, Term]]) -> None:
        self._patterns: dict[int, tuple[Any, bool]] = {}
        usable = []
        for entry, term in patterns:
            with contextlib.suppress(PatternError):
                compiled = check_pattern(term.text)
                self._patterns[entry] = (
                    (_compile(term.text, is_cased=True), True) if term.cased else (compiled, False)
                )
                usable.append(term.text)
        self._order = [*self._patterns]
        self._filter: Any = _gate(usable) if usable else None

    def search(self, field: Field) -> Iterator[tuple[int, Evidence]]:
        """Yield (entry, place) of every occurrence in a field."""
        if self._filter is None or not field.tokens:
            return
        text = _SURROGATE.sub("\ufffd", field.masked)
        joints = _joints(field)
        for at in self._filter.Match(text, potential=True) or ():  # None when there is none
            entry = self._order[at]
            compiled, is_cased = self._patterns[entry]
            searched = _cased(field) if is_cased else text
            for start, end in (*_spans(compiled, searched), *_over_joints(compiled, searched, joints)):
                first = bisect_right(field.tokens, start, key=lambda token: token.end)
                last = bisect_left(field.tokens, end, key=lambda token: token.start) - 1
                if first <= last:
                    yield entry, Evidence(first, last, start, end)


def _cased(field: Field) -> str:
    """Return the masked text in its own capitals."""
    cased = "".join(
        MASK if hidden == MASK else letter for hidden, letter in zip(field.masked, field.folded.cased, strict=True)
    )
    return _SURROGATE.sub("\ufffd", cased)


def _spans(compiled: Any, text: str) -> Iterator[tuple[int, int]]:
    """Yield where a bounded pattern stands."""
    place = 0
    while (found := compiled.search(text, place)) is not None:
        start, end = found.span(1)
        place = max(end - 1, place + 1)  # the last letter may be the edge that the next one needs
        yield start, end


def _joints(field: Field) -> list[int]:
    """Where two words of different scripts touch: وCIA is two."""
    return [
        one.end
        for one, other in pairwise(field.tokens)
        if one.end == other.start and _script(one.text) != _script(other.text)
    ]


def _script(word: str) -> tuple[bool, bool]:
    return ARABIC_FIRST.match(word) is None, word.isascii()


def _over_joints(compiled: Any, text: str, joints: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Yield where a pattern stands once the joints are edges of words too."""
    if not joints:
        return
    ends = [*joints, len(text)]
    parted = _JOINT.join(text[start:end] for start, end in pairwise((0, *ends)))
    added = [place + before for before, place in enumerate(joints)]
    for start, end in _spans(compiled, parted):
        yield start - bisect_left(added, start), end - bisect_left(added, end)


def _options() -> Any:
    options = re2.Options()
    options.log_errors = False
    options.longest_match = True
    return options


def _bounded(pattern: str) -> str:
    return f"(?:^|{_EDGE})({pattern})(?:{_EDGE}|$)"


def _compile(text: str, *, is_cased: bool) -> Any:
    translated = translate(text, is_cased=is_cased)
    try:
        re2.compile(translated, _options())  # alone first: a stray parenthesis must not close ours
        return re2.compile(_bounded(translated), _options())
    except re2.error as error:
        reason = error.args[0].decode("utf-8", "replace") if isinstance(error.args[0], bytes) else str(error)
        raise PatternError(f"is not valid RE2: {reason[:100]}") from error


def translate(text: str, *, is_cased: bool = False) -> str:
    """Return a pattern with its literals and classes folded and its separators widened. Raises PatternError."""
    if half := _SURROGATE.search(text):
        raise PatternError("holds half a character (a surrogate)", half.start())
    text = _LAST_EDGES.sub("", unicodedata.normalize("NFC", text))
    pieces: list[str] = []
    place = len(text) - len(text.removeprefix("\\b"))
    while place < len(text):
        try:
            piece, place = _piece(text, place, is_cased)
        except PatternError as error:
            raise PatternError(str(error), place) from error
        pieces.append(piece)
    return "".join(pieces)


def _piece(text: str, place: int, is_cased: bool) -> tuple[str, int]:
    """Translate what stands at `place`: an escape, a class, a group's head, a repetition or a literal."""
    sign = text[place]
    if sign == "\\":
        return _escape(text, place, is_cased)
    if sign == "[":
        return _class(text, place, is_cased)
    if sign == "(" and text.startswith("?", place + 1):
        head = _GROUP.match(text, place + 1)
        if head is None:
            raise PatternError(
                "uses look-around, a back-reference or another construct that RE2 does not have; write what must "
                "stand around it as terms of the rule"
            )
        return "(" + head[0], head.end()
    if sign == "{" and (repeat := _REPEAT.match(text, place)):
        return repeat[0], repeat.end()
    if sign in "().|*+?^${}":
        return sign, place + 1
    return _literal(sign, is_cased), place + 1


def _literal(letter: str, is_cased: bool) -> str:
    if letter in " -_":
        return f"(?:{_SEPARATOR}{{1,2}})"
    plain = _fold(letter, is_cased)
    if len(plain) > 1:
        return f"(?:{re2.escape(plain)})"
    return re2.escape(plain) if plain else ""


def _fold(letter: str, is_cased: bool) -> str:
    both = fold(letter)
    return both.cased if is_cased else both.text


def _escape(text: str, place: int, is_cased: bool) -> tuple[str, int]:
    found = _ESCAPE.match(text, place)
    if found is None:
        raise PatternError("ends in a lone backslash")
    name = found[0][1:]
    if name in ("b", "B", "C", "Q"):
        raise PatternError(_REFUSED[name])
    if name in _CLASSES:
        return f"[{_CLASSES[name]}]", found.end()
    if name == "W":
        return "[^\\pL\\pN_]", found.end()
    if name[0] == "x" and len(name) > 1:
        return _literal(_code(name), is_cased), found.end()
    if not name[0].isalnum():
        return _literal(name, is_cased), found.end()
    return found[0], found.end()


def _code(name: str) -> str:
    try:
        letter = chr(int(name[1:].strip("{}"), 16))
    except (ValueError, OverflowError) as error:
        raise PatternError(f"names a character that does not exist: \\{name}") from error
    if _SURROGATE.match(letter):
        raise PatternError("holds half a character (a surrogate)")
    return letter


def _class(text: str, place: int, is_cased: bool) -> tuple[str, int]:
    """Translate a bracketed class: each member and its folded letter; a separator stands for all of them."""
    negated = text.startswith("^", place + 1)
    at = place + 1 + negated
    members: list[str] = []
    separators = others = 0
    begun = False
    while True:
        if at >= len(text):
            raise PatternError("opens a bracket [ that nothing closes")
        if text[at] == "]" and begun:
            break
        begun = True
        posix = _POSIX.match(text, at)
        if posix:
            members.append(posix[0])
            others += 1
            at = posix.end()
            continue
        letter, shorthand, at = _member(text, at)
        if shorthand:
            members.append(shorthand)
            others += 1
            continue
        if at + 1 < len(text) and text[at] == "-" and text[at + 1] != "]":
            last, _, at = _member(text, at + 1)
            members.append(_range(letter, last, is_cased))
            others += 1
        elif letter in " -_":
            separators += 1
        else:
            members.append("".join(map(_quoted, _fold(letter, is_cased) or letter)))
            others += 1
    if separators and not others and not negated:
        return f"(?:{_SEPARATOR}{{1,2}})", at + 1
    if separators:
        members.append(_SEPARATORS)
    return f"[{'^' if negated else ''}{''.join(members)}]", at + 1


def _member(text: str, at: int) -> tuple[str, str, int]:
    """Read one member of a class: (letter, "", next place) or ("", a class of its own, next place)."""
    if text[at] != "\\":
        return text[at], "", at + 1
    found = _ESCAPE.match(text, at)
    if found is None:
        raise PatternError("ends in a lone backslash")
    name = found[0][1:]
    if name in _REFUSED:
        raise PatternError(_REFUSED[name])
    if name in _CLASSES:
        return "", _CLASSES[name], found.end()
    if name[0] == "x" and len(name) > 1:
        return _code(name), "", found.end()
    if name[0] in "pPDS":
        return "", found[0], found.end()
    escapes = {"n": "\n", "t": "\t", "r": "\r", "f": "\f", "v": "\v", "a": "\a"}
    return escapes.get(name, name), "", found.end()


def _range(first: str, last: str, is_cased: bool) -> str:
    if not first or not last or first > last:
        raise PatternError(f"holds a range that runs backwards or has no end: {first}-{last}")
    members = f"{_quoted(first)}-{_quoted(last)}"
    if ord(last) - ord(first) <= _LONGEST_RANGE:
        letters = (chr(code) for code in range(ord(first), ord(last) + 1))
        plain = {letter for one in letters if not _SURROGATE.match(one) for letter in _fold(one, is_cased)}
        members += "".join(_quoted(letter) for letter in sorted(plain) if not first <= letter <= last)
    return members


def _quoted(letter: str) -> str:
    return f"\\x{{{ord(letter):X}}}"
