"""Tests of rules: what is told when, by the engine, the stories and the groups; and what a failure shows."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitor.errors import RuleError
from monitor.rulefiles.suites import LoadedSuite, find_suites, load_suite
from monitor.ruletest import Failure, Result, offset, run
from tests.alerting.samples import DAY, HOUR, MINUTE, NOON, SECOND

RULES = """
rules:
  attack:
    severity: high
    match: {all: [attack, base], none: [exercise]}
    alert: {throttle: 2h}
    notify: [desk, duty]
  storm: {match: storm, notify: [desk], severity: low}
  quiet: {match: flood, notify: []}
"""
WIRE = "Rockets were fired in an attack on the base near the river at dawn, officials said on Monday."
OTHER = "A storm reached the coast and cut the power in nine villages, the weather service said."


def loaded(folder: Path, articles: str, expect: str, more: str = "") -> LoadedSuite:
    (folder / "rules.yaml").write_text(RULES)
    path = folder / "x.test.yaml"
    path.write_text(f"rules: [rules.yaml]\n{more}tests:\n  t:\n    articles:\n{articles}    expect: {expect}\n")
    return load_suite(path)


def result(folder: Path, articles: str, expect: str, more: str = "") -> Result:
    suite = loaded(folder, articles, expect, more)
    (test,) = suite.suite.tests
    return run(test, suite.rules, suite.suite.floors)


def article(at: str, text: str, more: str = "") -> str:
    return f"      - {{at: {at}, text: '{text}'{more}}}\n"


def messages(found: Result) -> list[str]:
    return [failure.message for failure in found.failures]


def only(found: Result) -> Failure:
    (failure,) = found.failures
    return failure


def test_copies_of_one_text_are_one_story_and_the_throttle_folds_the_later_one(tmp_path: Path) -> None:
    copies = article("0s", WIRE) + article("10s", WIRE) + article("40m", WIRE)
    desk = "{at: 30s, channel: desk, rules: [attack], articles: 2, sequence: 1, severity: high}"
    later = "{at: 2h30s, channel: desk, rules: [attack], articles: 1, sequence: 2}"
    expect = f"[{desk}, {{at: 30s, channel: duty}}, {{silent_until: 2h}}, {later}, {{at: 2h30s, channel: duty}}]"
    assert messages(result(tmp_path, copies, expect)) == []


def test_what_nothing_expects_fails_with_the_tree_of_its_rule(tmp_path: Path) -> None:
    found = result(tmp_path, article("5m", WIRE), "[{at: 5m30s, channel: desk}]")
    failure = only(found)
    assert failure.message == (
        "told on duty at 5m30s: attack, 1 article (1), sequence 1, severity high, which nothing expects"
    )
    assert failure.path == ("tests", "t", "expect")
    (one,) = failure.explained
    assert (one.article.id, one.explanation.matched, one.fates) == ("article-1", True, ())


def test_an_alert_that_does_not_come_shows_what_stood_in_the_way(tmp_path: Path) -> None:
    exercise = article("0s", "An exercise on the base simulated an attack.")
    failure = only(result(tmp_path, exercise, "[{at: 30s, channel: desk, rules: [attack]}]"))
    assert (failure.message, failure.path) == ("nothing was told on desk at 30s", ("tests", "t", "expect", 0))
    assert failure.explained[0].explanation.because == ("none",)


def test_a_match_that_was_not_told_says_what_became_of_it(tmp_path: Path) -> None:
    old = article("0s", WIRE, ", published: '2025-12-01'")
    failure = only(result(tmp_path, old, "[{at: 30s, rules: [attack]}]"))
    assert failure.message == "nothing was told at 30s"
    assert [fate.partition(":")[0] for fate in failure.explained[0].fates] == ["on desk", "on duty"]
    assert "stale: published 35d" in failure.explained[0].fates[0]
    stored = only(result(tmp_path, article("0s", "A flood."), "[{at: 30s, channel: desk, rules: [quiet]}]"))
    assert stored.explained[0].fates == ("store-only: the rule notifies no channel",)


def test_an_alert_of_another_shape_says_what_was_expected(tmp_path: Path) -> None:
    expect = "[{at: 30s, rules: [attack, storm], articles: 2, sequence: 3, severity: low}]"
    failure = only(result(tmp_path, article("0s", OTHER), expect))
    assert failure.message == (
        "told on desk at 30s: storm, 1 article (1), sequence 1, severity low; "
        "expected rules attack, storm and 2 articles and sequence 3"
    )
    assert [one.explanation.rule for one in failure.explained] == ["attack"]
    high = only(result(tmp_path, article("0s", OTHER), "[{at: 30s, severity: high}]"))
    assert high.message.endswith("; expected severity high")


def test_an_alert_at_another_time_is_named_with_both_times(tmp_path: Path) -> None:
    failure = only(result(tmp_path, article("0s", OTHER), "[{at: 1m, rules: [storm]}]"))
    assert failure.message == ("told on desk at 30s: storm, 1 article (1), sequence 1, severity low; expected at 1m")


def test_silence_that_is_broken_is_told_where_it_was_expected(tmp_path: Path) -> None:
    expect = "[{silent_until: 10m, channel: desk}, {at: 30m, channel: desk}]"
    failure = only(result(tmp_path, article("0s", OTHER) + article("29m30s", OTHER + " Later."), expect))
    assert failure.message == (
        "told on desk at 30s: storm, 1 article (1), sequence 1, severity low, while silence was expected until 10m"
    )
    assert failure.path == ("tests", "t", "expect", 0)


def test_a_channel_takes_what_the_suite_says(tmp_path: Path) -> None:
    more = "channels: {desk: {from_severity: high}}\n"
    assert messages(result(tmp_path, article("0s", OTHER), "[]", more)) == []
    failure = only(result(tmp_path, article("0s", OTHER), "[{at: 30s, rules: [storm]}]", more))
    assert failure.explained[0].fates == ("on desk: store-only: the channel takes only high and above",)


def test_what_was_told_elsewhere_or_later_is_said(tmp_path: Path) -> None:
    copies = article("0s", WIRE) + article("40m", WIRE)
    expect = "[{at: 30s, channel: desk}, {at: 30s, channel: duty}, {at: 40m30s, channel: desk, rules: [attack], " \
             "sequence: 1}, {at: 2h30s, channel: desk, sequence: 2}, {at: 2h30s, channel: duty}]"  # fmt: skip
    failure = only(result(tmp_path, copies, expect))
    fates = {one.article.id: one.fates for one in failure.explained}
    assert fates["article-2"] == ("on desk: told at 2h30s: more news since the last alert of its group",)


@pytest.mark.parametrize(
    ("expect", "message"),
    [
        ("[{at: 30s, rules: [atack]}]", "6:31: test 't': unknown rule 'atack'"),
        ("[{at: 30s, channel: dsk}]", "6:33: test 't': no rule notifies a channel 'dsk'"),
        ("[{at: soon}]", "6:19: test 't': expectation 1: at: 'soon' is no time"),
    ],
)
def test_a_fault_of_a_suite_has_its_place(tmp_path: Path, expect: str, message: str) -> None:
    with pytest.raises(RuleError) as caught:
        loaded(tmp_path, article("0s", WIRE), expect)
    assert f"{tmp_path}/x.test.yaml:{message}" in str(caught.value)


def test_rules_that_are_not_there_and_yaml_that_is_none_are_said(tmp_path: Path) -> None:
    path = tmp_path / "x.test.yaml"
    path.write_text("rules: [nowhere.yaml]\ntests: {t: {articles: [{at: 0s, text: x}], expect: []}}\n")
    with pytest.raises(RuleError, match=r"x\.test\.yaml:1:9: rules: there is no 'nowhere\.yaml' beside the suite"):
        load_suite(path)
    path.write_text("rules: [\n")
    with pytest.raises(RuleError, match=r"x\.test\.yaml:"):
        load_suite(path)
    with pytest.raises(RuleError, match="cannot be read"):
        load_suite(tmp_path / "none.test.yaml")
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(RuleError, match="UTF-16"):
        load_suite(path)


def test_suites_are_found_below_rules_and_are_no_rules(tmp_path: Path) -> None:
    loaded(tmp_path, article("0s", WIRE), "[]")
    (tmp_path / "tests").mkdir()
    (tmp_path / ".hidden").mkdir()
    for name in ("tests/b.test.yaml", ".hidden/c.test.yaml"):
        (tmp_path / name).write_text("tests: {}")
    found = [str(path.relative_to(tmp_path)) for path in find_suites([tmp_path])]
    assert found == ["tests/b.test.yaml", "x.test.yaml"]
    assert find_suites([tmp_path / "rules.yaml"]) == (tmp_path / "tests/b.test.yaml",)


@pytest.mark.parametrize(
    ("after", "words"),
    [
        (0 * SECOND, "0s"),
        (30 * SECOND, "30s"),
        (2 * HOUR + 30 * SECOND, "2h30s"),
        (DAY + MINUTE, "1d1m"),
        (-HOUR, "-1h"),
    ],
)
def test_times_are_told_from_the_start(after: object, words: str) -> None:
    assert offset(NOON + after, NOON) == words  # type: ignore[operator]
