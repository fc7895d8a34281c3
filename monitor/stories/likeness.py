"""Compare two fingerprints, and judge what one article is to another: a copy, a rewrite ... or another story. Pure.

Wording alone joins nothing: two wires on two earthquakes share most of their words. Numbers, days and subjects that
each article has and the other lacks part them, however alike they read. In doubt they are two stories.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import numpy as np
from numpy.typing import NDArray

from monitor.model import Relation
from monitor.stories.fingerprint import MOST_FACTS, Fingerprint, Sample, Values

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


def compare(one: Fingerprint, other: Fingerprint) -> Likeness | None:
    """Compare two articles, in either order. None when too little of the wording is common to join them at all."""
    runs, runs_apart = _shared(one.runs, other.runs)
    if runs == 0 or runs < REWRITTEN * (runs + runs_apart):
        return None
    words, words_apart = _shared(one.words, other.words)
    numbers, numbers_apart = _shared_numbers(one.numbers, other.numbers)
    subjects, names, lead = zip(_said(one, other.words), _said(other, one.words), strict=True)
    shorter, longer = sorted((one.length, other.length))
    return Likeness(
        length=shorter / longer,
        is_title_same=one.title == other.title != 0,
        contained=runs / (runs + runs_apart),
        runs=runs + runs_apart,
        words=words / max(1, words + words_apart),
        same_numbers=numbers,
        numbers_apart=numbers_apart,
        same_names=max(min(found for found, _ in some) for some in (subjects, names)),
        subjects_apart=min(apart for _, apart in subjects),
        names_apart=min(apart for _, apart in names),
        lead_apart=min(apart for _, apart in lead),
        is_of_another_day=_days_part(one.days, other.days),
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


def _shared(one: Sample, other: Sample) -> tuple[int, int]:
    """How many hashes stand in both, and in each but not in the other at least, under the lower threshold."""
    scale = max(one.scale, other.scale)
    here, there = one.cut(scale), other.cut(scale)
    both = int(np.count_nonzero(_stand_in(here, there)))
    return both, min(len(here), len(there)) - both


def _shared_numbers(one: frozenset[int], other: frozenset[int]) -> tuple[int, int]:
    """The same of numbers. Of as many as are kept at most only the smallest are known."""
    if MOST_FACTS in (len(one), len(other)):
        limit = min(max(some) for some in (one, other) if len(some) == MOST_FACTS)
        one, other = (frozenset(number for number in some if number <= limit) for some in (one, other))
    both = len(one & other)
    return both, min(len(one), len(other)) - both


def _said(this: Fingerprint, words: Sample) -> tuple[tuple[int, int], tuple[int, int], tuple[int, int]]:
    """Of subjects, names and lead, how many stand among the words of another article, and how many surely do not."""
    stands = _stand_in(this.facts, words.values)
    is_known = this.facts < np.uint32(1 << 32 - words.scale) if words.scale else True
    found, lacking = stands.tolist(), (~stands & is_known).tolist()  # lists: they are short
    first, second = this.subjects, this.subjects + this.names
    return (
        (sum(found[:first]), sum(lacking[:first])),
        (sum(found[first:second]), sum(lacking[first:second])),
        (sum(found[second:]), sum(lacking[second:])),
    )


def _stand_in(values: Values, others: Values) -> NDArray[np.bool_]:
    if not len(others):
        return np.zeros(len(values), bool)
    found: NDArray[np.bool_] = others.take(others.searchsorted(values), mode="clip") == values
    return found


def _days_part(one: frozenset[int], other: frozenset[int]) -> bool:
    """Whether both name weekdays, or both name dates, and none in common."""
    if not one or not other:
        return False
    for low, high in ((1, 7), (100, 1231)):
        here, there = ({day for day in days if low <= day <= high} for days in (one, other))
        if here and there and not here & there:
            return True
    return False
