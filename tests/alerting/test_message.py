"""The content of an alert, held against its published schema."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from monitor.alerting.groups import Reason
from monitor.alerting.message import Written, body_of, content, encode
from monitor.alerting.routing import Candidate
from monitor.model import Alert, EntityCard, Match, Message, RuleCard, Severity, Span
from tests.alerting.samples import NOON, a_candidate, a_card, an_article, told_of
from tests.conftest import ROOT

SCHEMA = json.loads((ROOT / "config/schema/webhook.json").read_text("utf-8"))
LIMIT = 20_000  # bytes of a body, by the Standard Webhooks recommendation
NAMES = {"ain-al-asad": EntityCard(title="قاعدة عين الأسد", arabic="قاعدة عين الأسد", latin="Ain al-Asad")}
DELIVERY = "d" + "0" * 20


UNTOLD = (Reason.SILENCED, Reason.NOT_DUE, Reason.EMPTY, Reason.CLOSED)


def _alert(matches: Sequence[Match], **fields: Any) -> Alert:
    told: dict[str, Any] = {
        "id": "n0123456789abcdef",
        "channel": "desk",
        "code": "A7K2",
        "rules": tuple(dict.fromkeys(match.rule for match in matches)),
        "severity": max(match.severity for match in matches),
        "group_key": "story=s1",
        "sequence": 1,
        "matches": tuple(matches),
        "stories": ("s1",),
        "reason": "first",
        "created": NOON,
    }
    return Alert(**(told | fields))


def _content(*candidates: Candidate, **fields: Any) -> dict[str, Any]:
    cards = {candidate.card.id: candidate.card for candidate in candidates}
    return content(_alert([c.match for c in candidates], **fields), told_of(*candidates), cards, entities=NAMES)


def _check(body: dict[str, Any]) -> None:
    Draft202012Validator(SCHEMA).validate({"id": DELIVERY, **body})


def _strict() -> dict[str, Any]:
    """The schema with every object closed, so that no undocumented key slips into a body."""

    def closed(node: Any) -> Any:
        if isinstance(node, dict):
            inner = {key: closed(value) for key, value in node.items()}
            return inner | {"additionalProperties": False} if "properties" in node else inner
        return [closed(item) for item in node] if isinstance(node, list) else node

    return dict(closed(SCHEMA))


def test_a_drill_says_so_and_nothing_else_does() -> None:
    drill = a_candidate(replace(a_card(), is_drill=True))

    assert _content(drill)["drill"] is True
    assert _content(drill)["reason_text"] == "a drill: nothing happened"
    assert "drill" not in _content(a_candidate(a_card()))
    assert "drill" not in content(_alert([drill.match]), told_of(drill), {})  # its rule is gone


def test_publishers_of_what_is_not_told_are_not_counted() -> None:
    told = a_candidate(a_card(), an_article("a1", publisher="Gulf Post"))
    muted = a_candidate(a_card(), an_article("a2", publisher="Sea News"))

    body = content(_alert([told.match]), told_of(told, muted), {})

    assert (body["publishers"], body["new_publishers"]) == (1, 1)


def test_the_schema_is_valid() -> None:
    Draft202012Validator.check_schema(SCHEMA)


def test_an_arabic_alert_holds_everything_a_reader_needs() -> None:
    article = an_article(
        title="إصابة خمسة جنود في هجوم على قاعدة عين الأسد",
        text="بغداد. سقط صاروخان على قاعدة عين الأسد.\n\nولم يصدر تعليق.",
        url="https://news.example/1",
        publisher="الخليج",
        language="ar",
        published=NOON - timedelta(minutes=2),
    )
    card = replace(a_card("base-attacked"), title="هجوم على قاعدة", note="اتصل بمكتب الأنبار قبل النشر.")
    candidate = a_candidate(card, article, entities=("ain-al-asad",))
    start = article.text.index("عين الأسد")
    span = Span(field="text", start=start, end=start + 9, term="عين الأسد", core=(start, start + 9))
    candidate = replace(candidate, match=replace(candidate.match, spans=(span,)))

    body = _content(candidate)

    assert body == {
        "alert": "n0123456789abcdef",
        "code": "A7K2",
        "group": "story=s1",
        "channel": "desk",
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
        "created": "2026-11-24T12:00:00.000Z",
        "articles": [
            {
                "id": "a1",
                "version": 1,
                "updated": False,
                "story": "s1",
                "title": "إصابة خمسة جنود في هجوم على قاعدة عين الأسد",
                "url": "https://news.example/1",
                "source": "wire",
                "publisher": "الخليج",
                "language": "ar",
                "published": "2026-11-24T11:58:00.000Z",
                "seen": "2026-11-24T12:00:00.000Z",
                "excerpt": {"text": "…سقط صاروخان على قاعدة عين الأسد.…", "hits": [{"start": 23, "end": 32}]},
                "matches": [
                    {
                        "rule": "base-attacked",
                        "title": "هجوم على قاعدة",
                        "severity": "high",
                        "entities": ["ain-al-asad"],
                        "spans": [
                            {
                                "field": "text",
                                "start": start,
                                "end": start + 9,
                                "term": "عين الأسد",
                                "text": "عين الأسد",
                            }
                        ],
                        "more_spans": 0,
                    }
                ],
                "more_matches": 0,
            }
        ],
        "more_articles": 0,
        "publishers": 1,
        "new_publishers": 1,
        "since": None,
        "opening": None,
        "quiet_until": None,
    }
    Draft202012Validator(_strict()).validate({"id": DELIVERY, **body})


def test_letters_are_sent_as_they_are_and_the_same_content_gives_the_same_bytes() -> None:
    body = {"b": 1, "a": "هجوم"}

    assert encode(body) == encode(dict(reversed(body.items()))) == '{"a":"هجوم","b":1}'.encode()


@pytest.mark.parametrize("kept", [{"b": {"c": '"\n\t'}, "a": "هجوم"}, {"a": 1}, {}])
def test_a_program_is_sent_the_id_and_the_content_whether_it_was_read_or_not(kept: dict[str, Any]) -> None:
    text = json.dumps(kept, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    bodies = [body_of(Message(delivery_id=DELIVERY, recipient="", content=each)) for each in (kept, Written(text))]

    assert bodies[0] == bodies[1]
    assert json.loads(bodies[0]) == {"id": DELIVERY, **kept}


def test_a_written_content_is_sent_as_it_was_written_and_read_only_when_asked() -> None:
    content = Written('{"b":[1],"a":2')  # cut short: who read it would fail

    assert body_of(Message(delivery_id="d1", recipient="", content=content)) == b'{"id":"d1","b":[1],"a":2'
    with pytest.raises(ValueError, match="delimiter"):
        len(content)


def test_a_written_content_reads_like_the_values_it_was_made_of() -> None:
    content = Written('{"b":[1],"a":2}')

    assert content == {"a": 2, "b": [1]}
    assert (len(content), list(content), content["b"] is content["b"]) == (2, ["b", "a"], True)


def test_half_a_character_does_not_stop_a_message() -> None:
    assert encode({"a": "\ud83d"}) == b'{"a":"?"}'


def test_the_rules_of_one_article_stand_together_with_the_most_severe_first() -> None:
    low, high = a_card("low", Severity.LOW), a_card("high", Severity.HIGH)
    first, second = an_article("a1"), an_article("a2")

    body = _content(a_candidate(low, first), a_candidate(low, second), a_candidate(high, second))

    found = [(article["id"], [match["rule"] for match in article["matches"]]) for article in body["articles"]]
    assert found == [("a2", ["high", "low"]), ("a1", ["low"])]


def test_an_edited_article_is_told_as_updated() -> None:
    (article,) = _content(a_candidate(a_card(), an_article(version=3)))["articles"]

    assert (article["version"], article["updated"]) == (3, True)


def test_a_span_in_the_title_is_quoted_from_the_title() -> None:
    candidate = a_candidate(a_card(), an_article(title="War over", text="Peace."))
    span = Span(field="title", start=0, end=3, term="war", core=(0, 3))
    candidate = replace(candidate, match=replace(candidate.match, spans=(span,)))

    (article,) = _content(candidate)["articles"]

    assert article["matches"][0]["spans"][0]["text"] == "War"
    assert article["excerpt"] == {"text": "Peace.", "hits": []}


def test_a_match_whose_article_and_rule_are_gone_is_told_by_their_ids() -> None:
    match = a_candidate(a_card()).match

    body = content(_alert([match], stories=()), {}, {})

    _check(body)
    assert body["story"] == ""
    assert (body["articles"][0]["id"], body["articles"][0]["title"]) == ("a1", "")
    assert (body["rule_details"][0]["id"], body["rule_details"][0]["title"]) == ("attack", "")


def test_what_does_not_fit_is_counted() -> None:
    card = a_card()
    text = "سقط صاروخان على القاعدة ليل الأحد. " * 20
    candidates = [a_candidate(card, an_article(f"a{n}", title="خبر " * 200, text=text)) for n in range(200)]

    body = _content(*candidates)

    assert 1 < len(body["articles"]) < 200
    assert len(body["articles"]) + body["more_articles"] == 200
    assert len(encode({"id": DELIVERY, **body})) < LIMIT
    _check(body)


def test_hundreds_of_rules_on_one_article_are_counted_too() -> None:
    cards = [replace(a_card(f"rule-{n}"), note="ن" * 2000, title="ع" * 2000) for n in range(300)]
    spans = tuple(Span(field="text", start=n, end=n + 1, term="t" * 500, core=(n, n + 1)) for n in range(40))
    candidates = [a_candidate(card, an_article(url="https://news.example/" + "x" * 3000)) for card in cards]
    candidates = [replace(c, match=replace(c.match, spans=spans)) for c in candidates]

    body = _content(*candidates)

    (article,) = body["articles"]
    assert len(body["rules"]) + body["more_rules"] == 300
    assert len(article["matches"]) + article["more_matches"] == 300
    assert len(article["matches"][0]["spans"]) + article["matches"][0]["more_spans"] == 40
    assert article["url"] == ""
    assert len(encode({"id": DELIVERY, **body})) < LIMIT
    _check(body)


def test_a_long_title_is_cut_at_a_word() -> None:
    (article,) = _content(a_candidate(a_card(), an_article(title="word " * 100)))["articles"]

    assert article["title"] == ("word " * 60).rstrip() + "…"


@given(
    texts=st.lists(st.text(max_size=2000), min_size=1, max_size=12),
    reason=st.sampled_from([reason for reason in Reason if reason not in UNTOLD]),
    rules=st.integers(1, 40),
    data=st.data(),
)
@settings(max_examples=60, deadline=None)
def test_every_body_is_valid_and_below_twenty_kilobytes(
    texts: list[str], reason: Reason, rules: int, data: st.DataObject
) -> None:
    candidates = []
    for number, text in enumerate(texts):
        article = an_article(f"a{number}", title=text, text=text, publisher=text, language="ar", url=text)
        for rule in range(data.draw(st.integers(1, rules))):
            card: RuleCard = replace(a_card(f"rule-{rule}"), title=text, note=text)
            candidates.append(a_candidate(card, article))

    body = _content(*candidates, reason=reason.value)

    encoded = encode({"id": DELIVERY, **body})
    assert len(encoded) < LIMIT
    Draft202012Validator(_strict()).validate(json.loads(encoded))


@pytest.mark.parametrize("severity", list(Severity))
def test_every_severity_is_in_the_schema(severity: Severity) -> None:
    _check(_content(a_candidate(a_card("r", severity))))
