"""The words around an alert, as a reader sees them: numbers, times, directions, and why it is told now."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from jsonschema import Draft202012Validator

from monitor.alerting.drill import drill
from monitor.alerting.facts import excerpt_of, facts
from monitor.alerting.letter import letter
from monitor.alerting.notice import notice
from monitor.alerting.wording import bare, clock, counted, isolated, lasting, listed, place, plain, quoted
from tests.alerting.samples import NOON
from tests.channels.samples import ARABIC, ENGLISH
from tests.conftest import ROOT

BAGHDAD = ZoneInfo("Asia/Baghdad")


def _lines(content: dict[str, Any], language: str) -> tuple[str, str, str]:
    told = notice(facts(content, language, BAGHDAD, NOON))
    return bare(told.first, language), bare(told.origin, language), bare(told.alert, language)


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (0, "\u20680\u2069 ناشر"),
        (1, "ناشر واحد"),
        (2, "ناشران"),
        (3, "\u20683\u2069 ناشرين"),
        (10, "\u206810\u2069 ناشرين"),
        (11, "\u206811\u2069 ناشرًا"),
        (99, "\u206899\u2069 ناشرًا"),
        (100, "\u2068100\u2069 ناشر"),
        (102, "\u2068102\u2069 ناشر"),
        (103, "\u2068103\u2069 ناشرين"),
        (111, "\u2068111\u2069 ناشرًا"),
    ],
)
def test_arabic_numbers_ask_for_their_noun(number: int, words: str) -> None:
    assert bare(counted(number, "publisher", "ar"), "ar") == "\u200f" + words


@pytest.mark.parametrize(("number", "words"), [(1, "1 article"), (2, "2 articles"), (0, "0 articles")])
def test_english_numbers_ask_for_their_noun(number: int, words: str) -> None:
    assert bare(counted(number, "article", "en"), "en") == words


@pytest.mark.parametrize(
    ("text", "language", "shown"),
    [
        ("قاعدة", "ar", "قاعدة"),
        ("Wire", "ar", "\u2068Wire\u2069"),
        ("10:40", "ar", "\u206810:40\u2069"),
        ("F-16 تقصف القاعدة", "ar", "\u2068\u200fF-16 تقصف القاعدة\u2069"),
        ("بغداد: the troops left", "en", "\u2068\u200eبغداد: the troops left\u2069"),
        ("Wire 10:40", "en", "Wire 10:40"),
        ("قاعدة", "en", "\u2068قاعدة\u2069"),
    ],
)
def test_what_would_turn_a_line_is_isolated_in_its_own_direction(text: str, language: str, shown: str) -> None:
    assert isolated(text, language) == shown


def test_times_name_the_day_when_it_is_another_and_the_city_in_the_readers_language() -> None:
    assert clock(NOON, BAGHDAD, NOON).text == "15:00"
    assert clock(datetime(2026, 11, 23, 22, 0, tzinfo=UTC), BAGHDAD, NOON).text == "01:00"
    assert clock(datetime(2026, 11, 23, 20, 0, tzinfo=UTC), BAGHDAD, NOON).text == "2026-11-23 23:00"
    assert [place(ZoneInfo(zone), "ar").text for zone in ("Asia/Baghdad", "America/New_York", "Asia/Tokyo")] == [
        "بغداد",
        "نيويورك",
        "Tokyo",
    ]
    assert place(ZoneInfo("America/New_York"), "en").text == "New York"


def test_a_list_is_a_sentences_list() -> None:
    names = [(plain(name),) for name in "abc"]

    assert bare(listed(names, "en"), "en") == "a, b and c"
    assert bare(listed(names, "ar"), "ar") == "\u200fa، b وc"
    assert bare(listed(names[:1], "en"), "en") == "a"
    assert (bare((), "ar"), quoted((), "ar", hits=("[", "]"))) == ("", "")


def test_an_update_says_how_much_came() -> None:
    update = {"reason": "update", "sequence": 2, "more_articles": 6}

    first, _, alert = _lines(ENGLISH | update, "en")
    arabic_first, _, arabic = _lines(ARABIC | update, "ar")

    assert facts(ENGLISH | update, "en", BAGHDAD, NOON).is_update
    assert first.startswith("🟠 ↻ Five US troops")
    assert alert.endswith("why now: since the last message: 7 articles")
    assert arabic_first.startswith("\u200f🟠 ↻ إصابة")
    assert arabic.endswith("لماذا الآن: منذ الرسالة السابقة: \u20687\u2069 أخبار")


def test_an_update_says_since_when_and_how_many_publishers_are_new() -> None:
    since = {"sequence": 2, "more_articles": 6, "since": "2026-11-24T07:42:00.000Z", "new_publishers": 3}
    update, rose = since | {"reason": "update"}, since | {"reason": "severity rose"}

    assert _lines(ENGLISH | update, "en")[2].endswith("why now: new since 10:42: +3 publishers, 7 articles")
    assert _lines(ENGLISH | update | {"new_publishers": 0}, "en")[2].endswith("new since 10:42: 7 articles")
    assert _lines(ENGLISH | rose, "en")[2].endswith(
        "more severe than told before; new since 10:42: +3 publishers, 7 articles"
    )
    assert _lines(ARABIC | update, "ar")[2].endswith(
        "جديد منذ \u206810:42\u2069: \u20683\u2069 ناشرين، \u20687\u2069 أخبار"
    )


def test_an_entity_bears_the_name_that_the_reader_knows_and_is_not_named_twice() -> None:
    def why_you(content: dict[str, Any], language: str) -> str:
        return bare(letter(facts(content, language, BAGHDAD, NOON)).why_you, language)

    harir = {"entities": [{"id": "ain-al-asad", "title": "Harir", "ar": "حرير", "en": "Harir"}]}

    assert why_you(ENGLISH, "en").endswith('found "Ain al-Asad" and "attack".')
    assert why_you(ENGLISH | harir, "en").endswith('and "attack" (about Harir).')
    assert why_you(ARABIC | harir, "ar").endswith("و«هجوم» (عن حرير).")
    assert why_you(ENGLISH | {"entities": []}, "en").endswith('and "attack" (about ain-al-asad).')


def test_a_letter_says_how_long_the_rule_keeps_quiet() -> None:
    def line(content: dict[str, Any], language: str, until: str | None) -> str:
        told = letter(
            facts(content | {"created": "2026-11-24T07:42:00.000Z", "quiet_until": until}, language, BAGHDAD, NOON)
        )
        return bare(told.why_now, language)

    assert line(ENGLISH, "en", "2026-11-24T09:42:00.000Z") == "first article of this story. Quiet for 2 h."
    assert (
        line(ENGLISH, "en", None) == line(ENGLISH, "en", "2026-11-24T07:00:00.000Z") == "first article of this story."
    )
    assert line(ARABIC, "ar", "2026-11-24T09:42:00.000Z") == "\u200fأول خبر في هذه القصة. هدوء لمدة ساعتين."


@pytest.mark.parametrize(
    ("span", "english", "arabic"),
    [
        (timedelta(hours=1, minutes=30), "1 h 30 m", "ساعة واحدة و\u206830\u2069 دقيقة"),
        (timedelta(days=3), "3 d", "\u20683\u2069 أيام"),
        (timedelta(seconds=7199.4), "1 h 59 m", "ساعة واحدة و\u206859\u2069 دقيقة"),
        (timedelta(seconds=30.5), "30 s", "\u206830\u2069 ثانية"),
        (timedelta(days=800), "364 d", "\u2068364\u2069 يومًا"),
    ],
)
def test_a_length_of_time_stands_in_its_two_largest_units(span: timedelta, english: str, arabic: str) -> None:
    assert (bare(lasting(span, "en"), "en"), bare(lasting(span, "ar"), "ar")) == (english, "\u200f" + arabic)


def test_an_escalation_has_its_publishers_in_front() -> None:
    rose = {"reason": "severity rose", "severity": "critical"}

    first, _, alert = _lines(ENGLISH | rose | {"publishers": 4}, "en")
    alone, *_ = _lines(ENGLISH | rose, "en")

    assert first == "🔴 ↑ 4 publishers: Five US troops hurt in rocket attack on Ain al-Asad"
    assert alone == "🔴 ↑ Five US troops hurt in rocket attack on Ain al-Asad · 1 publisher"
    assert alert.endswith("why now: more severe than told before")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"reason": "reopened"}, "news again after a quiet day"),
        ({"reason": "escalated"}, "escalated by its rule"),
        ({"reason": "spread"}, "many new publishers tell it"),
        ({"reason": "silence"}, "nothing more came since"),
        ({"reason": "correction"}, "correction: the article no longer says this"),
        ({"group": "rule=base-attacked"}, "first news under this code"),
        ({"more_articles": 1}, "first articles of this story"),
        ({}, "first article of this story"),
    ],
)
def test_why_now_is_said_in_words(change: dict[str, Any], words: str) -> None:
    assert _lines(ENGLISH | change, "en")[2].endswith(f"why now: {words}")


def test_what_has_no_code_is_not_called_first_under_one() -> None:
    own = ENGLISH | {"group": "ops=n1", "code": ""}

    assert "why now" not in _lines(own, "en")[2]
    assert letter(facts(own, "en", BAGHDAD, NOON)).why_now == ()


def test_silence_and_a_correction_are_marked_in_the_first_line() -> None:
    silent, corrected = {"reason": "silence"}, {"reason": "correction"}

    assert _lines(ENGLISH | silent, "en")[0].startswith("🟠 [SILENT] Five US troops hurt")
    assert _lines(ENGLISH | corrected, "en")[0].startswith("🟠 ↻ [CORRECTION] Five US troops hurt")
    assert "[تصحيح]" in _lines(ARABIC | corrected, "ar")[0]


def test_an_edited_article_without_publisher_or_date_says_what_is_known() -> None:
    article = ENGLISH["articles"][0] | {"publisher": "", "published": None, "updated": True, "url": ""}
    this = facts(ENGLISH | {"articles": [article], "publishers": 0}, "en", BAGHDAD, NOON)

    assert bare(notice(this).first, "en") == "🟠 Five US troops hurt in rocket attack on Ain al-Asad"
    assert bare(notice(this).origin, "en") == "rafidain · seen 10:42 (Baghdad) · edited version"
    assert bare(letter(this).origin, "en") == "rafidain. Seen 10:42 (Baghdad). Edited version."


def test_many_rules_and_entities_are_counted() -> None:
    rules = [f"r{number}" for number in range(5)]
    match = {"entities": [f"e{number}" for number in range(7)], "spans": []}
    content = ENGLISH | {"rules": rules, "more_rules": 2, "articles": [ENGLISH["articles"][0] | {"matches": [match]}]}

    assert _lines(content, "en")[2].startswith("Alerts: r0, r1, r2, +4 · high · entities: e0, e1, e2, e3, e4, +2 ·")
    why = bare(letter(facts(content, "en", BAGHDAD, NOON)).why_you, "en")
    assert why == 'alerts "r0", "r1", "r2" and +4 (about e0, e1, e2, e3 and e4).'


def test_a_content_that_holds_almost_nothing_can_still_be_told() -> None:
    this = facts({"severity": "odd"}, "xx", BAGHDAD, NOON)

    assert bare(notice(this).first, "en") == "⚪ (no headline)"
    assert bare(notice(this).alert, "en") == "info · why now: first article of this story"
    assert bare(letter(this).origin, "en") == ""
    assert letter(this).subject == "Info: (no headline)"


@pytest.mark.parametrize(
    ("text", "hit", "marked"),
    [
        ("وهجوم على", (1, 5), "[وهجوم] على"),
        ("هُجُومٌ على", (0, 3), "[هُجُومٌ] على"),
        ("a hit b", (1, 6), "a [hit] b"),
        ("a hit b", (5, 5), "a hit b"),
        ("a hit", (2, 99), "a [hit]"),
        (" \u200f ", (0, 1), ""),
    ],
)
def test_evidence_is_marked_as_whole_words(text: str, hit: tuple[int, int], marked: str) -> None:
    line = excerpt_of({"excerpt": {"text": text, "hits": [{"start": hit[0], "end": hit[1]}]}})

    assert quoted(line, "en", hits=("[", "]")).strip("\u2068\u2069") == marked


@pytest.mark.parametrize(
    ("language", "mark", "why"),
    [
        ("en", "⚪ [DRILL] This is a test message", "this channel is being tested"),
        ("ar", "\u200f⚪ [تمرين] هذه رسالة تجريبية", "تجربة لهذه القناة"),
        ("fr", "⚪ [DRILL] This is a test message", "this channel is being tested"),
    ],
)
def test_a_drill_is_an_alert_that_nobody_can_mistake(language: str, mark: str, why: str) -> None:
    content = drill("desk", language, "n0123456789abcdef", NOON)
    this = facts(content, language, BAGHDAD, NOON)

    assert bare(notice(this).first, this.language).startswith(mark)
    assert bare(notice(this).alert, this.language).endswith(why)
    assert (notice(this).code, letter(this).code) == ((), ())
    assert letter(this).title.startswith(("[DRILL] This", "[تمرين] هذه"))
    assert letter(this).why_you == ()
    assert "rasid" not in bare(notice(this).origin, this.language)  # its source is nobody's news
    assert letter(this).subject.startswith(("[DRILL] Info: This", "[تمرين] للعلم: هذه"))
    assert content["articles"][0]["title"].startswith(("[DRILL] This", "[تمرين] هذه"))  # what a program shows
    schema = json.loads((ROOT / "config/schema/webhook.json").read_text("utf-8"))
    Draft202012Validator(schema).validate({"id": "d" + "0" * 20, **content})


def test_other_articles_have_a_line_each_and_the_first_note_there_is_counts() -> None:
    other = ARABIC["articles"][0] | {"publisher": "", "source": "", "url": ""}
    details = [{"id": "quiet", "title": "Quiet", "note": ""}, *ENGLISH["rule_details"]]
    content = ENGLISH | {"articles": [*ENGLISH["articles"], other], "rule_details": details}
    told = notice(facts(content, "en", BAGHDAD, NOON))

    assert [bare(line, "en") for line in told.others] == ["\u2068إصابة خمسة جنود في هجوم على قاعدة عين الأسد\u2069"]
    assert bare(told.note, "en") == "Call the Anbar desk before publishing."
