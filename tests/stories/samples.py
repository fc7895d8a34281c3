"""Short builders: fingerprints under one seed, articles, and the pairs of `tests/cases/stories/pairs.txt`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from monitor.model import Article, Relation
from monitor.stories.facts import Reader
from monitor.stories.fingerprint import Fingerprint, fingerprint
from monitor.stories.hashing import Hasher
from monitor.stories.likeness import Likeness, compare, judge
from monitor.stories.placing import Candidate
from monitor.timing import parse_duration
from tests.stories.wire import CASES

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
READER = Reader(Hasher(bytes(range(24))))
HOUR = timedelta(hours=1)

ROCKETS = (
    "Two rockets struck the Ain Nakhil air base in Anbar Hills on Monday, wounding five soldiers, a military"
    " spokesman said. No group claimed the attack, which damaged a hangar and a fuel truck but not the runway."
)
REWRITTEN = (
    "Five soldiers were wounded on Monday when two rockets hit the Ain Nakhil air base in Anbar Hills, the military"
    " said. A hangar and a fuel truck were damaged. Nobody claimed the attack."
)


def of(text: str, title: str = "Rockets hit air base in Anbar Hills") -> Fingerprint:
    """The fingerprint of an article."""
    return fingerprint(title, text, READER)


def relation(one: Fingerprint, other: Fingerprint, apart: timedelta = HOUR) -> Relation:
    """What one article is to another: those with nothing in common are two stories."""
    return judge(likenesses[0], apart) if (likenesses := likened(one, other)) else Relation.SEPARATE


def likened(one: Fingerprint, *others: Fingerprint) -> dict[int, Likeness]:
    """The likeness of an article to each of others, by their places, the most alike in wording first."""
    return dict(compare(one, [other.to_bytes() for other in others]))


def article(name: str = "a-1", text: str = ROCKETS, seen: datetime | None = NOW, **more: Any) -> Article:
    """An article seen now."""
    return Article(id=name, source="wire", title="Rockets hit air base in Anbar Hills", text=text, seen=seen, **more)


def candidate(name: str = "a-0", text: str | None = ROCKETS, *, ago: timedelta = HOUR, **more: Any) -> Candidate:
    """An article of the story s-1, which it began; without text, one that has the very text of the new one."""
    values: dict[str, Any] = {"story_id": "s-1", "first_seen": NOW - ago, "seen": NOW - ago, "wire": ""} | more
    return Candidate(article_id=name, fingerprint=None if text is None else of(text).to_bytes(), **values)


@dataclass(frozen=True)
class Pair:
    """Two articles, how long they are apart, and what the second is to the first."""

    relation: Relation
    why: str
    one: tuple[str, str]
    other: tuple[str, str]
    apart: timedelta

    def __str__(self) -> str:
        return f"{self.relation.name.lower()}: {self.why}"


def pairs() -> list[Pair]:
    """Read the pairs; the form of the file stands at its head."""
    text = (CASES / "pairs.txt").read_text(encoding="utf-8")
    found = []
    for block in text.split("\n\n"):
        if block.startswith("#"):
            continue
        heading, one, other = block.strip().split("\n")
        relation, _, why = heading.partition(": ")
        apart = HOUR
        if other.startswith("+"):
            gap, _, other = other.partition(" | ")
            apart = parse_duration(gap.removeprefix("+"))
        first, second = ((title, text) for title, _, text in (line.partition(" | ") for line in (one, other)))
        found.append(Pair(Relation[relation.upper()], why, first, second, apart))
    return found
