"""A setback: a file or rule whose newest text is not active, why, and what runs instead; and how that is said.

Pure: says it in Arabic and in English, and what of it is news.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from enum import StrEnum
from typing import Any

from monitor.alerting.message import iso

MOST_NAMED = 20
"""Setbacks named in one message; the rest is counted."""

MOST_PROBLEMS = 5
"""Problems of one file that a message has; `rasid check` has all."""


class Kind(StrEnum):
    """What a setback is about."""

    CONFIGURATION = "configuration"
    FOLDER = "folder"
    FILE = "file"
    RULE = "rule"


class Why(StrEnum):
    """Why the newest text is not active."""

    FAULTY = "faulty"
    NEEDED = "needed"  # what is no longer there is referred to elsewhere
    DELETED = "deleted"  # the same, and the file itself is gone
    GONE = "gone"  # a folder or file of the configuration with nothing to read


@dataclass(frozen=True, slots=True, kw_only=True)
class Setback:
    """`problems` say where and what, a line each. `has_kept`: an older text runs instead, `kept` is since when."""

    kind: Kind
    about: str
    why: Why
    problems: tuple[str, ...]
    has_kept: bool
    kept: datetime | None = None

    @property
    def key(self) -> tuple[str, str]:
        """Under what it is remembered."""
        return self.kind.value, self.about

    def shown(self, since: datetime | None) -> dict[str, Any]:
        """As JSON values. `since` is None where nobody noticed it yet."""
        return {
            "kind": self.kind.value,
            "about": self.about,
            "why": self.why.value,
            "problems": list(self.problems),
            "since": iso(since),
            "runs": "last good" if self.has_kept else "nothing",
            "good_since": iso(self.kept),
        }


Key = tuple[str, str]

_KEPT = {
    "en": {
        Kind.CONFIGURATION: "the configuration of {kept} goes on",
        Kind.FOLDER: "its last good rules go on",
        Kind.FILE: "its text of {kept} goes on",
        Kind.RULE: "it goes on as it was before",
    },
    "ar": {
        Kind.CONFIGURATION: "العمل مستمر بإعدادات {kept}",
        Kind.FOLDER: "العمل مستمر بآخر قواعده السليمة",
        Kind.FILE: "العمل مستمر بنصه السليم بتاريخ {kept}",
        Kind.RULE: "العمل مستمر بصيغتها السابقة",
    },
}
_NOTHING = {
    "en": {
        Kind.FOLDER: "none of its rules is active",
        Kind.FILE: "there is no good text of it: nothing of it is active",
        Kind.RULE: "it is not active",
    },
    "ar": {
        Kind.FOLDER: "لا قاعدة منه مفعّلة",
        Kind.FILE: "ليس له نص سليم سابق، فلا شيء منه مفعّل",
        Kind.RULE: "هي غير مفعّلة",
    },
}
_WHY = {
    "en": {
        Why.NEEDED: "what it no longer holds is still needed",
        Why.DELETED: "it was deleted, and what it held is still needed",
    },
    "ar": {
        Why.NEEDED: "ما حُذف منه ما زال مطلوبا",
        Why.DELETED: "حُذف وما كان فيه ما زال مطلوبا",
    },
}
_NAMES = {
    "en": {Kind.CONFIGURATION: "{about}", Kind.FOLDER: "{about}", Kind.FILE: "{about}", Kind.RULE: "rule {about}"},
    "ar": {
        Kind.CONFIGURATION: "ملف {about}",
        Kind.FOLDER: "مجلد القواعد {about}",
        Kind.FILE: "ملف {about}",
        Kind.RULE: "قاعدة {about}",
    },
}
_HEAD = {"en": "{one}, not taken since {since}: {runs}", "ar": "{one}، متعذّر منذ {since}: {runs}"}
_BEGUN = {
    "en": ("Not taken: {one}", "Not taken: {n} files or rules"),
    "ar": ("تعذّر الأخذ بالجديد: {one}", "تعذّر الأخذ بالجديد في ملفات أو قواعد عددها {n}"),
}
_OVER = {
    "en": ("Mended: {one}", "Mended: {n} files or rules"),
    "ar": ("أُصلح: {one}", "أُصلحت ملفات أو قواعد عددها {n}"),
}
_MENDED = {"en": "{one}: what stands there now is active; it was not since {since}"}
_MENDED["ar"] = "{one}: ما فيه الآن هو المعمول به، وكان متعذّرا منذ {since}"
_MORE = {"en": "and {n} more: rasid status", "ar": "وغيرها {n}: rasid status"}
_MORE_PROBLEMS = {"en": "and {n} more problems: rasid check", "ar": "وعيوب أخرى عددها {n}: rasid check"}


def news(current: Sequence[Setback], told: Mapping[Key, datetime]) -> tuple[list[Setback], dict[Key, datetime]]:
    """The setbacks that were not told yet, and those told that are over, with since when they were."""
    now = {setback.key for setback in current}
    begun = [setback for setback in current if setback.key not in told]
    return begun, {key: since for key, since in told.items() if key not in now}


def title(keys: Sequence[Key], language: str, *, is_over: bool) -> str:
    """The headline: one by name, several by number."""
    spoken = _spoken(language)
    one, many = (_OVER if is_over else _BEGUN)[spoken]
    return one.format(one=_name(keys[0], spoken)) if len(keys) == 1 else many.format(n=len(keys))


def lines(setbacks: Sequence[Setback], since: datetime, language: str, zone: tzinfo) -> tuple[str, ...]:
    """What is said of setbacks that begin: of one what runs instead, since when, and each problem; of several a line
    each, with the first problem.
    """
    spoken = _spoken(language)
    if len(setbacks) == 1:
        return tuple(sentence(setbacks[0], since, spoken, zone).split("\n"))
    more = len(setbacks) - MOST_NAMED
    told = ["; ".join([_head(one, since, spoken, zone), *one.problems[:1]]) for one in setbacks[:MOST_NAMED]]
    return (*told, *([_MORE[spoken].format(n=more)] if more > 0 else []))


def mended(over: Mapping[Key, datetime], language: str, zone: tzinfo) -> tuple[str, ...]:
    """What is said of each setback that is over."""
    spoken = _spoken(language)
    shown = list(over.items())[:MOST_NAMED]
    told = [_MENDED[spoken].format(one=_name(key, spoken), since=_at(since, zone)) for key, since in shown]
    more = len(over) - len(shown)
    return (*told, *([_MORE[spoken].format(n=more)] if more > 0 else []))


def sentence(setback: Setback, since: datetime, language: str, zone: tzinfo) -> str:
    """One setback: its name, what runs instead, since when, and below that the problems, a line each."""
    spoken = _spoken(language)
    problems = list(setback.problems[:MOST_PROBLEMS])
    if (more := len(setback.problems) - MOST_PROBLEMS) > 0:
        problems.append(_MORE_PROBLEMS[spoken].format(n=more))
    return "\n".join([_head(setback, since, spoken, zone), *problems])


def runs(setback: Setback, language: str, zone: tzinfo) -> str:
    """What runs instead, and why if the problems do not say it."""
    spoken = _spoken(language)
    instead = (_KEPT if setback.has_kept else _NOTHING)[spoken][setback.kind]
    said = instead.format(kept=_at(setback.kept, zone) if setback.kept else "?")
    why = _WHY[spoken].get(setback.why)
    return f"{why}; {said}" if why else said


def goes_on(setback: Setback, zone: tzinfo) -> str:
    """One setback on a screen: the problems, a line each, and of a file or folder what is active instead."""
    instead = [] if setback.kind is Kind.RULE else [f"{setback.about}: {runs(setback, 'en', zone)}"]
    return "\n".join([*setback.problems, *instead])


def _head(setback: Setback, since: datetime, language: str, zone: tzinfo) -> str:
    name, instead = _name(setback.key, language), runs(setback, language, zone)
    return _HEAD[language].format(one=name, since=_at(since, zone), runs=instead)


def _name(key: Key, language: str) -> str:
    return _NAMES[language][Kind(key[0])].format(about=key[1])


def _at(moment: datetime, zone: tzinfo) -> str:
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M}"


def _spoken(language: str) -> str:
    return language if language in _BEGUN else "en"
