"""Suites of rule tests as data: times after the start or on a day, and every fault at its place."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from monitor.model import Severity
from monitor.rules.faults import Faults
from monitor.rules.suite import MOST_ARTICLES, Suite, read_suite

ARTICLE = {"at": "0s", "text": "An attack."}
TEST = {"articles": [ARTICLE], "expect": [{"at": "30s", "channel": "desk", "rules": ["attack"]}]}


def read(**changes: Any) -> tuple[Suite, list[str]]:
    """A suite with one good test, changed, and its faults as `path: message`."""
    faults = Faults()
    data = {"version": "1", "rules": [".."], "tests": {"one": TEST}, **changes}
    found = read_suite({key: value for key, value in data.items() if value is not None}, faults)
    return found, [f"{'.'.join(map(str, fault.path))}: {fault.message}" for fault in faults.items]


def faults(**test: Any) -> list[str]:
    """The faults of a suite whose one test is changed so, by their path in it."""
    body = {key: value for key, value in {**TEST, **test}.items() if value is not None}
    return [one.removeprefix("tests.one.").replace("test 'one': ", "") for one in read(tests={"one": body})[1]]


def test_times_count_from_the_start_or_stand_on_a_day() -> None:
    article = {"at": "2026-11-01 08:05", "text": "x", "published": "2026-11-01T04:00:00+00:00"}
    suite, found = read(
        timezone="Asia/Baghdad",
        tests={"one": {"start": "2026-11-01 08:00", "articles": [article, {**ARTICLE, "at": "2m"}],
                       "expect": [{"at": "30s"}, {"silent_until": "2h"}]}},
    )  # fmt: skip
    assert found == []
    (test,) = suite.tests
    at = datetime(2026, 11, 1, 5, 0, tzinfo=UTC)
    assert (test.start, suite.timezone) == (at, ZoneInfo("Asia/Baghdad"))
    assert [(one.id, one.seen) for one in test.articles] == [
        ("article-2", at.replace(minute=2)),
        ("article-1", at.replace(minute=5)),
    ]
    assert [one.published for one in test.articles] == [at.replace(minute=2), at.replace(hour=4)]
    assert [(one.at, one.is_silence) for one in test.expected] == [
        (at.replace(second=30), False),
        (at.replace(hour=7), True),
    ]


def test_what_an_alert_is_expected_to_be() -> None:
    item = {"at": "30s", "channel": "desk", "rules": "attack", "articles": "2", "sequence": "٣", "severity": "high"}
    suite, found = read(tests={"one": {**TEST, "expect": [item]}}, channels={"duty": {"from_severity": "critical"}})
    (one,) = suite.tests[0].expected
    assert found == []
    assert (one.rules, one.articles, one.sequence, one.severity, one.path) == (
        ("attack",), 2, 3, Severity.HIGH, ("tests", "one", "expect", 0),
    )  # fmt: skip
    assert suite.floors == {"duty": Severity.CRITICAL}


def test_an_empty_list_expects_silence() -> None:
    assert faults(expect=[]) == []


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"suites": {}}, "suites: unknown key 'suites'"),
        ({"version": "2"}, "version: version 2 is not known here"),
        ({"rules": None}, "rules: name the rule files or folders that are tested"),
        ({"rules": {"a": "b"}}, "rules: rules: expected a list, not a mapping"),
        ({"timezone": "Mars"}, "timezone: timezone: 'Mars' is no timezone"),
        ({"tests": None}, ": there is no test"),
        ({"tests": ["a"]}, "tests: tests: expected a mapping, not a list"),
        ({"tests": {"One": TEST}}, "tests.One: test 'One': an id begins with a letter a-z"),
        ({"tests": {"one": "x"}}, "tests.one: test 'one': expected the keys title, start, articles, expect"),
        ({"channels": {"desk": {"from": "high"}}}, "channels.desk.from: channel 'desk': unknown key 'from'"),
        ({"channels": {"desk": ""}}, "channels.desk: channel 'desk': it is empty"),
        ({"channels": {"desk": {"from_severity": "loud"}}}, "channels.desk.from_severity: channel 'desk': from_sev"),
    ],
)
def test_a_fault_of_the_suite_stands_at_its_key(changes: dict[str, Any], message: str) -> None:
    found = read(**changes)[1]
    assert any(one.startswith(message) for one in found), found


@pytest.mark.parametrize(
    ("test", "message"),
    [
        ({"title": ["a"]}, "title: title: expected a text, not a list"),
        ({"expected": []}, "expected: unknown key 'expected' (did you mean 'expect'?)"),
        ({"start": "soon"}, "start: start: 'soon' is no time; write one after the start"),
        ({"articles": None}, "articles: articles: expected a list"),
        ({"articles": ["x"]}, "articles.0: article 1: expected a mapping of keys"),
        ({"articles": [{"text": "x"}]}, "articles.0: article 1: 'at' is missing"),
        ({"articles": [{"at": "x", "text": "x"}]}, "articles.0.at: article 1: at: 'x' is no time"),
        ({"articles": [{"at": "0s"}]}, "articles.0: article 1: it needs a text or a title"),
        ({"articles": [{**ARTICLE, "body": "x"}]}, "articles.0.body: article 1: unknown key"),
        ({"expect": None}, "expect: expect: expected a list of alerts and silences, not nothing"),
        ({"expect": {"at": "1s"}}, "expect: expect: expected a list of alerts and silences, not a"),
        ({"expect": ["x"]}, "expect.0: expectation 1: expected a mapping of keys"),
        ({"expect": [{"channel": "desk"}]}, "expect.0: expectation 1: write either 'at'"),
        ({"expect": [{"at": "1s", "silent_until": "2s"}]}, "expect.0: expectation 1: write either"),
        ({"expect": [{"at": "late"}]}, "expect.0.at: expectation 1: at: 'late' is no time"),
        ({"expect": [{"silent_until": "2s", "rules": ["a"]}]},
         "expect.0.rules: expectation 1: 'rules' belongs to an alert"),
        ({"expect": [{"at": "2h"}, {"at": "1h"}]},
         "expect.1: expectation 2: it stands behind a later one"),
    ],
)  # fmt: skip
def test_a_fault_of_a_test_stands_at_its_key(test: dict[str, Any], message: str) -> None:
    found = faults(**test)
    assert any(one.startswith(message) for one in found), found
    assert len(found) == 1


def test_a_test_has_only_so_many_articles() -> None:
    (found,) = faults(articles=[ARTICLE] * (MOST_ARTICLES + 1))
    assert found == "articles: 1,001 articles; a test has at most 1,000"


def test_what_is_no_mapping_is_said() -> None:
    found = Faults()
    assert read_suite(["x"], found) == Suite()
    assert "expected the keys version, rules" in found.items[0].message
