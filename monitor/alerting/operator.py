"""Decide what the operator is to hear of channels, of rules that end and of the disk, and in which words. Pure.

Each piece of news is told when it begins and, for a channel, when it is over. What was told is remembered by the
caller under (about, what).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from enum import StrEnum

from monitor.timing import format_duration

BEFORE_END = timedelta(days=3)
"""How long before a rule's `until` its owner is told."""


class What(StrEnum):
    """What there is to tell."""

    FAILING = "failing"
    PARKED = "parked"
    ENDS = "ends"
    DISK = "disk"


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Since when a channel fails as a whole and why, and how many of its deliveries are parked and why."""

    failing_since: datetime | None = None
    reason: str = ""
    parked: int = 0
    parked_reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """One thing to tell. `about` is a channel's name or a rule's id."""

    what: What
    about: str
    is_over: bool = False


Told = Mapping[tuple[What, str], datetime]
"""Since when something is the case that was told."""


def of_channels(
    standings: Mapping[str, Standing], told: Told, now: datetime, failing_for: timedelta
) -> dict[News, datetime]:
    """What has begun and what is over with channels, with since when."""
    current: dict[tuple[What, str], datetime] = {}
    for channel, standing in standings.items():
        if standing.failing_since is not None and now - standing.failing_since >= failing_for:
            current[What.FAILING, channel] = standing.failing_since
        if standing.parked:
            current[What.PARKED, channel] = now
    begun = {
        News(what=what, about=about): since for (what, about), since in current.items() if (what, about) not in told
    }
    over = {
        News(what=what, about=about, is_over=True): since
        for (what, about), since in told.items()
        if what in (What.FAILING, What.PARKED)
        and (what, about) not in current
        # A channel may begin to fail long before it counts as failing: only one that works again is over.
        and not (what is What.FAILING and about in standings and standings[about].failing_since is not None)
    }
    return begun | over


def of_rules(ends: Iterable[tuple[str, datetime]], told: Told, now: datetime) -> dict[News, datetime]:
    """The rules that end within three days and were not named yet, with when; those told of another end are again."""
    return {
        News(what=What.ENDS, about=rule): end
        for rule, end in ends
        if now < end <= now + BEFORE_END and told.get((What.ENDS, rule)) != end
    }


_TITLES = {
    "en": {
        (What.FAILING, False): "Channel {about} takes no messages",
        (What.FAILING, True): "Channel {about} takes messages again",
        (What.PARKED, False): "Messages for channel {about} are parked",
        (What.PARKED, True): "No message for channel {about} is parked any more",
        (What.ENDS, False): "Alert {about} ends soon",
        (What.DISK, False): "The disk is nearly full; no new articles are taken",
        (What.DISK, True): "The disk has room again; new articles are taken",
    },
    "ar": {
        (What.FAILING, False): "القناة {about} لا تستقبل الرسائل",
        (What.FAILING, True): "عادت القناة {about} إلى استقبال الرسائل",
        (What.PARKED, False): "رسائل القناة {about} موقوفة",
        (What.PARKED, True): "لم تعد للقناة {about} رسائل موقوفة",
        (What.ENDS, False): "ينتهي التنبيه {about} قريبًا",
        (What.DISK, False): "القرص يكاد يمتلئ، ولا تُؤخذ مقالات جديدة",
        (What.DISK, True): "عاد في القرص متّسع، وتُؤخذ المقالات الجديدة",
    },
}
_LINES = {
    "en": {
        (What.FAILING, False): "Since {since}: {reason}. Messages wait and are sent when it answers.",
        (What.FAILING, True): "It had failed since {since}. What waited is being sent.",
        (
            What.PARKED,
            False,
        ): "{count} wait for you: {reason}. Then: rasid deliveries retry --all --channel {about}",
        (What.PARKED, True): "They were sent again or given up.",
        (What.ENDS, False): "Its `until` is {since}, in {wait}; from then on nothing is told. Owner: {owner}",
        (
            What.DISK,
            False,
        ): "Free / needed: {reason}. Nothing is lost: polling waits, and then goes on from where it stood. "
        "Make room, or: rasid prune",
        (What.DISK, True): "It was nearly full since {since}. Polling goes on from where it stood.",
    },
    "ar": {
        (What.FAILING, False): "منذ {since}: {reason}. الرسائل تنتظر وتُرسل حين تجيب.",
        (What.FAILING, True): "كانت متعذّرة منذ {since}. ويجري إرسال ما انتظر.",
        (
            What.PARKED,
            False,
        ): "عددها {count} وتنتظرك: {reason}. بعد الإصلاح: rasid deliveries retry --all --channel {about}",
        (What.PARKED, True): "أُرسلت من جديد أو تُركت.",
        (What.ENDS, False): "نهايته {since}، بعد {wait}، ولا يُبلَّغ بعدها بشيء. المسؤول: {owner}",
        (
            What.DISK,
            False,
        ): "المتاح / المطلوب: {reason}. لا يضيع شيء: يتوقف الجلب ثم يستمر من حيث كان. أفسِح مكانًا، أو: rasid prune",
        (What.DISK, True): "كان يكاد يمتلئ منذ {since}. ويستمر الجلب من حيث توقف.",
    },
}


def words(
    news: News,
    since: datetime,
    language: str,
    zone: tzinfo,
    now: datetime,
    *,
    standing: Standing | None = None,
    owner: str = "",
) -> tuple[str, str]:
    """Headline and text; English where we have no words in `language`."""
    known = language if language in _TITLES else "en"
    standing = standing or Standing()
    values = {
        "about": news.about,
        "since": f"{since.astimezone(zone):%Y-%m-%d %H:%M}",
        "reason": standing.parked_reason if news.what is What.PARKED else standing.reason,
        "count": standing.parked,
        "wait": format_duration(since - now) if since > now else "",
        "owner": owner or "-",
    }
    key = (news.what, news.is_over)
    return _TITLES[known][key].format_map(values), _LINES[known][key].format_map(values)
