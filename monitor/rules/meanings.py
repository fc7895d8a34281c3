"""What tokens mean: the sets of words that they can stand for, by number, and what each of them can enter."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from itertools import chain, count

import numpy as np

from monitor.rules.sides import ENTERS, FLAGS, LEFT, OTHER_LEFT, Side, Tables
from monitor.rules.tables import Ints


class Meanings:
    """Meanings by number, as tokens are read; 0 means nothing."""

    def __init__(self, entering: Tables, others: Tables) -> None:
        """The slots that enter rules, and the others."""
        self.entering, self.others = Side(LEFT, ENTERS, entering), Side(OTHER_LEFT, 0, others)
        self.forget()

    def forget(self) -> None:
        """Begin with nothing known of tokens."""
        self.known: dict[tuple[int, ...], int] = {(): 0}
        self._flags = array("q", [0])
        self.entering.forget()
        self.others.forget()

    def __len__(self) -> int:
        return len(self.known)

    def values(self, tokens: Iterable[Iterable[int]]) -> Ints:
        """The value of each token that can stand for some words: the number of its meaning, and flags in the low
        bits.
        """
        own = [tuple(sorted(words)) for words in tokens]
        new = [words for words in dict.fromkeys(own) if words not in self.known]
        if new:
            self._learn(new)
        numbers = np.array([self.known[words] for words in own], np.int64)
        return numbers << FLAGS | np.frombuffer(self._flags, np.int64).take(numbers)

    def _learn(self, new: Sequence[tuple[int, ...]]) -> None:
        """Note what sets of words can enter that no token stood for before."""
        self.known.update(zip(new, count(len(self.known)), strict=False))
        words = np.array([*chain.from_iterable(new)], np.int64)
        of = np.arange(len(new)).repeat([*map(len, new)])
        flags = self.entering.mean(words, of, len(new)) | self.others.mean(words, of, len(new))
        self._flags.frombytes(flags.tobytes())
