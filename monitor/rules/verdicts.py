"""Tell of many cuts of tokens at once whether a core may stand there: between this prefix and that ending.

That hangs on what its stem may carry and hardly on the core itself, so the grammar is asked once for each sort of
clitics, prefix and ending.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from monitor.rules.tables import Ints
from monitor.text import arabic, latin
from monitor.text.grammar import Ending, Prefixes, Reading, Stem
from monitor.text.grammars import WRITTEN_BEHIND, WRITTEN_ONTO

_UNASKED, NEVER, DOUBTFUL, CERTAIN = range(4)
"""Verdicts: a dictionary is to be asked whether a doubtful one is an accident."""

PREFIXES = ("", *sorted(WRITTEN_ONTO, key=lambda prefix: (prefix not in arabic.PREFIXES, prefix)))
"""By number what may stand before a core, that of Arabic first."""

ENDINGS = ("", "s", *sorted(WRITTEN_BEHIND))
"""By number what may stand behind one; s is that of Latin letters."""

_ARABIC_PREFIXES = len(arabic.PREFIXES)

LAM, YEH, LATIN = 1, 2, 4
"""What else counts of a core: that it begins with ل, that it ends in ي or ى, that it is in no Arabic letters."""
_CORES = [("ل" if core & LAM else "ب") + "زززز" + ("ي" if core & YEH else "ب") for core in range(LATIN)]
_CORES.append("x")

Verdict: TypeAlias = NDArray[np.uint8]


class Clitics(NamedTuple):
    """What a stem has beside its core."""

    endings: Mapping[str, Ending]
    prefixes: Prefixes
    has_article: bool
    own_letters: Mapping[str, int] | None


Sort: TypeAlias = tuple[int, int, int, int]
"""Of a cut the sort of clitics, the prefix and the ending by number, and what the core is."""


class Verdicts:
    """What the grammar said of each sort of cut."""

    def __init__(self, clitics: Sequence[Clitics]) -> None:
        self._clitics = clitics
        self._shape = len(clitics), _ARABIC_PREFIXES, len(ENDINGS), len(_CORES)
        self._known = np.zeros(self._shape, np.uint8)
        self._readings: dict[Sort, tuple[Reading, ...]] = {}

    def of(self, clitics: Ints, prefixes: Ints, endings: Ints, cores: Ints) -> Verdict:
        """The verdict on each cut, of which these are the sorts."""
        cuts = clitics, prefixes, endings, cores
        found: Verdict = self._known[cuts]
        unasked = (found == _UNASKED).nonzero()[0]
        if len(unasked):
            for sort in {*zip(*(part.take(unasked).tolist() for part in cuts), strict=True)}:
                self._known[sort] = self._asked(sort)
            found = self._known[cuts]
        return found

    def readings(self, sort: Sort, start: int, end: int) -> Iterator[Reading]:
        """How a token is read that is cut so, its core from letter `start` to before `end`."""
        for one in self._readings[sort]:
            yield one._replace(start=start + one.start, end=end + one.end)

    def _asked(self, sort: Sort) -> int:
        clitics, prefix, ending, core = sort
        before, between, behind = PREFIXES[prefix], _CORES[core], ENDINGS[ending]
        token, stems = before + between + behind, {between: [(0, Stem(between, *self._clitics[clitics]))]}
        start, end = len(before), len(before) + len(between)
        ways = latin.readings(token, stems) if core == LATIN else arabic.readings_at(token, stems, [(start, end)])
        found = [one._replace(start=one.start - start, end=one.end - end) for _, one in ways]
        self._readings[sort] = tuple(found)
        return NEVER if not found else DOUBTFUL if all(one.doubt for one in found) else CERTAIN
