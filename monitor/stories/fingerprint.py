"""Fingerprint an article so that two can be compared, and like ones found, without their texts. Pure.

A sample keeps the hashes of a set that lie under a threshold, halved until few enough are left (Broder 1997, "On the
resemblance and containment of documents"): two samples cut at the lower of their thresholds tell how alike the sets
are and how much of one lies in the other. The smallest hashes are the keys under which an article is found: of its
runs of three words, and of its facts taken in pairs.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from struct import Struct
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from monitor.stories.facts import SHORT, Facts, Reader
from monitor.stories.hashing import Hasher, Hashes, distinct

Values: TypeAlias = NDArray[np.uint32]

MOST_RUNS = 128
MOST_WORDS = 512
MOST_FACTS = 24
"""Most that a fingerprint keeps: of runs of three words, of words, of facts of each sort."""

RUN_KEYS, FACT_KEYS = 16, 15
"""Under how many keys an article is found: by its wording, by its facts; and under one by its title."""

_LEAST_TITLE = 4
_HIGH = np.array(32, np.uint64)
_HEAD = Struct("<IIHBHBBBBBB")


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """The hashes of a set that are under 2 ** (32 - scale), sorted."""

    values: Values
    scale: int

    def cut(self, scale: int) -> Values:
        """Those under a threshold that is lower than its own."""
        return self.values[: self.values.searchsorted(np.uint32(1 << 32 - scale))]


@dataclass(frozen=True, slots=True, eq=False)
class Fingerprint:
    """What is kept of an article.

    `text_key` is the same for equal texts, empty without words. `title` is a hash of the title's words, 0 for fewer
    than four. `length` counts the words that `runs` were made of. `facts` are the hashes of so many subjects, names
    and words of the lead, one after the other.
    """

    text_key: str
    title: int
    length: int
    runs: Sample
    words: Sample
    facts: Values
    subjects: int
    names: int
    numbers: frozenset[int]
    days: frozenset[int]
    keys: Values

    def to_bytes(self) -> bytes:
        """All but `text_key` and `keys`, for the store; at most 3 kB."""
        runs, words = self.runs, self.words
        sizes = (len(runs.values), runs.scale, len(words.values), words.scale, len(self.facts))
        head = _HEAD.pack(
            self.title, self.length, *sizes, self.subjects, self.names, len(self.numbers), len(self.days)
        )
        more = np.array([*sorted(self.numbers), *sorted(self.days)], np.uint32)
        values = np.concatenate((runs.values, words.values, self.facts, more))
        return head + values.astype("<u4").tobytes()


class Kept(NamedTuple):
    """A fingerprint as the store keeps it. How many values there are of each sort, and all, in this order: runs,
    words, facts (subjects, names and the lead), numbers, days."""

    title: int
    length: int
    runs: int
    run_scale: int
    words: int
    word_scale: int
    facts: int
    subjects: int
    names: int
    numbers: int
    days: int
    values: Values

    @classmethod
    def of(cls, body: bytes) -> Kept:
        """What `Fingerprint.to_bytes` gave."""
        return cls(*(*_HEAD.unpack_from(body), np.frombuffer(body, "<u4", offset=_HEAD.size)))


def fingerprints(articles: Sequence[tuple[str, str]], reader: Reader) -> Iterator[Fingerprint]:
    """Fingerprint articles, each a title and a text; several cost less than each by itself.

    A text of fewer than five words is taken together with its title.
    """
    return (_fingerprint(facts, reader.hasher) for facts in reader.read(articles))


def fingerprint(title: str, text: str, reader: Reader) -> Fingerprint:
    """Fingerprint one article."""
    return next(fingerprints([(title, text)], reader))


def _fingerprint(facts: Facts, hasher: Hasher) -> Fingerprint:
    told = facts.told if len(facts.text) >= SHORT else facts.words
    runs = distinct(hasher.runs(told))
    whole_title = hasher.whole(facts.title) if len(facts.title) >= _LEAST_TITLE else facts.title[:0]
    themes = np.array(sorted(facts.numbers | facts.themes)[:MOST_FACTS], np.uint64)
    subjects, names, lead = (sorted(some)[:MOST_FACTS] for some in (facts.subjects, facts.names, {*facts.lead}))
    return Fingerprint(
        text_key=facts.key,
        title=int(whole_title[0]) >> 32 if len(whole_title) else 0,
        length=len(told),
        runs=_sample(runs, MOST_RUNS),
        words=_sample(facts.distinct, MOST_WORDS),
        facts=np.array([word >> 32 for word in (*subjects, *names, *lead)], np.uint32),
        subjects=len(subjects),
        names=len(names),
        numbers=frozenset(number >> 32 for number in sorted(facts.numbers)[:MOST_FACTS]),
        days=facts.days,
        keys=np.concatenate((runs[:RUN_KEYS], distinct(hasher.pairs(themes))[:FACT_KEYS], whole_title)).astype(
            np.uint32
        ),
    )


def _values(hashes: Hashes) -> Values:
    return (hashes >> _HIGH).astype(np.uint32)


def _sample(hashes: Hashes, most: int) -> Sample:
    """Those under the highest threshold that leaves at most so many: the first too many is not under it."""
    if len(hashes) <= most:
        return Sample(_values(hashes), 0)
    scale = 65 - int(hashes[most]).bit_length()
    return Sample(_values(hashes[: hashes.searchsorted(np.uint64(1 << 64 - scale))]), scale)
