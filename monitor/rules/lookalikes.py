"""What of a text the eye takes for something else: characters that show nothing, and letters of another script.

Facts of Unicode, for Latin, Cyrillic and Greek: a letter is an intruder when its word holds letters of another of
these scripts and all letters of its own script in the word look like letters of the other.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator

_BIDI = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_NOTHING = (
    "\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b\u2060-\u2064\u206a-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb"
)
_INVISIBLE = re.compile(f"[{_BIDI}{_NOTHING}\U000e0000-\U000e007f]|[\u200c\u200d]")
_JOINERS = "\u200c\u200d"
"""They shape the letters beside them; only in Latin, Cyrillic and Greek they show nothing."""

_SHAPED = re.compile(
    "[\u0590-\u08ff\u0900-\u109f\u1780-\u18af\ufb1d-\ufdff\ufe70-\ufefc\u2190-\u2bff\U0001f000-\U0001faff\ufe0f]"
)
_WORD = re.compile(r"[^\W\d_]+")
_SCRIPT = {"LATIN": "Latin", "CYRILLIC": "Cyrillic", "GREEK": "Greek"}

# Letters that most typefaces draw alike, each under the Latin one it looks like.
_LIKE_LATIN = {
    **dict(zip("АВЕІЈКМНОРЅСТУХԚԜҮ", "ABEIJKMHOPSCTYXQWY", strict=True)),
    **dict(zip("аеіјорѕсухһԁԛԝүә", "aeijopscyxhdqwyə", strict=True)),
    **dict(zip("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧοιν", "ABEZHIKMNOPTYXoiv", strict=True)),
}


def visible(text: str) -> str:
    """`text` with every character that shows nothing as its code point in angle brackets: `<U+200F>`."""
    return _INVISIBLE.sub(lambda found: found[0] if _shapes(text, found.start()) else _sign(found[0]), text)


def invisible(text: str) -> Iterator[tuple[int, str]]:
    """Each character that shows nothing: where it stands, and as `U+200F RIGHT-TO-LEFT MARK behind 'abc'`."""
    for found in _INVISIBLE.finditer(text):
        if not _shapes(text, found.start()):
            yield found.start(), f"{named(found[0])} {_where(text, found.start())}"


def intruders(text: str) -> Iterator[tuple[int, str, str, str]]:
    """Each word with letters of another script that look like its own: where the first of them stands, the word,
    those letters, and how the word is meant.
    """
    for found in _WORD.finditer(text):
        word = found[0]
        scripts = Counter(filter(None, map(script, word)))
        if len(scripts) < 2:
            continue
        (host, _), *others = scripts.most_common()
        for intruder, count in others:
            letters = [letter for letter in word if script(letter) == intruder]
            twins = {letter: _twin(letter, host) for letter in letters}
            if all(twins.values()) and count <= scripts[host]:
                meant = "".join(twins.get(letter, letter) for letter in word)
                yield found.start() + word.index(letters[0]), word, "".join(dict.fromkeys(letters)), meant


def script(letter: str) -> str:
    """`Latin`, `Cyrillic` or `Greek`, "" for any other character."""
    return _SCRIPT.get(unicodedata.name(letter, "").partition(" ")[0], "")


def named(letter: str) -> str:
    """A character by code point and name: `U+0430 CYRILLIC SMALL LETTER A`."""
    return f"U+{ord(letter):04X} {unicodedata.name(letter, '')}".rstrip()


def _twin(letter: str, host: str) -> str:
    """The letter of script `host` that looks like this one, "" when there is none."""
    latin = _LIKE_LATIN.get(letter, letter)
    if host == "Latin":
        return latin if script(latin) == "Latin" else ""
    return next((own for own, like in _LIKE_LATIN.items() if like == latin and script(own) == host), "")


def _shapes(text: str, at: int) -> bool:
    """Whether a joiner stands where it changes how letters look."""
    return text[at] in _JOINERS and any(
        _SHAPED.match(beside) for beside in (text[at - 1 : at], text[at + 1 : at + 2])
    )


def _sign(letter: str) -> str:
    return f"<U+{ord(letter):04X}>"


def _where(text: str, at: int) -> str:
    before = _INVISIBLE.sub("", text[:at])
    return f"behind {before[-20:]!r}" if before.strip() else "at the beginning"
