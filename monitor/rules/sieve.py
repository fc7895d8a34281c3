"""Tell cheaply of most words nobody asked for that they are none of the lexicon's, before a grammar judges them.

Every grammar finds a word of a term as a run of letters inside the token (its core), so a token none of whose runs is
a core can mean nothing.
"""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from monitor.rules.tables import Ints
from monitor.text.numbering import numbers_of
from monitor.text.scan import Scan

LONGEST_SIEVED = 12
"""Letters up to which a token's runs are tried."""

_PLACES_A_CORE = 16


class Sieve:
    """A set of cores; it may take other runs of letters for one of them, never the reverse."""

    def __init__(self, cores: Collection[str]) -> None:
        numbers = numbers_of(cores)
        bits = max(10, (len(numbers) * _PLACES_A_CORE).bit_length())
        self._shift = np.uint64(64 - bits)
        self._mask = np.uint64((1 << bits) - 1)
        self._some = np.zeros(1 << bits, np.bool_)
        self._same = np.zeros(1 << bits, np.bool_)
        self._some[numbers >> self._shift] = True
        self._same[numbers & self._mask] = True

    def kept(self, scan: Scan, tokens: Ints) -> Ints:
        """Which of `tokens` may hold a core, by their place there: also those too long to say, and U.S., whose core
        has no stops."""
        lengths = scan.ends.take(tokens) - scan.starts.take(tokens)
        short = (lengths <= LONGEST_SIEVED).nonzero()[0]
        pieces = scan.pieces(tokens.take(short))
        if pieces is None:
            return np.arange(len(tokens))
        numbers, source = pieces
        hits = self._some.take((numbers >> self._shift).view(np.int64)).nonzero()[0]
        hits = hits[self._same.take((numbers.take(hits) & self._mask).view(np.int64))]
        kept = lengths > LONGEST_SIEVED
        if scan.initials:
            kept |= np.isin(scan.starts.take(tokens), scan.initials)
        kept[short.take(source.take(hits))] = True
        return kept.nonzero()[0]
