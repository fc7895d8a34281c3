"""Name the languages whose inflected forms a word may have: the term's own, else by its script and telling letters.

A Cyrillic word without a telling letter may be Russian or Ukrainian, so both count. Latin letters are English unless
a letter says otherwise.
"""

from __future__ import annotations

import re

_TELLING = (
    (re.compile("[ٹڈڑںےھۓ]"), ("ur",)),
    (re.compile("[پچژگکی]"), ("fa",)),
    (re.compile("[\u0620-\u06ff]"), ("ar",)),
    (re.compile("[\u05d0-\u05ea]"), ("he",)),
    (re.compile("[іїєґ]", re.I), ("uk",)),
    (re.compile("[ыэёъ]", re.I), ("ru",)),
    (re.compile("[\u0400-\u052f]"), ("ru", "uk")),
    (re.compile("[ğışİŞĞ]"), ("tr",)),
    (re.compile("[ßäÄ]"), ("de",)),
    (re.compile("[éèêëàâçîïôùûœ]", re.I), ("fr",)),
    (re.compile("[a-z]", re.I), ("en",)),
)


def tongues(text: str, language: str) -> tuple[str, ...]:
    """Return the languages of a term, `language` when it is given; nothing for a script without any."""
    if language:
        return (language,)
    return next((languages for letters, languages in _TELLING if letters.search(text)), ())
