"""The news of a soak and its rules: words that only one rule knows, so that what must match is known by construction.

Every article bears a number in its title that no other has; the list of what was published is the soak's own book.
"""

from __future__ import annotations

import hashlib
import json
import math
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

from tests.flows.soakfarm import Farm

CHANNELS = ("hook", "chat", "mail", "log")
LISTS = 40

_LATIN = ("qa", "qe", "xi", "xo", "zu", "qo", "xe", "zi", "qu", "za")
_ARABIC = "جخدرزشصطظغ"  # no clitic and no ending is made of these
_FILL = {
    "en": "market ministry harbour rain election school river border city council morning price oil water power line "
    "road report people said after early night bridge farm clinic team season museum valley train window garden",
    "ar": "مدينة وزارة سوق طريق جسر هدنة قرية ميناء مدرسة نهر مجلس صباح كهرباء مياه أسعار تقرير سكان بعد قبل ليلة "
    "مزرعة عيادة فريق موسم متحف واد قطار حديقة",
}


def _latin(number: int, size: int = 4) -> str:
    return "".join(_LATIN[int(digit)] for digit in f"{number:0{size}}").capitalize()


def _arabic(number: int, size: int = 4) -> str:
    return "".join(_ARABIC[int(digit)] for digit in f"{number:0{size}}")


def _word(number: int) -> str:
    return f"{_latin(number, 5)}t"


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of the soak: the channels it tells, none for store-only, and whether it may fold what it matches."""

    id: str
    channels: tuple[str, ...]
    text: str


def topic_rule(number: int) -> Rule:
    """A watched name in a sentence with a word of a list. Every tenth tells all channels, every seventh none."""
    channels = CHANNELS if number % 10 == 0 else () if number % 7 == 0 else (CHANNELS[number % 4],)
    severity = ("low", "medium", "high", "critical")[number % 3 + (number % 50 == 0)]
    alert = "{group_by: [rule], throttle: 6h}" if number % 5 == 0 else "{group_wait: 2m}"
    text = (
        f"  r{number}:\n    severity: {severity}\n    notify: [{', '.join(channels)}]\n    alert: {alert}\n"
        f"    match:\n      all:\n        - $e{number}\n        - $l{number % LISTS}\n      within: sentence\n"
    )
    return Rule(f"r{number}", channels, text)


FIXED = (
    Rule("attack", CHANNELS, "  attack:\n    severity: high\n    notify: [hook, chat, mail, log]\n"
         "    match: {any: [هجوم, attack]}\n"),
    Rule("hushed", ("chat", "log"), "  hushed:\n    notify: [chat, log]\n    match: {any: [hushed]}\n"),
)  # fmt: skip
LATE = Rule("late", ("hook", "log"), "  late:\n    notify: [hook, log]\n    match: {any: [flood, فيضان]}\n")


def write_rules(folder: Path, rules: int) -> dict[str, Rule]:
    """Write them as files; returns them by id."""
    folder.mkdir()
    topics = [topic_rule(number) for number in range(rules)]
    names = "".join(
        f"  e{n}:\n    names:\n      - {_latin(n)}\n      - Al-{_latin(n)}\n      - {_arabic(n)}\n"
        for n in range(rules)
    )
    lists = "".join(
        f"  l{n}:\n    words:\n" + "".join(f"      - {_word(n * 10 + k)}\n" for k in range(10))
        + "".join(f"      - {_arabic(n * 10 + k, 5)}\n" for k in range(10))
        for n in range(LISTS)
    )  # fmt: skip
    (folder / "names.yaml").write_text(f"version: 1\nentities:\n{names}lists:\n{lists}", encoding="utf-8")
    for start in range(0, rules, 500):
        text = "".join(rule.text for rule in topics[start : start + 500])
        (folder / f"rules-{start}.yaml").write_text(f"version: 1\nrules:\n{text}", encoding="utf-8")
    write_desk(folder)
    return {rule.id: rule for rule in (*topics, *FIXED, LATE)}


def write_desk(folder: Path, more: str = "") -> None:
    """Write the file that is edited while it runs."""
    text = "version: 1\nrules:\n" + "".join(rule.text for rule in FIXED) + more
    (folder / "desk.yaml").write_text(text, encoding="utf-8")


@dataclass(frozen=True, slots=True)
class Published:
    """One article as it was published: its number, its source, when, and the rule that must match it, if any does."""

    number: int
    source: str
    at: datetime
    rule: str
    is_copy: bool = False

    @property
    def id(self) -> str:
        """The identity that the store promises for a guid of a source."""
        return "a" + hashlib.sha256(f"{self.source}\0guid:{token(self.number)}".encode()).hexdigest()[:20]


def token(number: int) -> str:
    """What no other title has."""
    return f"no{number:07}"


@dataclass
class World:
    """What is published, and the book of it. `pace` gives articles an hour of the world at a moment."""

    farm: Farm
    drop: Path
    rules: int
    a_day: float
    dice: random.Random
    now: Callable[[], datetime]
    book: list[Published] = field(default_factory=list)
    edits: int = 0
    knows_floods: bool = False
    _recent: list[tuple[str, str]] = field(default_factory=list)
    _until: datetime | None = None

    def catch_up(self) -> None:
        """Publish what is due since the last call, by the rhythm of a day: busiest at three in the afternoon UTC."""
        now = self.now()
        since, self._until = self._until or now, max(now, self._until or now)
        hours = min((self._until - since) / timedelta(hours=1), 6.0)
        hour = now.hour + now.minute / 60
        rate = self.a_day / 24 * (1 + 0.8 * math.cos((hour - 15) * math.pi / 12))
        wanted = rate * hours
        for _ in range(int(wanted) + (self.dice.random() < wanted % 1)):
            self.publish(now)

    def publish(self, now: datetime) -> None:
        """One more article in some feed or, one in fifty, in the folder; one in thirty corrects an older one."""
        number = len(self.book) + 1
        text, rule, is_copy = self._text()
        language = "ar" if "ة" in text or "ج" in text else "en"
        title = f"{self._words(language, 5).capitalize()} {token(number)}"
        if self.dice.random() < 0.02:
            source = "wire"
            self._put(number, title, text, now)
        else:
            feed = self.dice.choice(self.farm.feeds)
            source = f"s{feed.number}"
            if self.dice.random() < 1 / 30 and len(feed.items) > 2:
                guid, old, body, date = feed.items[2]
                feed.items[2] = (guid, old, f"{body} This was corrected later.", date)
                self.edits += 1
            feed.show((token(number), title, text, format_datetime(now)))
        self.book.append(Published(number, source, now, rule, is_copy))

    def _put(self, number: int, title: str, text: str, now: datetime) -> None:
        article = {"title": title, "text": text, "id": token(number), "published": now.isoformat()}
        article["url"] = f"http://news.example/{token(number)}"
        path = self.drop / f".{number}.json"
        path.write_text(json.dumps(article, ensure_ascii=False), encoding="utf-8")
        path.rename(self.drop / f"{number}.json")

    def _text(self) -> tuple[str, str, bool]:
        language = self.dice.choice(("en", "ar"))
        chance, rule, hit = self.dice.random(), "", ""
        topic = self.dice.randrange(self.rules)
        of_list = topic % LISTS * 10 + self.dice.randrange(10)
        name, word = (_latin(topic), _word(of_list)) if language == "en" else (_arabic(topic), _arabic(of_list, 5))
        if chance < 0.10:
            rule, hit = f"r{topic}", f"{self._words(language, 4)} {name} {self._words(language, 3)} {word}."
        elif chance < 0.13:
            hit = (
                f"{name} {self._words(language, 6)}. {self._words(language, 4).capitalize()} {word}."  # two sentences
            )
        elif chance < 0.15:
            rule, hit = "attack", "هجوم." if language == "ar" else "An attack."
        elif chance < 0.16:
            rule, hit = "hushed", "A hushed room."
        elif chance < 0.17 and self.knows_floods:
            rule, hit = "late", "فيضان." if language == "ar" else "A flood."
        elif chance < 0.19 and self._recent:
            return *self.dice.choice(self._recent), True
        text = f"{self._words(language, 12)}. {hit} {self._unlike(language)}"
        if rule and rule != "late":
            self._recent = [*self._recent[-30:], (text, rule)]
        return text, rule, False

    def _words(self, language: str, count: int) -> str:
        return " ".join(self.dice.choices(_FILL[language].split(), k=count))

    def _unlike(self, language: str) -> str:
        """Sentences with words that occur nowhere else, so that no article is like another."""
        return " ".join(
            f"{self._words(language, 5)} w{self.dice.randrange(10**8):08} {self._words(language, 4)}."
            for _ in range(self.dice.choice((6, 10, 25)))
        )
