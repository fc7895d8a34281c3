"""What tokens can enter: for a token's meaning (the words it can stand for) the slots, which are phrases of terms."""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from typing import TypeAlias

from monitor.rules.packing import Grouped, paired
from monitor.rules.words import Word

MOST_PAIRS = 200_000
"""Pairs of neighbours that are remembered."""

FLAGS = 5
ENTERS, LEFT, OTHER_LEFT = 1, 2, 8
"""Of a token's value the low bits, and what they say: it enters rules; it is the left word (one bit higher: the
right one) of a pair by which rules are entered, or of a pair of another phrase.
"""


Trace: TypeAlias = tuple[int, int, int]
"""Where a slot's phrase may stand: its first token and its last in the document, and the slot."""


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
        self._known: dict[tuple[int, int], tuple[tuple[int, ...], ...]] = {}

    def mean(self, words: Sequence[int]) -> int:
        """Note what the next meaning can enter. Returns its flags."""
        self.plain.append(tuple(slot for word in words for slot in self._tables.of_word.under(word)))
        is_left, is_right = not self._tables.lefts.isdisjoint(words), not self._tables.rights.isdisjoint(words)
        return is_left * self.left | is_right * self.left << 1

    def pair(self, left: int, right: int, words_of: Sequence[Sequence[int]]) -> tuple[tuple[int, ...], ...]:
        """The slots entered by two tokens side by side, by what they mean."""
        known = self._known.get((left, right))
        if known is None:
            if len(self._known) >= MOST_PAIRS:
                self._known.clear()
            known = self._known[left, right] = tuple(
                placed
                for word in words_of[left]
                for other in words_of[right]
                for placed in self._tables.of_pair.under(paired(word, other))
            )
        return known
