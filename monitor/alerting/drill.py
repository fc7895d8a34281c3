"""A drill: when a channel's is due, what it says, and the content of the test message of `send-test`. Pure.

A drill is an article about nothing that happened, which goes the whole way of an alert. Whoever meets it, on a screen
or in a message, sees its mark first.
"""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from monitor.alerting.calm import at
from monitor.alerting.message import iso
from monitor.alerting.wording import LANGUAGES, said

SOURCES = "drill:"
"""Begins the ids of the sources that drills come from, one for each channel; no configured source is named so."""

_TEXTS = {
    "en": (
        "Daily drill: nothing happened",
        "This message took the whole way of an alert, from a folder through a rule to this channel. "
        "If you read it, alerts on this channel reach you.",
    ),
    "ar": (
        "تمرين يومي: لم يحدث شيء",
        "قطعت هذه الرسالة طريق التنبيه كله: من مجلد الأخبار عبر شروط التنبيه إلى هذه القناة. إن كنت تقرأها "
        "فتنبيهات هذه القناة تصلك.",
    ),
}
_TEST_TEXTS = {
    "en": (
        "This is a test message: nothing happened",
        "Whoever reads this is reached by the channel. Alerts will look like this one.",
        "There is nothing to do.",
        "Test of a channel",
    ),
    "ar": (
        "هذه رسالة تجريبية: لم يحدث شيء",
        "من يقرأ هذا تصله رسائل القناة. ستأتي التنبيهات بهذا الشكل.",
        "لا شيء مطلوب منك.",
        "تجربة قناة",
    ),
}


def due(clock: time, zone: ZoneInfo, now: datetime) -> date | None:
    """The local day whose drill may be made by now; None before its time. A day has one, whenever it is made."""
    day = now.astimezone(zone).date()
    return day if at(day, clock, zone) <= now else None


def file_of(day: date, clock: time, zone: ZoneInfo, language: str) -> dict[str, str]:
    """What the file of a day's drill holds, in the drop-folder format; the same whenever it is written."""
    language = _known(language)
    title, text = _TEXTS[language]
    return {
        "id": name_of(day),
        "title": f"{said(language, 'drill')} {title}",
        "text": text,
        "published": at(day, clock, zone).isoformat(),
        "language": language,
    }


def source_of(channel: str) -> str:
    """The id of the source that a channel's drills come from."""
    return SOURCES + channel


def name_of(day: date) -> str:
    """What names a day's drill within its source."""
    return f"drill-{day.isoformat()}"


def drill(channel: str, language: str, alert_id: str, now: datetime) -> dict[str, Any]:
    """The content of a test of `channel`; English when we have no words in `language`."""
    language = _known(language)
    title, text, note, rule = _TEST_TEXTS[language]
    return {
        "alert": alert_id,
        "code": "TEST",
        "group": "drill",
        "drill": True,
        "channel": channel,
        "rules": ["test"],
        "more_rules": 0,
        "rule_details": [{"id": "test", "title": rule, "severity": "info", "note": note}],
        "severity": "info",
        "sequence": 1,
        "story": "",
        "reason": "first",
        "reason_text": "a test of the channel",
        "created": iso(now),
        "articles": [
            {
                "id": "test",
                "version": 1,
                "updated": False,
                "story": "",
                "title": f"{said(language, 'drill')} {title}",
                "url": "",
                "source": "rasid",
                "publisher": "",
                "language": language,
                "published": None,
                "seen": iso(now),
                "excerpt": {"text": text, "hits": []},
                "matches": [
                    {"rule": "test", "title": rule, "severity": "info", "entities": [], "spans": [], "more_spans": 0}
                ],
                "more_matches": 0,
            }
        ],
        "more_articles": 0,
        "publishers": 0,
    }


def _known(language: str) -> str:
    return language if language in LANGUAGES else "en"
