"""A digest: what its content holds, and how a reader sees it."""

from __future__ import annotations

import json
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from jsonschema import Draft202012Validator

from monitor.alerting.calm import Cause
from monitor.alerting.digest import alert_of, digest
from monitor.alerting.facts import facts
from monitor.alerting.letter import letter
from monitor.alerting.message import encode
from monitor.alerting.notice import notice
from monitor.alerting.wording import bare
from tests.alerting.samples import HOUR, NOON
from tests.channels.samples import ARABIC, ENGLISH
from tests.conftest import ROOT

BAGHDAD = ZoneInfo("Asia/Baghdad")
ID = "n0123456789abcdef"
SCHEMA = json.loads((ROOT / "config/schema/webhook.json").read_text("utf-8"))


def _made(*contents: dict[str, Any], cause: Cause = Cause.QUIET) -> dict[str, Any]:
    return digest(contents, cause, alert_id=ID, channel="desk", now=NOON + HOUR)


LOW = ENGLISH | {"severity": "low", "code": "Q3X9", "alert": "n1111111111111111"}


def test_the_most_severe_alert_stands_first_each_with_its_code() -> None:
    body = _made(LOW, ENGLISH, ARABIC)

    assert [(line["code"], line["severity"]) for line in body["articles"]] == [
        (ENGLISH["code"], "high"),
        (ARABIC["code"], "high"),
        ("Q3X9", "low"),
    ]
    assert (body["severity"], body["digest"]["alerts"], body["sequence"]) == ("high", 3, 1)


def test_it_holds_to_the_schema_and_its_bound_and_counts_what_has_no_room() -> None:
    body = _made(*[ENGLISH] * 500)

    Draft202012Validator(SCHEMA).validate({"id": "d" + "0" * 20, **body})
    assert len(encode(body)) < 20_000
    assert len(body["articles"]) + body["digest"]["more_alerts"] == 500


def test_an_alert_without_articles_is_counted() -> None:
    assert _made(ENGLISH, ENGLISH | {"articles": []})["digest"]["alerts"] == 2


def test_its_alert_stands_by_itself() -> None:
    alert = alert_of(_made(ENGLISH, LOW), NOON)

    assert (alert.id, alert.channel, alert.group_key, alert.matches) == (ID, "desk", f"digest={ID}", ())


@pytest.mark.parametrize(
    ("language", "first", "why"),
    [
        ("en", "🟠 3 alerts since 10:42", "held through quiet hours"),
        ("ar", "\u200f🟠 \u20683 تنبيهات منذ 10:42\u2069", "\u200fأُجّلت خلال ساعات الهدوء"),
    ],
)
def test_its_first_line_says_how_many_and_since_when(language: str, first: str, why: str) -> None:
    told = notice(facts(_made(ENGLISH, ARABIC, LOW), language, BAGHDAD, NOON))

    assert (bare(told.first, language), bare(told.origin, language)) == (first, why)
    assert (told.excerpt, told.note, told.code) == ((), (), ())


def test_a_line_of_it_has_sign_headline_publisher_code_and_link() -> None:
    told = notice(facts(_made(LOW), "en", BAGHDAD, NOON))

    article = LOW["articles"][0]
    line = f"🔵 {article['title']} · {article['publisher']} · Code Q3X9 · open article: {article['url']}"
    assert [bare(other, "en") for other in told.others] == [line]


def test_its_letter_names_no_single_article() -> None:
    told = letter(facts(_made(ENGLISH, LOW, cause=Cause.AT_MOST), "en", BAGHDAD, NOON))

    assert told.subject == "High: 2 alerts since 10:42"
    assert bare(told.origin, "en") == "more than this channel takes at once"
    assert (told.url, told.why_you, told.why_now, told.others_heading) == ("", (), (), "Alerts")
    assert len(told.others) == 2


@pytest.mark.parametrize(
    ("language", "line"),
    [("en", "More alerts, not shown here: 470"), ("ar", "\u200fتنبيهات أخرى لا تظهر هنا: \u2068470\u2069")],
)
def test_what_has_no_room_in_it_is_called_alerts(language: str, line: str) -> None:
    body = _made(*[ENGLISH] * 500)
    body["articles"] = body["articles"][:1] * 30

    assert bare(letter(facts(body, language, BAGHDAD, NOON)).hidden, language) == line
