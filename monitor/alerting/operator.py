"""Decide what the operator is to hear of channels, drills, rules that end, the disk and what could not be judged, and
in which words. Pure.

Each piece of news is told when it begins and, for a channel, when it is over. What was told is remembered by the
caller under (about, what).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from enum import StrEnum

from monitor.model import DeliveryState
from monitor.timing import format_duration

BEFORE_END = timedelta(days=3)
"""How long before a rule's `until` its owner is told."""


DRILL_WITHIN = timedelta(minutes=15)
"""How long a drill may take to arrive."""


class What(StrEnum):
    """What there is to tell."""

    FAILING = "failing"
    PARKED = "parked"
    ENDS = "ends"
    DRILL = "drill"
    DISK = "disk"
    UNJUDGED = "unjudged"


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Since when a channel fails as a whole and why, and how many of its deliveries are parked and why."""

    failing_since: datetime | None = None
    reason: str = ""
    parked: int = 0
    parked_reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DrillStanding:
    """How the last drill of a channel stands: when it was made, pending, sent, parked or dead (None: it became no
    alert), why it is not sent, and when the last one arrived whole.
    """

    made: datetime
    state: DeliveryState | None
    reason: str = ""
    arrived: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """One thing to tell. `about` is a channel's name, a rule's id or a source's."""

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


def of_drills(drills: Mapping[str, DrillStanding], told: Told, now: datetime) -> dict[News, datetime]:
    """The drills that have not arrived in time and were not named yet, with when they were made; and which arrive
    again."""
    news = {}
    for channel, drill in drills.items():
        before = told.get((What.DRILL, channel))
        if drill.state is DeliveryState.SENT:
            if before is not None:
                news[News(what=What.DRILL, about=channel, is_over=True)] = before
        elif before != drill.made and (is_given_up(drill) or now - drill.made >= DRILL_WITHIN):
            news[News(what=What.DRILL, about=channel)] = drill.made
    return news


def is_given_up(drill: DrillStanding) -> bool:
    """Whether nobody tries any more to send a drill."""
    return drill.state in (DeliveryState.PARKED, DeliveryState.DEAD)


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
        (What.DRILL, False): "The drill of channel {about} did not arrive",
        (What.DRILL, True): "Drills of channel {about} arrive again",
        (What.DISK, False): "The disk is nearly full; no new articles are taken",
        (What.DISK, True): "The disk has room again; new articles are taken",
        (What.UNJUDGED, False): "Articles of source {about} could not be judged",
        (What.UNJUDGED, True): "All articles of source {about} can be judged again",
    },
    "ar": {
        (What.FAILING, False): "القناة {about} لا تستقبل الرسائل",
        (What.FAILING, True): "عادت القناة {about} إلى استقبال الرسائل",
        (What.PARKED, False): "رسائل القناة {about} موقوفة",
        (What.PARKED, True): "لم تعد للقناة {about} رسائل موقوفة",
        (What.ENDS, False): "ينتهي التنبيه {about} قريبًا",
        (What.DRILL, False): "لم يصل تمرين القناة {about}",
        (What.DRILL, True): "عادت تمارين القناة {about} إلى الوصول",
        (What.DISK, False): "القرص يكاد يمتلئ، ولا تُؤخذ مقالات جديدة",
        (What.DISK, True): "عاد في القرص متّسع، وتُؤخذ المقالات الجديدة",
        (What.UNJUDGED, False): "تعذّر تقييم مقالات من المصدر {about}",
        (What.UNJUDGED, True): "عاد تقييم كل مقالات المصدر {about} ممكنًا",
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
            What.DRILL,
            False,
        ): "Made {since}: {reason}. Do not count on this channel: rasid deliveries --channel {about}",
        (What.DRILL, True): "The one of {since} was late or lost.",
        (
            What.DISK,
            False,
        ): "Free / needed: {reason}. Nothing is lost: polling waits, and then goes on from where it stood. "
        "Make room, or: rasid prune",
        (What.DISK, True): "It was nearly full since {since}. Polling goes on from where it stood.",
        (
            What.UNJUDGED,
            False,
        ): "Not judged of what came: {reason}. All else was, and is told as ever. They are tried again with every "
        "poll. This is a fault of Rasid: please report it with what the log says.",
        (What.UNJUDGED, True): "Some could not be since {since}.",
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
        (What.DRILL, False): "أُعدّ {since}: {reason}. لا تعتمد على هذه القناة: rasid deliveries --channel {about}",
        (What.DRILL, True): "تأخر تمرين {since} أو ضاع.",
        (
            What.DISK,
            False,
        ): "المتاح / المطلوب: {reason}. لا يضيع شيء: يتوقف الجلب ثم يستمر من حيث كان. أفسِح مكانًا، أو: rasid prune",
        (What.DISK, True): "كان يكاد يمتلئ منذ {since}. ويستمر الجلب من حيث توقف.",
        (
            What.UNJUDGED,
            False,
        ): "لم يُقيَّم مما ورد: {reason}. وقُيِّم ما عداه وأُبلغ عنه كالمعتاد، وتُعاد المحاولة مع كل جلب. هذا خلل في "
        "Rasid، فأبلغ عنه من فضلك مع ما في السجل.",
        (What.UNJUDGED, True): "تعذّر بعضها منذ {since}.",
    },
}

_WAITS = {"en": "it still waits", "ar": "ما زال ينتظر"}


def words(
    news: News,
    since: datetime,
    language: str,
    zone: tzinfo,
    now: datetime,
    *,
    standing: Standing | None = None,
    drill: DrillStanding | None = None,
    owner: str = "",
) -> tuple[str, str]:
    """Headline and text; English where we have no words in `language`."""
    known = language if language in _TITLES else "en"
    standing = standing or Standing()
    values = {
        "about": news.about,
        "since": f"{since.astimezone(zone):%Y-%m-%d %H:%M}",
        "reason": _reason(news.what, standing, drill) or _WAITS[known],
        "count": standing.parked,
        "wait": format_duration(since - now) if since > now else "",
        "owner": owner or "-",
    }
    key = (news.what, news.is_over)
    return _TITLES[known][key].format_map(values), _LINES[known][key].format_map(values)


def _reason(what: What, standing: Standing, drill: DrillStanding | None) -> str:
    if drill is not None and drill.reason:
        return drill.reason
    return standing.parked_reason if what is What.PARKED else standing.reason
