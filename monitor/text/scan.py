"""Scan a title and a text as one array: where the tokens are, and a number for each that hardly two tokens share.

Gives the tokens that `tokens.tokenise` finds in the folded texts (tests compare the two), without touching them one
by one: letters become bytes in one look-up, edges are where the class of a letter changes, and the numbers of all
tokens come out of one cumulative sum. What few articles need is worked out when asked for: words, sentences, places
in the original. Positions of tokens count through both fields, the title's first.
"""

from __future__ import annotations

import re
from functools import cached_property, lru_cache
from typing import NamedTuple

import numpy as np

from monitor.text.abbreviations import ABBREVIATIONS
from monitor.text.alphabet import (
    APOSTROPHE,
    CJK_ANY,
    COMMA,
    CYRILLIC,
    DELETED,
    DIGIT_ANY,
    DIGITS,
    FIRST_ARABIC,
    FIRST_OTHER,
    INVISIBLE,
    LINE,
    MASKED,
    ODD,
    SPACE,
    STOP,
    Codes,
    Points,
    code,
    code_folded,
    decode,
)
from monitor.text.fold import Folded, fold
from monitor.text.numbering import WINDOW, Numbers, Places, polynomials, sums_of, values_of
from monitor.text.tokens import MASK, mask, read_gap, read_stop, without_stops

_BETWEEN = f"\n{MASK}\n"
_DELETED = bytes((DELETED, INVISIBLE))
_MARK = bytes((DELETED,))
_JOINTS = APOSTROPHE - STOP + 1
_JOINED = 4
_SHORT = 16
_BLANK, _STOP_BLANK = bytes((SPACE,)), bytes((STOP, SPACE))
_LONGEST_ABBREVIATION = 2 * max(map(len, ABBREVIATIONS))
_ENDS = STOP - LINE + 1
_DROPPED = re.compile(
    b"%c(?<=[%b].)(?=[%b])" % (APOSTROPHE, _CYRILLIC := b"\\x%02x-\\x%02x" % CYRILLIC, _CYRILLIC), re.S
)
"""An apostrophe that folding drops, for which the text must be folded as a string."""

_SOME = b"[\\x%02x-\\xff]" % FIRST_ARABIC
_DIGIT = b"[\\x%02x-\\x%02x]" % DIGITS
_LETTER = b"(?!%b|\\x%02x)%b" % (_DIGIT, DIGIT_ANY, _SOME)
_NUMBER = re.compile(b"%b+(?:[\\x%02x\\x%02x]%b+)+(?!%b)" % (_DIGIT, STOP, COMMA, _DIGIT, _SOME))
_INITIALS = re.compile(b"%b(?:\\x%02x%b)+(?!%b)\\x%02x?" % (_LETTER, STOP, _LETTER, _SOME, STOP))
_AT, _SLASH, _WWW = code_folded("@")[0], code_folded("/")[0], code_folded("www.")[0]
_SIGN = re.compile(b"[%b%b]|%b" % (re.escape(_AT), re.escape(_SLASH), re.escape(_WWW)))
_BLANKS = tuple(code_folded(blank)[0] for blank in (" ", "\n", "\t"))
_WORD = re.compile(b"[^%b]*" % b"".join(_BLANKS))


class Units(NamedTuple):
    """For every token the sentence and the paragraph it stands in, 0 in the title and from 1 in the text."""

    sentences: list[int]
    paragraphs: list[int]


class Scan:
    """A scanned title and text. `starts` and `ends` of tokens are places in the two folded texts, joined."""

    def __init__(self, title: str, text: str, *, is_urdu: bool | None = None) -> None:
        """`is_urdu` is as `fold` asks it."""
        self.title = title
        self._text_base = 1 + len(title) + len(_BETWEEN)
        self.text = text
        self._folded: tuple[Folded, Folded] | None = None
        self._sums: Numbers | None = None
        self._raw = codes = code(f"\n{title}{_BETWEEN}{text}\n")
        if DELETED in codes or INVISIBLE in codes:
            codes = codes.translate(None, _DELETED)
        if ODD in codes or (APOSTROPHE in codes and _DROPPED.search(codes) is not None):
            self._folded = fold(title, is_urdu=is_urdu), fold(text, is_urdu=is_urdu)
            self._joined = f"\n{self._folded[0].text}{_BETWEEN}{self._folded[1].text}\n"
            self._scan(*code_folded(self._joined))
        else:
            self._scan(codes, None)
        self.shift = self._shift()
        self.titles = int(self.starts.searchsorted(self.shift))

    def __len__(self) -> int:
        return len(self.starts)

    # --- cutting -----------------------------------------------------------------------------------------

    def _scan(self, codes: bytes, points: Points | None) -> None:
        """Find the tokens. `points` are given where letters may share a code."""
        if _AT in codes or _SLASH in codes or _WWW in codes:
            codes = _masked(codes)
        self._codes = codes
        letters = np.frombuffer(codes, np.uint8)
        is_letter = letters >= FIRST_ARABIC
        kinds = is_letter.view(np.uint8) + (letters >= FIRST_OTHER).view(np.uint8)
        if points is not None:
            kinds[letters == CJK_ANY] = 3
        joints = letters - np.uint8(STOP) < _JOINTS
        joints[1:] &= is_letter[:-1]
        joints[:-1] &= is_letter[1:]
        places = joints.nonzero()[0]
        self.initials = _join(codes, kinds, places.tolist()) if len(places) else []
        changes = kinds[1:] != kinds[:-1]
        if points is not None:
            changes |= kinds[1:] == 3
        edges = changes.nonzero()[0]
        edges += 1
        self._cut(edges, kinds.take(edges))
        self.numbers = self._hash(letters, points)

    def _cut(self, edges: Places, kinds: Codes) -> None:
        """The tokens between edges, behind which letters of some kind begin, or signs."""
        if kinds[1::2].any():  # letters of two kinds touch
            first = kinds.nonzero()[0]
            self.starts, self.ends = edges.take(first), edges.take(first + 1)
        else:
            self.starts, self.ends = edges[::2], edges[1::2]

    def _hash(self, letters: Codes, points: Points | None) -> Numbers:
        """A number for each token, the same for equal tokens: a polynomial of its letters."""
        starts, ends = self.starts, self.ends
        values = values_of(letters, points)
        if len(letters) <= WINDOW:
            self._sums = sums_of(values)
            return polynomials(self._sums, starts, ends)
        numbers = np.zeros(len(starts), np.uint64)
        done = 0
        while done < len(starts):
            base = int(starts[done])
            until = max(done + 1, int(ends.searchsorted(base + WINDOW, "right")))
            if ends[until - 1] - base <= WINDOW:
                some = slice(done, until)
                sums = sums_of(values[base : base + WINDOW].copy())
                numbers[some] = polynomials(sums, starts[some] - base, ends[some] - base)
            done = until
        return numbers

    def pieces(self, tokens: Places) -> tuple[Numbers, Places] | None:
        """The numbers of all runs of letters in some tokens, and for each which of `tokens` it is from.

        None in a text of more than one window.
        """
        if self._sums is None:
            return None
        starts = self.starts.take(tokens)
        lengths = self.ends.take(tokens) - starts
        counts = lengths * (lengths + 1) // 2
        source = np.arange(len(tokens)).repeat(counts)
        ends = counts.cumsum()
        within = np.arange(len(source)) - (ends - counts).take(source)
        # run number k of a token ends at its letter `last`, and begins `behind` letters before it
        last = ((np.sqrt(8 * within + 1) - 1) * 0.5).astype(np.int64)
        first = starts.take(source) + within - last * (last + 1) // 2
        return polynomials(self._sums, first, starts.take(source) + last + 1), source

    # --- tokens ------------------------------------------------------------------------------------------

    def word(self, token: int) -> str:
        """The folded text of a token."""
        return without_stops(self._text(int(self.starts[token]), int(self.ends[token])))

    def cased(self, start: int, end: int) -> str:
        """A range of the folded text in its own capitals."""
        if self._folded is None:
            return fold(self._raw_text(start, end)).cased
        field, base = self._field(start)
        return self._folded[field].cased[start - base : end - base]

    def raw(self, start: int, end: int) -> str:
        """The original of a range of the joined folded texts, not empty and in one field."""
        first, last = self.original(start, end)
        return (self.text if start >= self.shift else self.title)[first:last]

    def breaks(self, token: int) -> bool:
        """Whether a comma, stop, colon, bracket or line end parts a token, not the first, from the one before it."""
        gap = self._codes[self.ends.item(token - 1) : self.starts.item(token)]
        if gap == _BLANK:
            return False
        is_break, is_end, _ = _gap(gap) if len(gap) <= _SHORT else _any_gap(gap)
        if is_end is not None:
            return is_break
        return read_stop(decode(gap), self.word(token - 1), begins_low=False)[0]

    def gap(self, token: int) -> str:
        """What stands between a token and the one before it, folded. With a mask in it other signs are stand-ins."""
        start, end = int(self.ends[token - 1]), int(self.starts[token])
        codes = self._codes[start:end]
        if self._folded is None and start < end and MASKED not in codes:
            return fold(self._raw_text(start, end)).text
        return decode(codes) if MASKED in codes else self._text(start, end)

    @cached_property
    def units(self) -> Units:
        """The sentence and paragraph of every token."""
        codes, titles, count = self._codes, self.titles, len(self.starts)
        signs = (np.frombuffer(codes, np.uint8) - np.uint8(LINE) < _ENDS).nonzero()[0]
        behind = np.unique(self.starts.searchsorted(signs))
        behind = behind[(behind > titles) & (behind < count)]
        begun = self.starts.take(behind - 1).tolist()
        ended = self.ends.take(behind - 1).tolist()
        firsts, paragraphs = [0, titles], [0, 1]
        for token, before, end, start in zip(
            behind.tolist(), begun, ended, self.starts.take(behind).tolist(), strict=True
        ):
            gap = codes[end:start]
            if gap == _STOP_BLANK:
                is_end, is_blank = None, False
            else:
                _, is_end, is_blank = _gap(gap) if len(gap) <= _SHORT else _any_gap(gap)
            if is_end is None:
                is_end = not (codes[start] >= FIRST_OTHER and self._begins_low(start)) and (
                    end - before > _LONGEST_ABBREVIATION or read_stop(". ", self.word(token - 1), begins_low=False)[1]
                )
            if is_end:
                firsts.append(token)
                paragraphs.append(paragraphs[-1] + is_blank)
        firsts.append(count)
        sizes = np.diff(firsts)
        return Units(np.arange(len(sizes)).repeat(sizes).tolist(), np.array(paragraphs).repeat(sizes).tolist())

    def _begins_low(self, place: int) -> bool:
        """Whether a letter of the text is written small."""
        if self._folded is not None:
            return self._folded[1].cased[place - self.shift].islower()
        return _is_low(self.text[self._kept(place) - self._text_base])

    def _text(self, start: int, end: int) -> str:
        return self._joined[start:end] if self._folded else decode(self._codes[start:end])

    # --- places ------------------------------------------------------------------------------------------

    def original(self, start: int, end: int) -> tuple[int, int]:
        """Turn a range of the joined folded texts, not empty and in one field, into a range of that field."""
        field, base = self._field(start)
        if self._folded is not None:
            return self._folded[field].original(start - base, end - base)
        last, base = self._kept(end - 1), self._text_base if field else 1
        has_mark = self._codes[end - 1] >= FIRST_ARABIC  # a stop owns no marks
        marked = self._raw.rfind(_MARK, last, self._kept(end)) + 1 if has_mark else 0
        return self._kept(start) - base, max(marked, last + 1) - base

    def _field(self, place: int) -> tuple[int, int]:
        """Which field a place lies in, and where that begins."""
        return (1, self.shift) if place >= self.shift else (0, 1)

    def _raw_text(self, start: int, end: int) -> str:
        """The original of a range in one field, or of what lies between two words."""
        first, last = self._kept(start), self._kept(end - 1) + 1
        base = self._text_base
        if first >= base:
            return self.text[first - base : last - base]
        return f"\n{self.title}{_BETWEEN}{self.text[: max(0, last - base)]}"[first:last]

    def _kept(self, place: int) -> int:
        """Where a letter of the folded text stood in the joined texts as they came."""
        return place if self._where is None else int(self._where[place])

    @cached_property
    def _where(self) -> Places | None:
        if len(self._raw) == len(self._codes):
            return None
        return (np.frombuffer(self._raw, np.uint8) < DELETED).nonzero()[0]

    def _shift(self) -> int:
        """Where the text begins in the joined folded texts."""
        if self._folded is not None:
            return 1 + len(self._folded[0].text) + len(_BETWEEN)
        return len(self._raw[: self._text_base].translate(None, _DELETED))


def _any_gap(codes: bytes) -> tuple[bool, bool | None, bool]:
    return read_gap(decode(codes))


_gap = lru_cache(maxsize=4096)(_any_gap)


@lru_cache(maxsize=4096)
def _is_low(letter: str) -> bool:
    return fold(letter).cased.islower()


def _masked(codes: bytes) -> bytes:
    """The codes with addresses and mentions blanked out: `tokens.mask`, asked of what lies around their signs."""
    done, kept = 0, []
    for sign in _SIGN.finditer(codes):
        if sign.start() >= done:
            start = 1 + max(codes.rfind(blank, done, sign.start()) for blank in _BLANKS)
            start = start or done
            found = _WORD.match(codes, sign.start())
            assert found is not None
            kept += [codes[done:start], _mask(codes[start : found.end()])]
            done = found.end()
    return b"".join((*kept, codes[done:]))


def _mask(codes: bytes) -> bytes:
    masked = mask(decode(codes))
    return bytes(MASKED if sign == MASK else code for sign, code in zip(masked, codes, strict=True))


def _join(codes: bytes, kinds: Codes, joints: list[int]) -> list[int]:
    """Let signs between letters join a token (don't, 1,000, U.S.) as `tokens.TOKEN` does: give them a kind.

    Returns where the tokens with stops begin.
    """
    done, joined, initials = 0, -1, []
    for place in joints:
        if place < done:
            continue
        before = codes[place - 1]
        if codes[place] == APOSTROPHE:
            if (
                before >= FIRST_OTHER
                and codes[place + 1] >= FIRST_OTHER
                and CJK_ANY not in (before, codes[place + 1])
            ):
                kinds[place] = 2
                joined = place
            continue
        start = place - 1
        if DIGITS[0] <= before <= DIGITS[1]:
            while DIGITS[0] <= codes[start - 1] <= DIGITS[1]:
                start -= 1
            is_inside = start - 1 == joined or FIRST_OTHER <= codes[start - 1] != CJK_ANY
            found, kind = None if is_inside else _NUMBER.match(codes, start), 2
        else:
            is_inside = start - 1 == joined or codes[start - 1] >= FIRST_ARABIC
            found, kind = None if is_inside else _INITIALS.match(codes, start), _JOINED
        if found is not None:
            kinds[start : found.end()] = kind
            done = found.end() + 1
            if kind == _JOINED:
                initials.append(start)
    return initials
