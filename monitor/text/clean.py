"""The one cleaning every text gets at the door, before anything is stored, matched or shown.

Removes what can harm a sink (surrogates, controls, direction overrides, tag characters, towers of marks). Keeps what
writing needs: line feeds, tabs, LRM, RLM, ZWNJ, ZWJ and up to eight marks on a letter.
"""

from __future__ import annotations

import re
import unicodedata

MARKS_IN_A_ROW = 8

_BAD = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff\U000e0000-\U000e007f]"
)
_SPACES = frozenset("\x0b\x0c\x1c\x1d\x1e\x1f\x85\u2028\u2029")  # they separate words somewhere: never glue
_TOWER = re.compile(f"[^\\w\\s\x00-\x7f]{{{MARKS_IN_A_ROW + 1},}}")


def clean(text: str) -> str:
    """Return `text` without what harms a sink; line ends become LF. Cleaning twice changes nothing."""
    text = _BAD.sub(_instead, text.replace("\r\n", "\n").replace("\r", "\n"))
    return _TOWER.sub(_lowered, text)


def _instead(found: re.Match[str]) -> str:
    bad = found[0]
    if "\ud800" <= bad <= "\udfff":
        return "\ufffd"
    return " " if bad in _SPACES else ""


def _lowered(found: re.Match[str]) -> str:
    kept: list[str] = []
    height = 0
    for letter in found[0]:
        height = height + 1 if unicodedata.category(letter) in ("Mn", "Me") else 0
        if height <= MARKS_IN_A_ROW:
            kept.append(letter)
    return "".join(kept)
