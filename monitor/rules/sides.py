"""What tokens can enter: for a token's meaning (the words it can stand for) the slots, which are phrases of terms."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import NamedTuple, Protocol, TypeAlias, TypeVar

from monitor.rules.words import Phrase

MOST_PAIRS = 200_000
"""Pairs of neighbours that are remembered."""

FLAGS = 5
ENTERS, LEFT, OTHER_LEFT = 1, 2, 8
"""Of a token's value the low bits, and what they say: it enters rules; it is the left word (one bit higher: the
right one) of a pair by which rules are entered, or of a pair of another phrase.
"""


Trace: TypeAlias = tuple[int, int, int]
"""Where a slot's phrase may stand: its first token and its last in the document, and the slot."""


K = TypeVar("K")
V_co = TypeVar("V_co", covariant=True)


class Under(Protocol[K, V_co]):
    """What stands under keys."""

    def __iter__(self) -> Iterator[K]:
        """The keys."""

    def get(self, key: K, default: tuple[()], /) -> Sequence[V_co]:
        """What stands under a key."""


@dataclass(frozen=True, slots=True)
class Tables:
    """Slots by the words that enter them: (entry, slot) by a phrase's only word, and by the pair that enters it.
    `lefts` and `rights` are the words of those pairs.
    """

    of_word: Under[int, tuple[int, ...]]
    pairs: Under[tuple[int, int], tuple[int, ...]]
    lefts: Set[int]
    rights: Set[int]


class Entered(NamedTuple):
    """Tables that are being made."""

    of_word: dict[int, list[tuple[int, ...]]]
    pairs: dict[tuple[int, int], list[tuple[int, ...]]]
    lefts: set[int]
    rights: set[int]

    def add(self, entry: int, slot: int, numbers: Sequence[int], use: Mapping[int, int], phrase: Phrase) -> None:
        """Enter a slot by its word or its rarest pair."""
        last = len(numbers) - 1
        if not last:
            self.of_word.setdefault(numbers[0], []).append((entry, slot))
            return
        rarity = [(use[number], -len(word.text)) for number, word in zip(numbers, phrase.words, strict=True)]
        left = min(range(last), key=lambda at: sorted(rarity[at : at + 2]))
        self.lefts.add(numbers[left])
        self.rights.add(numbers[left + 1])
        self.pairs.setdefault((numbers[left], numbers[left + 1]), []).append((entry, left, last - left, slot))


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
        self.plain.append(tuple(slot for word in words for slot in self._tables.of_word.get(word, ())))
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
                for placed in self._tables.pairs.get((word, other), ())
            )
        return known
