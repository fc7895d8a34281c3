"""Draw an article as bytes, one a letter, folded in one look-up; as strings where letters want more than that."""

from __future__ import annotations

import re
from typing import NamedTuple

from monitor.text.alphabet import (
    APOSTROPHE,
    CYRILLIC,
    DELETED,
    INVISIBLE,
    MASKED,
    ODD,
    Points,
    code_folded,
    decode,
)
from monitor.text.fold import Folded, fold
from monitor.text.tokens import MASK, mask

BETWEEN = f"\n{MASK}\n"
"""What parts a title from its text."""

_DELETED, _INVISIBLE = bytes((DELETED,)), bytes((INVISIBLE,))
_DROPPED = re.compile(
    b"%c(?<=[%b].)(?=[%b])" % (APOSTROPHE, _CYRILLIC := b"\\x%02x-\\x%02x" % CYRILLIC, _CYRILLIC), re.S
)
"""An apostrophe that folding drops, for which the text must be folded as a string."""

_SIGNS = tuple(code_folded(sign)[0] for sign in ("@", "/", "www."))
_BLANKS = tuple(code_folded(blank)[0] for blank in (" ", "\n", "\t"))
_WORD = re.compile(b"[^%b]*" % b"".join(_BLANKS))


class Fields(NamedTuple):
    """What is matched of an article; `is_urdu` is as `fold` asks it."""

    title: str
    text: str
    is_urdu: bool | None = None


class Drawn(NamedTuple):
    """One article on a sheet: its joined fields as they came, in codes; folded as strings where that was needed."""

    fields: Fields
    raw: bytes
    folded: tuple[Folded, Folded] | None
    joined: str
    """The joined fields: folded where they are `folded`, else as they came."""
    titles: int
    """Letters of the folded title."""


def draw(fields: Fields, joined: str, raw: bytes) -> tuple[Drawn, bytes, Points | None]:
    """Draw an article of its fields, joined, and their codes; with its points where letters may share a code."""
    title, text, is_urdu = fields
    codes, titles = raw, len(title)
    if DELETED in codes or INVISIBLE in codes:
        titles -= sum(map(codes[: 1 + titles].count, (DELETED, INVISIBLE)))
        codes = codes.replace(_DELETED, b"").replace(_INVISIBLE, b"")
    if ODD in codes or (APOSTROPHE in codes and _DROPPED.search(codes) is not None):
        folded = fold(title, is_urdu=is_urdu), fold(text, is_urdu=is_urdu)
        joined = f"\n{folded[0].text}{BETWEEN}{folded[1].text}\n"
        title, text = mask(folded[0].text), mask(folded[1].text)  # of letters, which may share a code
        codes, points = code_folded(f"\n{title}{BETWEEN}{text}\n")
        return Drawn(fields, raw, folded, joined, len(title)), codes, points
    return Drawn(fields, raw, None, joined, titles), _without_addresses(codes), None


def _without_addresses(codes: bytes) -> bytes:
    """The codes with addresses and mentions blanked out: `tokens.mask`, asked of what lies around their signs."""
    signs = {sign: place for sign in _SIGNS if (place := codes.find(sign)) >= 0}
    if not signs:
        return codes
    done, kept = 0, []
    while signs:
        sign = min(signs, key=signs.__getitem__)
        place = signs[sign]
        if place >= done:
            start = 1 + max(codes.rfind(blank, done, place) for blank in _BLANKS)
            start = start or done
            found = _WORD.match(codes, place)
            assert found is not None
            kept += [codes[done:start], _mask(codes[start : found.end()])]
            done = found.end()
        place = codes.find(sign, done)
        if place < 0:
            del signs[sign]
        else:
            signs[sign] = place
    return b"".join((*kept, codes[done:]))


def _mask(codes: bytes) -> bytes:
    masked = mask(decode(codes))
    return bytes(MASKED if sign == MASK else code for sign, code in zip(masked, codes, strict=True))
