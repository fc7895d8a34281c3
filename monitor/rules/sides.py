"""What tokens can enter: for a token's meaning (the words it can stand for) the slots, which are phrases of terms."""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from monitor.rules.packing import Grouped, paired
from monitor.rules.tables import Growing, Ints
from monitor.rules.words import Word

FLAGS = 5
ENTERS, LEFT, OTHER_LEFT = 1, 2, 8
"""Of a token's value the low bits, and what they say: it enters rules; it is the left word (one bit higher: the
right one) of a pair by which rules are entered, or of a pair of another phrase.
"""


AT_ONCE = 1 << 14
"""Neighbours that are looked at in one step."""

_PLACES_A_PAIR = 8
_SPREAD = np.uint64(0x9E3779B97F4A7C15)
"""Odd, so that pairs are as distinct behind it as before; their places in a table are not as alike."""


@dataclass(frozen=True, slots=True)
class Tables:
    """Slots by the words that enter them: (entry, slot) by a phrase's only word, and placed slots by the pair that
    enters them. `lefts` and `rights` are the words of those pairs.
    """

    of_word: Grouped
    of_pair: Grouped
    lefts: Set[int]
    rights: Set[int]


class Entering:
    """Tables that are being made."""

    def __init__(self) -> None:
        self._words, self._of_word = array("i"), array("i")
        self._pairs, self._of_pair = array("q"), array("i")
        self._lefts: set[int] = set()
        self._rights: set[int] = set()

    def add(
        self, entry: int, slot: int, numbers: Sequence[int], use: Mapping[int, int], words: Sequence[Word]
    ) -> None:
        """Enter a slot by its word or its rarest pair. `words` are all there are."""
        last = len(numbers) - 1
        if not last:
            self._words.append(numbers[0])
            self._of_word.extend((entry, slot))
            return
        rarity = [(use[number], -len(words[number].text)) for number in numbers]
        left = min(range(last), key=lambda at: sorted(rarity[at : at + 2]))
        self._lefts.add(numbers[left])
        self._rights.add(numbers[left + 1])
        self._pairs.append(paired(numbers[left], numbers[left + 1]))
        self._of_pair.extend((entry, left, last - left, slot))

    def tables(self) -> Tables:
        """All of it."""
        of_word, of_pair = Grouped.of(self._words, self._of_word, 2), Grouped.of(self._pairs, self._of_pair, 4)
        return Tables(of_word, of_pair, self._lefts, self._rights)


class Side:
    """Half of the slots, by what tokens mean: those that enter rules, or the others.

    A phrase of several words is entered by a pair of neighbours: its rarest word and the rarer one beside it. A
    placed slot is (entry, tokens before the pair, tokens behind its left word, slot).
    """

    def __init__(self, left: int, enters: int, tables: Tables) -> None:
        """`left` is the flag of tokens that are the left word of a pair; that of right ones follows it. `enters` is
        that of tokens that enter a slot by themselves, 0 for none.
        """
        self.left = left
        self._enters = enters
        self._of_pair, self._of_word = tables.of_pair.rows, tables.of_word.rows
        self._words: Ints = np.asarray(tables.of_word.keys, np.int64)
        self._is_left, self._is_right = (_marked(words) for words in (tables.lefts, tables.rights))
        self._pairs: Ints = np.asarray(tables.of_pair.keys, np.int64)
        bits = max(10, (len(self._pairs) * _PLACES_A_PAIR).bit_length())
        self._shift = np.uint64(64 - bits)
        self._may_be = np.zeros(1 << bits, np.bool_)
        self._may_be[self._spread(self._pairs)] = True
        self.forget()

    def forget(self) -> None:
        """Forget what tokens mean, not what words do."""
        self.plain, self._lefts, self._rights = Growing(), Growing(), Growing()
        for rows in (self.plain, self._lefts, self._rights):
            rows.append(())

    def mean(self, words: Ints, of: Ints, count: int) -> Ints:
        """Note what the next `count` meanings can enter; each of `words` is one of a meaning, in the order of those.
        Returns the flags of each.
        """
        rows = self._words.searchsorted(words)
        there = (self._words.take(rows, mode="clip") == words).nonzero()[0] if len(self._words) else of[:0]
        slots, source = self._of_word.all_of(rows.take(there))
        counts = np.bincount(of.take(there.take(source)), minlength=count)
        self.plain.extend(slots, counts)
        flags = (counts > 0) * self._enters
        for sides, is_side, flag in (
            (self._lefts, self._is_left, self.left),
            (self._rights, self._is_right, self.left << 1),
        ):
            own = is_side.take(words, mode="clip").nonzero()[0]
            counts = np.bincount(of.take(own), minlength=count)
            sides.extend(words.take(own), counts)
            flags |= (counts > 0) * flag
        return flags

    def placed(self, lefts: Ints, rights: Ints) -> tuple[Ints, Ints]:
        """For tokens side by side, by what they mean, the placed slots that they enter, a row each; and of each which
        neighbours enter it.
        """
        found = [
            self._placed(lefts[start : start + AT_ONCE], rights[start : start + AT_ONCE], start)
            for start in range(0, len(lefts), AT_ONCE)
        ]
        slots = [some for some, _ in found]
        return np.concatenate((_NONE, *slots)).reshape(-1, 4), np.concatenate(
            (_NONE, *(source for _, source in found))
        )

    def _placed(self, lefts: Ints, rights: Ints, start: int) -> tuple[Ints, Ints]:
        left, source = self._lefts.all_of(lefts)
        right, whose = self._rights.all_of(rights.take(source))
        pairs = left.take(whose) << 32 | right
        there = self._may_be.take(self._spread(pairs)).nonzero()[0]
        pairs = pairs.take(there)
        rows = self._pairs.searchsorted(pairs)
        is_pair = self._pairs.take(rows, mode="clip") == pairs if len(pairs) else there == 0
        slots, which = self._of_pair.all_of(rows[is_pair])
        return slots, source.take(whose.take(there[is_pair])).take(which[::4]) + start

    def _spread(self, pairs: Ints) -> Ints:
        """Where pairs stand among those there may be."""
        return (pairs.view(np.uint64) * _SPREAD >> self._shift).view(np.int64)


def _marked(words: Set[int]) -> NDArray[np.bool_]:
    """By number whether a word is one of these; the last place stands for all behind it."""
    found = np.zeros(max(words, default=-1) + 2, np.bool_)
    found[[*words]] = True
    return found


_NONE: Ints = np.zeros(0, np.int64)
