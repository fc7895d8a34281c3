"""Turkish in word mode: a name takes its suffixes behind an apostrophe (İran'ın, ABD'deki).

Suffixes follow each other in a fixed order: adjective or plural, possessor, case, then ki or the copula. Those
without an apostrophe are inflection, which is another mode's.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from monitor.text.fold import loosen
from monitor.text.grammar import WHOLE, Ending, Grammar, Stem

_SUFFIX = re.compile(
    "'(?=.)(?:l[iıuü](?:k|r)?|s[iıuü]z|c[iıuü])?"
    "(?:[iıuü]?nc[iıuü])?(?:l[ae]r)?"
    "(?:s?[iıuü]|[iıuü]?[mn][iıuü]z|[iıuü]?m)?"
    "(?:[nyşs]?[iıuü]|n?[iıuü]n|[ny]?[ae]|n?[dt][ae]n?|y?l[ae]|n?[cç][ae])?"
    "(?:k[iü](?:l[ae]r)?(?:n?[iı]n?|n?[ae]|nd[ae]n?)?)?"
    "(?:[dt][iıuü]r(?:l[ae]r)?|y?[dt][iıuü]|y?m[iıuü][sş]|ys[ae]|yken)?"
)

SUFFIX = "'+"
LONG_SUFFIX = "'++"
"""Keys of endings: any suffix, and one of two letters or more. A single letter may end an Arabic name (Sana'a)."""

_ENDINGS: Mapping[str, Ending] = {**WHOLE, SUFFIX: Ending.PRONOUN}


class Turkish(Grammar):
    """A word, a name too, takes suffixes behind an apostrophe."""

    def stems(self, word: str, *, strict: bool, name: bool, alone: bool) -> tuple[Stem, ...]:
        """Return the word itself, with every suffix."""
        return (Stem(word if strict else loosen(word), _ENDINGS),)


def suffixes(tail: str) -> tuple[str, ...]:
    """Return the keys of endings that a tail, apostrophe first, stands for."""
    if not _SUFFIX.fullmatch(tail):
        return ()
    return (SUFFIX, LONG_SUFFIX) if len(tail) > 2 else (SUFFIX,)
