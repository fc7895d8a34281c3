"""Contents of alerts for the tests of channels: one news in Arabic and in English, and any title."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from monitor.alerting.message import content
from monitor.model import Alert
from tests.alerting.samples import NOON, a_candidate, a_card, an_article, told_of

ARABIC: dict[str, Any] = {
    "alert": "n0123456789abcdef",
    "code": "A7K2",
    "channel": "desk",
    "group": "story=s1",
    "rules": ["base-attacked"],
    "more_rules": 0,
    "rule_details": [
        {
            "id": "base-attacked",
            "title": "هجوم على قاعدة",
            "severity": "high",
            "note": "اتصل بمكتب الأنبار قبل النشر.",
        }
    ],
    "entities": [
        {"id": "ain-al-asad", "title": "قاعدة عين الأسد", "ar": "قاعدة عين الأسد", "en": "Ain al-Asad"},
    ],
    "severity": "high",
    "sequence": 1,
    "story": "s1",
    "reason": "first",
    "reason_text": "first news of its group",
    "created": "2026-11-24T07:42:30.000Z",
    "publishers": 1,
    "articles": [
        {
            "id": "a1",
            "version": 1,
            "updated": False,
            "story": "s1",
            "title": "إصابة خمسة جنود في هجوم على قاعدة عين الأسد",
            "url": "https://news.example/1?a=1&b=2",
            "source": "rafidain",
            "publisher": "الرافدين",
            "language": "ar",
            "published": "2026-11-24T07:40:00.000Z",
            "seen": "2026-11-24T07:42:00.000Z",
            "excerpt": {
                "text": "…سقط صاروخان على قاعدة عين الأسد في هجوم أصيب فيه خمسة جنود…",
                "hits": [{"start": 18, "end": 32}, {"start": 36, "end": 40}],
            },
            "matches": [
                {
                    "rule": "base-attacked",
                    "title": "هجوم على قاعدة",
                    "severity": "high",
                    "entities": ["ain-al-asad"],
                    "spans": [
                        {"field": "text", "start": 18, "end": 32, "term": "عين الأسد", "text": "قاعدة عين الأسد"},
                        {"field": "text", "start": 36, "end": 40, "term": "هجوم", "text": "هجوم"},
                    ],
                    "more_spans": 0,
                }
            ],
            "more_matches": 0,
        }
    ],
    "more_articles": 0,
}

ENGLISH: dict[str, Any] = ARABIC | {
    "rule_details": [
        {
            "id": "base-attacked",
            "title": "Attack on a base",
            "severity": "high",
            "note": "Call the Anbar desk before publishing.",
        }
    ],
    "articles": [
        ARABIC["articles"][0]
        | {
            "title": "Five US troops hurt in rocket attack on Ain al-Asad",
            "url": "https://wire.example/1",
            "publisher": "Example Wire",
            "language": "en",
            "excerpt": {
                "text": "…a rocket attack on Ain al-Asad air base in Anbar wounded five US troops, one seriously…",
                "hits": [{"start": 10, "end": 16}, {"start": 20, "end": 31}],
            },
            "matches": [
                ARABIC["articles"][0]["matches"][0]
                | {
                    "spans": [
                        {"field": "text", "start": 20, "end": 31, "term": "Ain al-Asad", "text": "Ain al-Asad"},
                        {"field": "text", "start": 10, "end": 16, "term": "attack", "text": "attack"},
                    ]
                }
            ],
        }
    ],
}


def about(text: str) -> dict[str, Any]:
    """The content of an alert in which everything that an outsider writes is `text`."""
    article = an_article(title=text, text=text, publisher=text, url="https://news.example/" + text)
    candidate = a_candidate(a_card(), article)
    alert = Alert(
        id="n0123456789abcdef",
        channel="desk",
        code="A7K2",
        rules=("attack",),
        severity=candidate.match.severity,
        group_key="story=s1",
        sequence=1,
        matches=(candidate.match,),
        stories=("s1",),
        reason="first",
        created=NOON,
    )
    return content(alert, told_of(candidate), {"attack": candidate.card})


def attacks(corpora: Path) -> dict[str, str]:
    """Titles that hurt elsewhere, by id; those that end in `_ok` must arrive unchanged."""
    lines = (corpora / "attacks/titles.jsonl").read_text("utf-8").splitlines()
    return {line["id"]: line["text"] for line in map(json.loads, lines)}
