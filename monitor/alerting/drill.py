"""Make the content of a test message: the keys of an alert, clearly marked, about nothing that happened. Pure."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from monitor.alerting.message import iso
from monitor.alerting.wording import LANGUAGES

_TEXTS = {
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


def drill(channel: str, language: str, alert_id: str, now: datetime) -> dict[str, Any]:
    """The content of a test of `channel`; English when we have no words in `language`."""
    language = language if language in LANGUAGES else "en"
    title, text, note, rule = _TEXTS[language]
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
                "title": title,
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
