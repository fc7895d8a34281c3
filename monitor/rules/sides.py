"""What tokens can enter: for a token's meaning (the words it can stand for) the slots, which are phrases of terms."""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass

import numpy as np

from monitor.rules.packing import Grouped, paired
from monitor.rules.tables import Ints, Memo
from monitor.rules.words import Word

MOST_PAIRS = 200_000
"""Pairs of neighbours that are remembered."""

FLAGS = 5
ENTERS, LEFT, OTHER_LEFT = 1, 2, 8
"""Of a token's value the low bits, and what they say: it enters rules; it is the left word (one bit higher: the
right one) of a pair by which rules are entered, or of a pair of another phrase.
"""


_PAIR_BITS = 18
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

    def __init__(self, left: int, tables: Tables) -> None:
        """`left` is the flag of tokens that are the left word of a pair; that of right ones follows it."""
        self.left = left
        self._tables = tables
        self.forget()

    def forget(self) -> None:
        """Forget what tokens mean, not what words do."""
        self.plain: list[tuple[tuple[int, ...], ...]] = [()]
        self._forget_pairs()

    def _forget_pairs(self) -> None:
        self.placed: list[tuple[tuple[int, ...], ...]] = [()]
        self._memo = Memo(_PAIR_BITS)

    def mean(self, words: Sequence[int]) -> int:
        """Note what the next meaning can enter. Returns its flags."""
        self.plain.append(tuple(slot for word in words for slot in self._tables.of_word.under(word)))
        is_left, is_right = not self._tables.lefts.isdisjoint(words), not self._tables.rights.isdisjoint(words)
        return is_left * self.left | is_right * self.left << 1

    def pairs(self, lefts: Ints, rights: Ints, words_of: Sequence[Sequence[int]]) -> Ints:
        """For tokens side by side, by what they mean, the numbers in `placed` of the slots they enter; 0 is none.

        What stands in `placed` holds until the next call.
        """
        if len(self.placed) > MOST_PAIRS:
            self._forget_pairs()
        numbers = (lefts << 32 | rights).view(np.uint64) * _SPREAD
        found, unknown = self._memo.get(numbers)
        judged: dict[int, int] = {}
        for at in unknown:
            number = numbers.item(at)
            known = judged.get(number)
            if known is None:
                known = judged[number] = self._place(words_of[lefts.item(at)], words_of[rights.item(at)])
                self._memo.put(number, known)
            found[at] = known
        return found

    def _place(self, left: Sequence[int], right: Sequence[int]) -> int:
        placed = tuple(
            placed for word in left for other in right for placed in self._tables.of_pair.under(paired(word, other))
        )
        if not placed:
            return 0
        self.placed.append(placed)
        return len(self.placed) - 1
