"""Make up wire news: events, and copies, trims and rewrites of each, from the sentences in `tests/cases/stories/`.

Everything is drawn from one seed, so that a figure measured on it can be measured again. Events of one kind share
their sentences and differ in names, places and numbers only; look-alikes also come close in time.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path

from monitor.model import Article

CASES = Path(__file__).resolve().parent.parent / "cases" / "stories"
START = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)

EVENTS = 300
LEAST_ARTICLES, MOST_ARTICLES = 3, 12
LOOK_ALIKES = 60
"""Events that come in pairs: two earthquakes within hours, two strikes on one base on two days."""

WORDS_CHANGED_BY_A_COPY = 0.02
KEPT_BY_A_TRIM = 0.40
WORDS_CHANGED_BY_A_REWRITE = (0.20, 0.35)

_FACT = "\ue000"
"""Marks words that come from a slot: a rewrite leaves them alone."""


class Made(StrEnum):
    """How an article came about."""

    ORIGINAL = "original"
    COPY = "copy"
    TRIM = "trim"
    REWRITE = "rewrite"


@dataclass(frozen=True)
class Piece:
    """An article and the event it tells of. `twin` is the event it could be taken for, if any."""

    article: Article
    event: int
    made: Made
    twin: int | None


@dataclass(frozen=True)
class Wire:
    """What one file of sentences holds."""

    language: str
    titles: Mapping[str, Sequence[str]]
    sentences: Mapping[str, Sequence[str]]
    pools: Mapping[str, Sequence[str]]
    words: Sequence[str]
    tails: Sequence[str]


@dataclass(frozen=True)
class Event:
    """Something that happened: which sentences tell it, and what fills their slots."""

    number: int
    wire: Wire
    kind: str
    slots: Mapping[str, str]
    sentences: tuple[str, ...]
    begins: datetime
    twin: int | None = None


def read(path: Path) -> Wire:
    """Read a file of sentences."""
    titles: defaultdict[str, list[str]] = defaultdict(list)
    sentences: defaultdict[str, list[str]] = defaultdict(list)
    pools: dict[str, list[str]] = {}
    rest: defaultdict[str, list[str]] = defaultdict(list)
    section = ""
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            section = line.strip("[]")
        elif line.startswith("title "):
            titles[section].append(line.removeprefix("title "))
        elif line.startswith("- "):
            sentences[section].append(line.removeprefix("- "))
        elif section == "pools" and line:
            name, _, values = line.partition(": ")
            pools[name] = values.split(", ")
        elif line:
            rest[section].append(line)
    words = " ".join(rest["words"]).split()
    return Wire(path.stem.removeprefix("wire-"), titles, sentences, pools, words, rest["tails"])


def wires() -> tuple[Wire, ...]:
    """The English and the Arabic sentences."""
    return tuple(read(path) for path in sorted(CASES.glob("wire-*.txt")))


class Newsroom:
    """Makes events and their articles, each from the one seed."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)
        self._wires = wires()

    def pieces(self, events: int = EVENTS, look_alikes: int = LOOK_ALIKES) -> list[Piece]:
        """Every article of every event, in the order in which they are seen, each original before its copies."""
        made = [piece for event in self._events(events, look_alikes) for piece in self._articles(event)]
        return sorted(made, key=lambda piece: (piece.article.seen or START, piece.article.id))

    def _events(self, count: int, look_alikes: int) -> Iterable[Event]:
        chance = self._chance
        for number in range(0, look_alikes, 2):
            kind = ("earthquake", "strike")[number // 2 % 2]
            first = self._event(number, self._wires[number // 4 % 2], kind)
            yield replace(first, twin=number + 1)
            yield self._twin(first)
        for number in range(look_alikes, count):
            wire = self._wires[number % 2]
            yield self._event(number, wire, chance.choice(list(wire.sentences)))

    def _event(self, number: int, wire: Wire, kind: str) -> Event:
        chance = self._chance
        first, *others = wire.sentences[kind]
        told = sorted(chance.sample(range(len(others)), chance.randint(2, len(others))))
        begins = START + timedelta(minutes=chance.randrange(5 * 24 * 60))
        return Event(number, wire, kind, self._slots(wire), (first, *(others[place] for place in told)), begins)

    def _twin(self, first: Event) -> Event:
        """Another event told in the same sentences: elsewhere within hours, or at the same base on another day."""
        slots = self._slots(first.wire)
        later = timedelta(hours=self._chance.uniform(1, 8))
        if first.kind == "strike":
            slots |= {name: first.slots[name] for name in ("base", "province", "capital", "group")}
            others = [day for day in first.wire.pools["day"] if day != first.slots["day"].strip(_FACT)]
            slots["day"] = _FACT + self._chance.choice(others)
            later += timedelta(hours=20)
        return replace(first, number=first.number + 1, slots=slots, begins=first.begins + later, twin=first.number)

    def _slots(self, wire: Wire) -> dict[str, str]:
        chance = self._chance
        slots = {name: chance.choice(values) for name, values in wire.pools.items()}
        slots["person2"] = chance.choice([name for name in wire.pools["person"] if name != slots["person"]])
        slots |= {name: str(chance.randint(2, 40)) for name in "abcdef"}
        slots["m"] = f"{chance.randint(4, 9)}.{chance.randint(1, 9)}"
        slots["t"] = f"{chance.randint(0, 23):02}:{chance.randint(0, 59):02}"
        return {name: " ".join(_FACT + word for word in value.split()) for name, value in slots.items()}

    def _articles(self, event: Event) -> Iterable[Piece]:
        chance = self._chance
        titles = event.wire.titles[event.kind]
        sentences = [sentence.format(**event.slots) for sentence in event.sentences]
        title = chance.choice(titles)
        yield self._piece(event, 0, Made.ORIGINAL, title, " ".join(sentences))
        for number in range(1, chance.randint(LEAST_ARTICLES, MOST_ARTICLES)):
            made = chance.choice((Made.COPY, Made.COPY, Made.TRIM, Made.REWRITE, Made.REWRITE))
            headline = title if made is Made.TRIM or chance.random() < 0.5 else chance.choice(titles)
            text = {Made.COPY: self._copy, Made.TRIM: self._trim, Made.REWRITE: self._rewrite}[made](event, sentences)
            yield self._piece(event, number, made, headline, text)

    def _piece(self, event: Event, number: int, made: Made, title: str, text: str) -> Piece:
        later = timedelta(minutes=self._chance.randint(1, 30 * 60) if number else 0)
        article = Article(
            id=f"e{event.number}-{number}-{made}",
            source="wire",
            title=title.format(**event.slots).replace(_FACT, ""),
            text=text.replace(_FACT, ""),
            publisher=f"paper-{self._chance.randint(1, 60)}.example",
            language=event.wire.language,
            seen=event.begins + later,
        )
        return Piece(article, event.number, made, event.twin)

    def _copy(self, event: Event, sentences: Sequence[str]) -> str:
        words = " ".join(sentences).split()
        most = int(len(words) * WORDS_CHANGED_BY_A_COPY)
        for place in self._chance.sample(range(len(words)), self._chance.randint(0, most)):
            words[place] = self._other(event, words[place])
        return " ".join(words) + self._tail(event)

    def _trim(self, event: Event, sentences: Sequence[str]) -> str:
        words = " ".join(sentences).split()
        kept = " ".join(words[: int(len(words) * KEPT_BY_A_TRIM)])
        return kept + self._chance.choice(("", " ...", self._tail(event)))

    def _rewrite(self, event: Event, sentences: Sequence[str]) -> str:
        share = self._chance.uniform(*WORDS_CHANGED_BY_A_REWRITE)
        told = [sentence.split() for sentence in sentences]
        free = [(one, place) for one in told for place, word in enumerate(one) if _FACT not in word]
        count = min(len(free), round(share * sum(map(len, told))))
        for one, place in self._chance.sample(free, count):
            one[place] = self._other(event, one[place])
        self._chance.shuffle(told)
        return " ".join(" ".join(one) for one in told)

    def _other(self, event: Event, word: str) -> str:
        """Another word with the punctuation of this one."""
        bare = word.rstrip(".,،:؛\"'")
        return self._chance.choice(event.wire.words) + word[len(bare) :]

    def _tail(self, event: Event) -> str:
        return "\n\n" + self._chance.choice(event.wire.tails).format(**self._slots(event.wire))
