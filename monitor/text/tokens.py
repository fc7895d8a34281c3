"""Cut a folded text into tokens, and say where sentences and paragraphs end (MATCHING 6).

A token is a run of letters and digits: `_` separates, so do a change between Arabic letters and others, and every
Chinese or Japanese sign stands alone. `U.S.` is one token (`us`), so are `iran's` and `1,000`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from monitor.text.abbreviations import ABBREVIATIONS
from monitor.text.fold import ZWNJ, Folded

MASK = "\0"
"""Stands where an address or a mention was: separates words, joins nothing, ends no sentence."""

ARABIC = (
    "\u0620-\u063f\u0641-\u064a\u066e-\u06d3\u06d5\u06ee\u06ef\u06fa-\u06ff\u0750-\u077f"
    "\u0870-\u0887\u0889-\u088e\u08a0-\u08c9"
)
ARABIC_FIRST = re.compile(f"[{ARABIC}]")
"""Matches a token of Arabic letters: all its letters are."""

CJK = "\u3005-\u3007\u3041-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_OTHER = f"[^\\W_{ARABIC}{CJK}]"
TOKEN = re.compile(
    "(?<![^\\W_])[^\\W\\d_](?:\\.[^\\W\\d_])+(?![^\\W_])\\.?"  # U.S., أ.ف.ب
    "|[0-9]+(?:[.,][0-9]+)+(?![^\\W_])"  # 1,000 and 3.5
    f"|[{ARABIC}]+|(?=\\w)[{CJK}]|{_OTHER}+(?:'{_OTHER}+)*"  # not every sign of the range is a letter
)
_MASKED = re.compile(
    '(?:https?|ftp)://[^\\s<>"«»،؛؟]*[\\w/]'
    '|(?<![\\w.@-])www\\.[^\\s<>"«»،؛؟]*[\\w/]'
    "|(?<![\\w.+-])[\\w.+-]{1,64}@[\\w-]{1,63}(?:\\.[\\w-]{1,63})+"
    "|(?<!\\w)@\\w+(?:@[\\w-]+(?:\\.[\\w-]+)+)?"
    '|(?<![\\w.@-])[a-z0-9-]{1,63}(?:\\.[a-z0-9-]{1,63}){0,4}\\.[a-z]{2,24}/[^\\s<>"«»،؛؟]*[\\w/]'
)

_SUSPECT = re.compile("(?<!\\S)\\S*?(?:[@/]|www\\.)\\S*")
"""What lies between spaces and may hold an address: none runs over a space."""

_DOMAIN_END = re.compile("\\.[a-z]{2,24}/")

# «1» and "1" and the quotes of every language: a boundary of words, never a break in a phrase.
QUOTES = str.maketrans("", "", "\"'«»“”„‟‹›「」『』")
_JOINT = re.compile(f"[\\s_{ZWNJ}-]{{0,2}}|[^\\S\n]*")
_END = re.compile("[!?…؟۔。]")
_STOP = re.compile("\\.[\"'«»“”„‟‹›)\\]\\s]")
_BLANK_LINE = re.compile("\n[^\\S\n]*\n")


class Token(NamedTuple):
    """One word of a folded text. Offsets are the folded text's; sentences and paragraphs count from 0 in the field.

    `breaks_before` says that a comma, stop, colon, bracket or line end parts it from the word before, so that no
    phrase runs over the gap.
    """

    text: str
    start: int
    end: int
    sentence: int
    paragraph: int
    breaks_before: bool


def mask(text: str) -> str:
    """Blank out URLs, e-mail addresses and @mentions of a folded text, keeping its length."""
    if not may_be_masked(text):
        return text
    return _SUSPECT.sub(lambda word: _MASKED.sub(lambda found: MASK * len(found[0]), word[0]), text)


def may_be_masked(text: str) -> bool:
    """Tell cheaply whether a folded text may hold anything to mask."""
    return "@" in text or "www." in text or ("/" in text and ("://" in text or _DOMAIN_END.search(text) is not None))


def words_of(text: str) -> Iterator[str]:
    """Yield the words of a folded text, as `tokenise` cuts them."""
    return (without_stops(found[0]) for found in TOKEN.finditer(mask(text)))


def tokenise(folded: Folded, *, one_unit: bool = False, masked: str | None = None) -> tuple[Token, ...]:
    """Cut a folded text. `one_unit` is for titles: one sentence, one paragraph. `masked` is the text to read."""
    text = folded.text if masked is None else masked
    cased = folded.cased
    tokens: list[Token] = []
    sentence = paragraph = end = 0
    word = ""
    for found in TOKEN.finditer(text):
        start = found.start()
        gap = text[end:start]
        breaks = False
        if gap != " " and tokens:
            breaks, ends, blank = read_gap(gap)
            if ends is None:
                breaks, ends = read_stop(gap, word, begins_low=cased[start].islower())
            if ends and not one_unit:
                sentence += 1
                paragraph += blank
        end = found.end()
        word = without_stops(found[0])
        tokens.append(Token(word, start, end, sentence, paragraph, breaks))
    return tuple(tokens)


def without_stops(token: str) -> str:
    """The word that a token is: of U.S. its letters."""
    return token.replace(".", "") if "." in token and not token[0].isdigit() else token


def read_gap(gap: str) -> tuple[bool, bool | None, bool]:
    """Read what stands between two words: whether it breaks a phrase, ends a sentence (None: a stop, so it
    depends on the words), and ends a paragraph."""
    breaks = _JOINT.fullmatch(gap.translate(QUOTES)) is None or "\n" in gap
    blank = _BLANK_LINE.search(gap) is not None
    if "\n" in gap or _END.search(gap):
        return breaks, True, blank
    return breaks, None if _STOP.search(gap) else False, blank


def read_stop(gap: str, word: str, *, begins_low: bool) -> tuple[bool, bool]:
    """Read a gap with a stop: whether it breaks a phrase and ends a sentence. `word` stands before it; `begins_low`:
    the next one begins with a small letter."""
    is_abbreviation = word in ABBREVIATIONS
    is_initial = len(word) == 1 and word.isalpha()
    return not (is_abbreviation and gap == ". "), not (is_abbreviation or is_initial or begins_low)
