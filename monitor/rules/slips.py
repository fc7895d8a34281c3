"""What the text of a term was probably meant to be: the language of another monitor, a regular expression gone wrong,
a word too short to mean anything. Each slip is a sentence that says what happens and what to write instead.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from monitor.rules.terms import Mode
from monitor.text.fold import fold
from monitor.text.tokens import ARABIC_FIRST, tokenise

LEAST_BEHIND_ARTICLE = 3
"""Letters that an Arabic beginning has behind its article, so that it does not find half the dictionary."""

_OPERATOR = re.compile(r"(?:^|\s)(AND|OR|NOT|O?NEAR/[0-9]+)(?=\s|$)")
_CONNECTIVES = frozenset(("and", "or", "not", "أو", "ou", "und", "oder", "и", "или", "або", "ve", "veya"))
_PREFIX = re.compile(r"(title|lead|body|lang|source|publisher):\S")
_PROXIMITY = re.compile(r"[\"”]~[0-9]+$")
_LATE_TILDE = re.compile(r"\w~$")
_EXPRESSION = re.compile(
    r"\w\|\w"  # car|truck
    r"|\([^()]*\|[^()]*\)"  # (car|truck) bomb
    r"|\\[bBdDsSwW.]"  # \bcar\b
    r"|\.[*+]"  # bomb.*
    r"|\w\?\w"  # colou?r
    r"|\w\[[^\]]+\]|\[[^\]]+\]\w"  # gr[ae]y
    r"|[\w)\]]\{[0-9]+,?[0-9]*\}"  # [0-9]{4}
)

_FLAG = re.compile(r"\((?:i\??|\?\?i|i:)\)")
_BARS = re.compile(r"\[(?!\^)([^\]\\-]*\w\|\w[^\]\\-]*)\]")
_NO_LEAST = re.compile(r"\{(,[0-9]+\})")
_CLASS = re.compile(r"\[(?:\\.|[^\]\\])+\]|\\.")
_EDGE = re.compile(r"^(?:\(\?[a-z]+\))?\\b|(?<!\\)\\b$")
_MIDDLE = re.compile(r"[\w)]\^|\$[\w(]")
_SWALLOWS = re.compile(r"^\.[*+]|(?<!\\)\.[*+]\??$")
_DOMAIN = re.compile(r"[\w-]{2,}\.(?:com|org|net|gov|edu|mil|int|info|news|io|tv|me|co)(?![\w*+?{])")
_DOTTED = re.compile(r"[\w\s-]*(?:\w\.)+[\w\s-]*")
_COMMA = re.compile(r"[^\\()|?+*\[\]{}^$.]+[،؛,;，、；]\s*[^\\()|?+*\[\]{}^$.]+")


def slips(text: str, mode: Mode, lang: str = "") -> Iterator[str]:
    """The slips of one term, its mark taken off. `lang` is the language that it names."""
    if mode is Mode.PATTERN:
        yield from _pattern(text)
    else:
        yield from _literal(text, mode)
        if not lang:
            yield from _short(text, mode)


def _literal(text: str, mode: Mode) -> Iterator[str]:
    if (found := _OPERATOR.search(text)) and (mode is Mode.WORD if found[0] == text else not text.isupper()):
        yield f"{found[1]} is looked for as a word; a query stands behind 'query:', alternatives are items of a list"
    if found := _PREFIX.match(text):
        yield f"'{found[1]}:' is looked for as text; it means something only behind 'query:'"
    if _PROXIMITY.search(text):
        yield "'~' and a number mean something only behind 'query:'; or write {all: [...], within: N words}"
    if _LATE_TILDE.search(text):
        yield f"the '~' of inflected forms stands in front, ~{text[:-1]}; here it is passed over"
    if _EXPRESSION.search(text):
        yield "it looks like a regular expression and is looked for as text; put it between slashes or under patterns"
    elif "*" in text:
        yield "'*' stands only at the end of a beginning; here it is passed over"


def _short(text: str, mode: Mode) -> Iterator[str]:
    words = tokenise(fold(text), one_unit=True)
    if len(words) != 1:
        return
    word = words[0].text
    if mode is Mode.STARTS:
        behind = len(word) - 2
        if ARABIC_FIRST.match(word) and word.startswith("ال") and behind < LEAST_BEHIND_ARTICLE:
            yield f"behind the article only {behind} letters are left, which begin very many words; write more of it"
    elif len(word) == 1:
        yield f"only {word!r} is looked for, which is found wherever it stands alone; write a longer word or name"
    elif mode is Mode.WORD and text in _CONNECTIVES:
        yield "it connects nothing, it is looked for as a word; take it out"
    elif len(word) == 2 and text.isascii() and text.isalpha() and text.islower():
        yield (
            f"two small letters are rarely meant; the abbreviation is written {text.upper()}, which is found only in "
            "capitals"
        )


def _pattern(text: str) -> Iterator[str]:
    if found := _FLAG.match(text):
        yield f"'{found[0]}' is not '(?i)', and neither is needed: capitals make no difference in a pattern"
    if "(:?" in text:
        yield "'(:?' begins a group with an optional colon; write '(?:' or only '('"
    if found := _BARS.search(text):
        yield f"inside brackets every sign stands for itself, '|' too; write '({found[1]})'"
    if found := _NO_LEAST.search(text):
        yield f"'{found[0]}' is read as text; write '{{0{found[1]}'"
    yield from _anchors(text)
    if _SWALLOWS.search(text):
        yield "'.*' at an end only lengthens the hit to the end of the line; leave it out"
    if place := _dot(text):
        dots = place.replace(".", "\\.")
        yield f"'.' stands for any character in '{place}'; a dot is written '{dots}'"
    if _COMMA.fullmatch(text):
        yield "the comma is part of the pattern; alternatives are written (a|b), or as items of the list"


def _anchors(text: str) -> Iterator[str]:
    if _EDGE.search(text):
        yield "'\\b' at an end does nothing: a pattern is bounded at word edges already; leave it out"
    signs = _CLASS.sub("x", text)
    if found := _MIDDLE.search(signs):
        sign = "^" if "^" in found[0] else "$"
        yield f"'{sign}' in the middle can never hold; write '\\{sign}' for the sign itself"
    elif signs.startswith("^") or signs.endswith("$"):
        yield (
            "'^' and '$' mean the beginning and the end of the whole title or text, not of a word; leave them out, "
            "or write \\A and \\z to mean that"
        )


def _dot(text: str) -> str:
    """The part of a pattern whose dot looks like a dot of the text: example.com, v2.0, U.S."""
    if found := _DOMAIN.search(text):
        return found[0]
    return text if _DOTTED.fullmatch(text) else ""
