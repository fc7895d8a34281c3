"""Compare two fingerprints, and judge what one article is to another: a copy, a rewrite ... or another story. Pure.

Wording alone joins nothing: two wires on two earthquakes share most of their words. Numbers, days and subjects that
each article has and the other lacks part them, however alike they read. In doubt they are two stories.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import accumulate
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from monitor.model import Relation
from monitor.stories.fingerprint import MOST_FACTS, Fingerprint, Kept, Sample, Values

UPDATED_WITHIN = timedelta(hours=24)
REWRITTEN_WITHIN = timedelta(hours=36)

LEAST_RUNS = 5
"""Runs of three words under which wording says nothing."""

COPIED = 0.9
"""Share of the shorter's wording that makes a copy by itself."""

COPIED_WITH_A_NUMBER = 0.85
COPIED_WITH_NUMBERS = 0.75
"""The same when one number, and when several or the headline, are the same."""

LEAST_OF_THE_SAME = 0.8
LEAST_OF_A_COPY = 0.6
LEAST_OF_A_TRIM = 0.25
"""Length of the shorter as a share of the longer; of a trim under the same headline there is no least."""

UPDATED = 0.7
REWRITTEN = 0.1
WORDS_KEPT = 0.55
LEAST_OF_A_REWRITE = 0.5
"""What a rewrite has at least of wording, words and length; facts decide."""

READS_ALIKE = 0.6
"""Share of wording or words from which two articles that are not one story are worth a word."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Likeness:
    """How two articles compare. Shares are 0 to 1; `length` is that of the shorter as a share of the longer.

    `contained` is the share of the shorter's runs of three words that stand in the longer, of `runs` that could be
    compared; `words` is the same of words. What is `apart` each has, at least so many times, and the other lacks.
    """

    length: float
    is_title_same: bool
    contained: float
    runs: int
    words: float
    same_numbers: int
    numbers_apart: int
    same_names: int
    subjects_apart: int
    names_apart: int
    lead_apart: int
    is_of_another_day: bool


def compare(this: Fingerprint, others: Sequence[bytes]) -> Iterator[tuple[int, Likeness]]:
    """Compare an article with others, given as `Fingerprint.to_bytes`, all in one go; which of two is which makes no
    difference. Yields the place and the likeness of each, the most alike in wording first, of equals the first; those
    are left out that have too little wording in common to be joined at all.
    """
    kept = list(map(Kept.of, others))
    near = sorted(_wordings(this, kept), key=lambda one: one.contained, reverse=True) if kept else ()
    if not near:
        return
    some = [kept[one.place] for one in near]
    rows = zip(near, some, *_words_and_facts(this, some), strict=True)
    for wording, other, words, (subjects, names, _), apart in rows:
        more = other.values[other.runs + other.words + other.facts :].tolist()
        numbers, numbers_apart = _shared_numbers(this.numbers, frozenset(more[: other.numbers]))
        words_apart = _apart(words, this.words, other.words, other.word_scale, other.values[other.runs :])
        shorter, longer = sorted((this.length, other.length))
        yield (
            wording.place,
            Likeness(
                length=shorter / longer,
                is_title_same=this.title == other.title != 0,
                contained=wording.contained,
                runs=wording.runs,
                words=words / max(1, words + words_apart),
                same_numbers=numbers,
                numbers_apart=numbers_apart,
                same_names=max(subjects, names),
                subjects_apart=apart[0],
                names_apart=apart[1],
                lead_apart=apart[2],
                is_of_another_day=_days_part(this.days, frozenset(more[other.numbers :])),
            ),
        )


def judge(this: Likeness, apart: timedelta) -> Relation:
    """What a new article is to an earlier one that was seen that long before or after."""
    if this.is_of_another_day or this.subjects_apart:
        return Relation.SEPARATE
    if this.numbers_apart:
        is_update = (
            this.contained >= UPDATED
            and this.same_numbers >= 2 * this.numbers_apart
            and not this.names_apart
            and apart <= UPDATED_WITHIN
        )
        return Relation.UPDATE if is_update else Relation.SEPARATE
    if _is_worded_alike(this):
        if this.length >= LEAST_OF_A_COPY:
            return Relation.COPY
        if this.length >= LEAST_OF_A_TRIM or this.is_title_same:
            return Relation.TRIM
    is_retold = (
        this.same_numbers >= 2
        and this.same_numbers + this.same_names >= 3
        and not this.names_apart
        and this.words >= WORDS_KEPT
        and this.length >= LEAST_OF_A_REWRITE
        and apart <= REWRITTEN_WITHIN
    )
    return Relation.REWRITE if is_retold else Relation.SEPARATE


def _is_worded_alike(this: Likeness) -> bool:
    """The fewer facts agree, the more of the wording must; and of the words that say what happened nearly all.

    A trim may end in the middle of these, with words such as "read more".
    """
    if this.runs < LEAST_RUNS:
        return False
    if this.same_numbers == 0:
        return this.contained >= COPIED and this.lead_apart == 0
    if this.same_numbers == 1:
        least = COPIED_WITH_NUMBERS if this.is_title_same else COPIED_WITH_A_NUMBER
        return this.contained >= least and this.lead_apart <= (this.length < LEAST_OF_A_COPY)
    return this.contained >= COPIED_WITH_NUMBERS and this.lead_apart <= (3 if this.contained >= COPIED else 1)


def is_the_same(relation: Relation, this: Likeness) -> bool:
    """Whether one of the two is enough to find what is like either of them."""
    return relation is Relation.COPY and this.contained >= COPIED and this.length >= LEAST_OF_THE_SAME


def ways(relation: Relation, this: Likeness) -> str:
    """The relation with its figures, "{}" standing for the earlier article."""
    wording = f"{this.contained:.0%} of the wording"
    match relation:
        case Relation.TRIM:
            return f"trimmed copy, of article {{}} or the other way round: {wording} of the shorter"
        case Relation.UPDATE:
            return f"update of article {{}}: {wording}, {this.numbers_apart} of the numbers changed"
        case Relation.REWRITE:
            facts = f"{this.same_numbers} numbers and {this.same_names} names agree"
            return f"rewrite of article {{}}: {facts}, {this.words:.0%} of the words"
        case _:
            return f"copy of article {{}}: {wording}"


def obstacle(this: Likeness) -> str:
    """What parts two articles that read alike; empty for such as do not."""
    if max(this.contained, this.words) < READS_ALIKE:
        return ""
    if this.is_of_another_day:
        return "of another day"
    if this.subjects_apart:
        return f"{this.subjects_apart} of the names differ"
    if this.numbers_apart:
        return f"{this.numbers_apart} of the numbers differ"
    return f"only {this.contained:.0%} of the wording and {this.same_numbers} numbers agree"


class _Wording(NamedTuple):
    """Of the other at a place: the share of the shorter's runs that stand in the longer, and of how many."""

    place: int
    contained: float
    runs: int


def _wordings(this: Fingerprint, others: Sequence[Kept]) -> Iterator[_Wording]:
    """The wording of those others that have enough of it in common."""
    found = _stand_in(np.concatenate([one.values[: one.runs] for one in others]), this.runs.values)
    sums = _sums(found, [one.runs for one in others]).tolist()
    for place, (one, both) in enumerate(zip(others, sums, strict=True)):
        runs = both + _apart(both, this.runs, one.runs, one.run_scale, one.values) if both else 0
        if both and both >= REWRITTEN * runs:
            yield _Wording(place, both / runs, runs)


def _apart(both: int, this: Sample, count: int, scale: int, values: Values) -> int:
    """How many hashes each has at least that the other lacks, under the lower threshold, if so many stand in both.

    The other are the first `count` of some values.
    """
    here = len(this.cut(scale)) if scale > this.scale else len(this.values)
    there = len(Sample(values[:count], scale).cut(this.scale)) if this.scale > scale else count
    return min(here, there) - both


def _words_and_facts(this: Fingerprint, others: Sequence[Kept]) -> tuple[list[int], list[list[int]], list[list[int]]]:
    """For each other: how many words stand in both; then for subjects, names and lead of either how many stand among
    the words of the other, and how many surely do not, of two counts the lower.
    """
    sizes = [one.words for one in others]
    words = np.concatenate([one.values[one.runs : one.runs + one.words] for one in others])
    known = this.words.values
    if this.words.scale:  # else the facts are among the words
        known = np.unique(np.concatenate((known, this.facts)))
    places = known.searchsorted(words)
    is_known = known.take(places, mode="clip") == words
    stand = np.zeros((len(others), len(known)), bool)  # which of the known stand among the words of each other
    stand[np.arange(len(others)).repeat(sizes)[is_known], places[is_known]] = True
    both = stand[:, _stand_in(known, this.words.values)] if this.words.scale else stand
    here = stand.take(known.searchsorted(this.facts), axis=1)
    limits = np.array([[1 << 32 - one.word_scale] for one in others], np.uint64)
    of_this = [this.subjects, this.names, len(this.facts) - this.subjects - this.names] * len(others)
    facts = np.concatenate([one.values[one.runs + one.words :][: one.facts] for one in others])
    there = _stand_in(facts, this.words.values)
    lacking = ~there & (facts < np.uint64(1 << 32 - this.words.scale))
    of_each = [size for one in others for size in (one.subjects, one.names, one.facts - one.subjects - one.names)]
    told = np.concatenate((here.ravel(), (~here & (this.facts < limits)).ravel(), there, lacking))
    sums = _sums(told, 2 * of_this + 2 * of_each).reshape(2, 2, len(others), 3)
    found, apart = np.minimum(sums[0], sums[1]).tolist()
    return both.sum(axis=1).tolist(), found, apart


def _sums(found: NDArray[np.bool_], sizes: Sequence[int]) -> NDArray[np.int64]:
    """How many are true among the first so many, the next so many, and so on."""
    until = np.zeros(len(found) + 1, np.int64)
    found.cumsum(out=until[1:])
    bounds = until[list(accumulate(sizes, initial=0))]
    return bounds[1:] - bounds[:-1]


def _shared_numbers(one: frozenset[int], other: frozenset[int]) -> tuple[int, int]:
    """The same of numbers. Of as many as are kept at most only the smallest are known."""
    if len(one) == MOST_FACTS or len(other) == MOST_FACTS:
        limit = min(max(some) for some in (one, other) if len(some) == MOST_FACTS)
        one, other = (frozenset(number for number in some if number <= limit) for some in (one, other))
    both = len(one & other)
    return both, min(len(one), len(other)) - both


def _stand_in(values: Values, others: Values) -> NDArray[np.bool_]:
    if not len(others):
        return np.zeros(len(values), bool)
    found: NDArray[np.bool_] = others.take(others.searchsorted(values), mode="clip") == values
    return found


def _days_part(one: frozenset[int], other: frozenset[int]) -> bool:
    """Whether both name weekdays, or both name dates, and none in common."""
    if not one or not other or one == other:
        return False
    for low, high in ((1, 7), (100, 1231)):
        here, there = ({day for day in days if low <= day <= high} for days in (one, other))
        if here and there and not here & there:
            return True
    return False
