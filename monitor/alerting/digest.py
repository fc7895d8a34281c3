"""Make the content of a digest: what was held of several alerts, as one message. JSON values like every alert's.

Each alert stands with its first article, the most severe first, its code beside it. The digest is bounded as an
alert is; alerts beyond that are counted (`digest.more_alerts`), and stand in `rasid deliveries`. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from monitor.alerting.calm import Cause
from monitor.alerting.message import ARTICLES_SIZE, LONGEST_TITLE, MOST_RULES, RULES_SIZE, Json, fitting, iso
from monitor.alerting.wording import cut
from monitor.model import Alert, Severity

GROUP = "digest"


def digest(
    contents: Sequence[Mapping[str, Any]], cause: Cause, *, alert_id: str, channel: str, now: datetime
) -> Json:
    """The content of a digest of alerts, given in the order in which they were made."""
    ranked = sorted(contents, key=lambda content: -_severity(content))
    shown, more = fitting((_line(content) for content in ranked if content.get("articles")), ARTICLES_SIZE)
    details, _ = fitting(_details(ranked), RULES_SIZE)
    rules = list(dict.fromkeys(str(rule) for content in ranked for rule in content.get("rules", ())))
    names = {entity["id"]: entity for content in ranked for entity in content.get("entities", ())}
    told = dict.fromkeys(id for article in shown for match in article["matches"] for id in match["entities"])
    publishers = {article["publisher"] for content in ranked for article in content.get("articles", ())} - {""}
    return {
        "alert": alert_id,
        "code": "",
        "group": f"{GROUP}={alert_id}",
        "channel": channel,
        "digest": {
            "cause": cause.value,
            "alerts": len(contents),
            "more_alerts": more,
            "since": min(str(content["created"]) for content in contents),
        },
        "rules": rules[:MOST_RULES],
        "more_rules": max(0, len(rules) - MOST_RULES),
        "rule_details": details,
        "entities": [names[id] for id in told if id in names],
        "severity": _severity(ranked[0]).word,
        "sequence": 1,
        "story": "",
        "reason": GROUP,
        "reason_text": _WORDS[cause],
        "created": iso(now),
        "articles": shown,
        "more_articles": more,
        "publishers": len(publishers),
    }


def alert_of(content: Mapping[str, Any], now: datetime) -> Alert:
    """The alert whose content a digest is: it stands by itself, and no match is told by it alone."""
    return Alert(
        id=str(content["alert"]),
        channel=str(content["channel"]),
        code="",
        rules=tuple(content["rules"]),
        severity=_severity(content),
        group_key=str(content["group"]),
        sequence=1,
        matches=(),
        stories=(),
        reason=GROUP,
        created=now,
    )


_WORDS = {
    Cause.QUIET: "held through quiet hours",
    Cause.DIGEST: "gathered for the digest",
    Cause.AT_MOST: "more than the channel takes at once",
    Cause.OUTAGE: "waited while nothing could be sent",
}


def _severity(content: Mapping[str, Any]) -> Severity:
    return Severity.from_word(str(content["severity"]))


def _line(content: Mapping[str, Any]) -> Json:
    """An alert as one article of the digest: its first, with what the alert says beside it."""
    first = content["articles"][0]
    return {
        **first,
        "title": cut(str(first["title"]), LONGEST_TITLE),
        "alert": content["alert"],
        "code": content["code"],
        "severity": content["severity"],
        "more_in_alert": len(content["articles"]) - 1 + int(content.get("more_articles", 0)),
    }


def _details(ranked: Sequence[Mapping[str, Any]]) -> list[Json]:
    """What is said of each rule, once; notes are left out, since they speak of one event."""
    found = {str(rule["id"]): rule for content in ranked for rule in content.get("rule_details", ())}
    return [{**rule, "note": ""} for rule in found.values()]
