"""What is done about a match: defaults in layers, filters, days, and the digest that tells when a rule has
changed.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from monitor.errors import RuleError
from monitor.model import AlertPolicy, Escalation, Severity, When
from monitor.rulefiles import load_rules
from tests.rules.build import article, load, problems, warnings

DAY = datetime(2026, 11, 5, 12, tzinfo=UTC)


HOUR = timedelta(hours=1)


def rule(lines: str) -> str:
    return "rules:\n  r:\n    match: attack\n" + "".join(f"    {line}\n" for line in lines.splitlines())


def matches(folder: Path, lines: str, options: dict[str, Any] | None = None, **about: Any) -> bool:
    return bool(load(folder, rule(lines), **(options or {})).match(article("an attack", **about)))


def test_a_bare_rule_gets_the_built_in_defaults(tmp_path: Path) -> None:
    card = load(tmp_path, rule("")).cards["r"]
    assert (card.severity, card.notify, card.alert) == (Severity.MEDIUM, (), AlertPolicy())
    assert (card.title, card.note, card.owner, card.is_trial) == ("", "", "", False)


def test_all_keys_of_a_card_are_read(tmp_path: Path) -> None:
    text = "lists: {bases: {words: [b1]}}\n" + rule(
        "title: هجوم\nseverity: critical\nowner: desk\nnote: call\nnotify: [a1, b]\ntags: [x]\nrefs: ['https://x.example']\n"
        "alert: {group_by: [entity, $bases, rule], group_wait: ١m, group_interval: 2m, throttle: 2h, max_age: 1d}"
    )
    card = load(tmp_path, text).cards["r"]
    assert (card.title, card.severity, card.notify, card.note) == ("هجوم", Severity.CRITICAL, ("a1", "b"), "call")
    assert card.alert == AlertPolicy(
        group_by=("entity", "$bases", "rule"),
        group_wait=timedelta(minutes=1),
        group_interval=timedelta(minutes=2),
        throttle=timedelta(hours=2),
        max_age=timedelta(days=1),
    )


def test_group_by_none_means_every_match_by_itself(tmp_path: Path) -> None:
    assert load(tmp_path, rule("alert: {group_by: none, throttle: none}")).cards["r"].alert == AlertPolicy(
        group_by=()
    )


def test_defaults_merge_in_layers_mappings_by_key_and_lists_replaced(tmp_path: Path) -> None:
    text = "defaults: {severity: low, notify: [file], alert: {throttle: 1h, max_age: 5h}}\n" + rule(
        "notify: [rule]\nalert: {max_age: 6h}"
    )
    own = {
        "severity": "critical",
        "owner": "boss",
        "notify": ["conf"],
        "alert": {"group_wait": "9s", "throttle": "9h"},
    }
    card = load(tmp_path, text, defaults=own).cards["r"]
    assert (card.severity, card.owner, card.notify) == (Severity.LOW, "boss", ("rule",))
    assert card.alert == AlertPolicy(
        group_wait=timedelta(seconds=9), throttle=timedelta(hours=1), max_age=timedelta(hours=6)
    )


def test_a_filter_list_replaces_a_default_and_a_mapping_merges_with_it(tmp_path: Path) -> None:
    start = "defaults: {sources: {none: [press]}}\n"
    sources = {"sources": {"wire": ["iraq"], "press": ["iraq"]}}
    merged = load(tmp_path, start + rule("sources: {any: [iraq]}"), **sources)
    replaced = load(tmp_path, start + rule("sources: [iraq]"), **sources)
    at_press = article("an attack", source="press")
    assert (len(merged.match(at_press)), len(replaced.match(at_press))) == (0, 1)


def test_faults_of_the_configurations_defaults_are_told(tmp_path: Path) -> None:
    with pytest.raises(RuleError) as caught:
        load(tmp_path, rule(""), defaults={"severity": "hi", "alert": {"when": {}}})
    assert [str(problem) for problem in caught.value.problems] == [
        "configuration: defaults: alert.when: expected one of count, publishers, spike, silent, new",
        "configuration: defaults: severity: unknown severity 'hi' (did you mean 'high'?)",
    ]


def test_notify_is_held_against_the_channels(tmp_path: Path) -> None:
    assert problems(tmp_path, rule("notify: [dsk]"), channels=["desk"]) == [
        "4:13: rule 'r': unknown channel 'dsk' (did you mean 'desk'?)"
    ]
    assert problems(tmp_path, rule("notify: desk, duty"), channels=["desk", "duty"]) == [
        "4:13: rule 'r': unknown channel 'desk, duty'; several are a list: [desk, duty]"
    ]
    assert problems(tmp_path, rule("notify: [desk]"), channels=[]) == [
        "4:13: rule 'r': unknown channel 'desk'; there is none yet"
    ]
    assert problems(tmp_path, rule(""), channels=["desk"]) == [
        "2:3: rule 'r': nobody is told: write notify: [channel], or notify: [] to store only"
    ]
    assert load(tmp_path, rule("notify: []"), channels=["desk"]).cards["r"].notify == ()
    assert load(tmp_path, rule("notify: desk"), channels=["desk"]).cards["r"].notify == ("desk",)


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (
            "alert: {unless: {new_publishers: 3}}",
            "4:21: rule 'r': 'unless' lifts a throttle, and there is none: add throttle",
        ),
        (
            "alert: {throttle: 1h, unless: 3}",
            "4:35: rule 'r': alert.unless: expected {new_publishers: N}, not the text '3'",
        ),
        (
            "alert: {throttle: 1h, unless: {publishers: 3}}",
            "4:36: rule 'r': unknown key 'publishers' (did you mean 'new_publishers'?)",
        ),
        (
            "alert: {throttle: 1h, unless: {}}",
            "4:35: rule 'r': alert.unless: expected {new_publishers: N}, not nothing",
        ),
        (
            "alert: {escalate: {to: high}}",
            "4:23: rule 'r': alert.escalate: expected a list such as [{to: critical, when: {...}}], not a mapping",
        ),
        (
            "alert: {escalate: [{to: high}]}",
            "4:24: rule 'r': alert.escalate.0: a step needs 'when: {...}'",
        ),
        (
            "alert: {escalate: [{when: {publishers: 3, over: 1h}}]}",
            "4:24: rule 'r': alert.escalate.0: a step needs 'to: SEVERITY' or 'notify: [channel]'",
        ),
        (
            "alert: {escalate: [{to: high, when: {publisher: 3, over: 1h}}]}",
            "4:42: rule 'r': unknown key 'publisher' (did you mean 'publishers'?)",
        ),
        (
            "alert: {when: often}",
            "4:19: rule 'r': alert.when: expected a condition such as {count: 10, over: 1h}, not the text 'often'",
        ),
        ("alert: {when: {count: 3}}", "4:19: rule 'r': alert.when: 'count' needs 'over' beside it, such as over: 6h"),
        (
            "alert: {when: {count: 0, over: 1h}}",
            "4:27: rule 'r': alert.when.count: '0' is not a whole number from 1 to 1000000",
        ),
        (
            "alert: {when: {silent: 2h, over: 1h}}",
            "4:19: rule 'r': alert.when: 'over' belongs to count, publishers, spike or new",
        ),
        ("alert: {when: {count: 2, over: 1h, min: 3}}", "4:19: rule 'r': alert.when: 'min' belongs to 'spike'"),
        (
            "alert: {when: {spike: 1, over: 1h}}",
            "4:27: rule 'r': alert.when.spike: '1' is no rise: write how many times as much, such as 3",
        ),
        (
            "alert: {when: {spike: 2, over: 1d, baseline: 6h}}",
            "4:19: rule 'r': alert.when: 'baseline' must be longer than 'over'",
        ),
        ("alert: {when: {silent: none}}", "4:28: rule 'r': alert.when.silent: expected a duration such as 2h"),
        (
            "alert: {when: {new: rule, over: 30d}}",
            "4:25: rule 'r': alert.when.new: unknown newness 'rule'; known are entity",
        ),
        ("alert: {group_by: [$base]}", "4:23: rule 'r': group_by: there is no list '$base'"),
        ("from: 2026-11-05\nuntil: 2026-11-05", "5:12: rule 'r': 'until' is not after 'from': the rule never holds"),
    ],
)
def test_keys_that_do_not_fit_are_told(tmp_path: Path, lines: str, expected: str) -> None:
    assert [message for message in problems(tmp_path, rule(lines)) if "warning" not in message] == [expected]


def test_conditions_on_volume_are_read(tmp_path: Path) -> None:
    lines = (
        "alert:\n  when: {spike: 3.5, over: 6h, baseline: 21d, min: ٥}\n  throttle: 2h\n"
        "  unless: {new_publishers: 5}\n  corrections: yes\n"
        "  escalate:\n    - {to: critical, when: {publishers: 4, over: 2h}, notify: [duty]}\n"
        "    - {to: high, when: {new: entity, over: 30d}}"
    )
    assert load(tmp_path, rule(lines)).cards["r"].alert == AlertPolicy(
        group_by=("rule",),
        throttle=2 * HOUR,
        new_publishers=5,
        corrections=True,
        when=When(spike=3.5, over=6 * HOUR, baseline=504 * HOUR, least=5),
        escalate=(
            Escalation(when=When(publishers=4, over=2 * HOUR), to=Severity.CRITICAL, notify=("duty",)),
            Escalation(when=When(new_entity=True, over=720 * HOUR), to=Severity.HIGH),
        ),
    )
    assert problems(tmp_path, rule(lines + "\nnotify: [desk]"), channels=["desk"])[-1] == (
        "10:9: rule 'r': unknown channel 'duty'; known are desk"
    )


def test_a_rule_that_waits_for_silence_is_one_group_unless_it_says_otherwise(tmp_path: Path) -> None:
    own = load(tmp_path, rule("alert: {when: {silent: 1d}}")).cards["r"].alert
    said = load(tmp_path, rule("alert: {when: {silent: 1d}, group_by: [source]}")).cards["r"].alert

    assert (own.when, own.group_by, said.group_by) == (When(silent=24 * HOUR), ("rule",), ("source",))


def test_a_step_cannot_wait_for_silence(tmp_path: Path) -> None:
    (problem,) = problems(tmp_path, rule("alert: {escalate: [{to: high, when: {silent: 1d}}]}"))
    assert problem.endswith("a step follows a match, so it cannot wait for silence: leave out 'silent'")


GROUPED = """\
lists:
  cve: {patterns: ['cve-\\d+']}
  ship: {words: [tanker]}
entities:
  asad: {names: [Asad]}
rules:
  r:
    match: {all: [[$cve, $asad, $ship]]}
    severity: high
    alert: {group_by: KEY}
    examples:
      hit:
        - {title: CVE-7, text: Asad and a tanker beside CVE-8, source: wire, publisher: The Gulf, group: GROUP}
"""


@pytest.mark.parametrize(
    ("key", "group"),
    [
        ("[$cve]", "cve-7"),
        ("[$cve]", "cve-8"),
        ("[$ship]", "tanker"),
        ("[entity]", "asad"),
        ("[rule]", "r"),
        ("[source]", "wire"),
        ("[publisher]", "The Gulf"),
        ("[severity]", "high"),
    ],
)
def test_an_example_names_the_group_that_its_match_falls_into(tmp_path: Path, key: str, group: str) -> None:
    rules = load(tmp_path, GROUPED.replace("KEY", key).replace("GROUP", group))
    assert [result.holds for result in rules.examples()] == [True]
    (message,) = [
        message
        for message in problems(tmp_path, GROUPED.replace("KEY", key).replace("GROUP", "other"))
        if "warning" not in message
    ]
    assert message.startswith("13:11: rule 'r': example fails: expected the group 'other', found ")
    assert group in message


def test_the_group_of_a_story_or_of_two_keys_is_not_compared(tmp_path: Path) -> None:
    for key in ("[story]", "[rule, severity]", "none"):
        assert warnings(tmp_path, GROUPED.replace("KEY", key).replace("GROUP", "other")) == [
            "13:99: warning: rule 'r': the expected 'group' is not compared: that needs one key in 'group_by', and "
            "not the story"
        ]


def test_a_fault_of_what_a_rule_inherits_is_told_at_the_rule(tmp_path: Path) -> None:
    text = "defaults: {alert: {unless: {new_publishers: 3}}}\n" + rule("")
    assert [message for message in problems(tmp_path, text) if "warning" not in message] == [
        "4:5: rule 'r': 'unless' lifts a throttle, and there is none: add throttle"
    ]


def test_a_rule_holds_from_and_until_local_midnight(tmp_path: Path) -> None:
    lines, zone = "from: 2026-11-01\nuntil: ٢٠٢٦-١١-١٦", {"timezone": "Asia/Baghdad"}
    first, last = datetime(2026, 10, 31, 21, tzinfo=UTC), datetime(2026, 11, 15, 21, tzinfo=UTC)
    second = timedelta(seconds=1)
    seen = [first - second, first, last - second, last]
    assert [matches(tmp_path, lines, zone, seen=moment) for moment in seen] == [False, True, True, False]
    assert matches(tmp_path, lines, zone), "without a time the days are not judged"
    assert not matches(tmp_path, "from: 2026-11-06 10:00", seen=DAY)
    assert matches(tmp_path, "until: 2026-11-05T15:00+02:00", seen=DAY)


def test_sources_are_judged_by_id_or_tag_and_only_when_configured(tmp_path: Path) -> None:
    known = {"sources": {"rafidain": ["iraq", "tv"], "wire": ["wire"]}}
    assert matches(tmp_path, "sources: [iraq]", known, source="rafidain")
    assert matches(tmp_path, "sources: [wire]", known, source="wire")
    assert not matches(tmp_path, "sources: [iraq]", known, source="wire")
    assert not matches(tmp_path, "sources: {any: [iraq], none: [tv]}", known, source="rafidain")
    assert matches(tmp_path, "sources: {all: [iraq, tv]}", known, source="rafidain")
    assert matches(tmp_path, "sources: [iraq]", known, source="somewhere else")
    assert matches(tmp_path, "sources: [iraq]", known)
    assert matches(tmp_path, "sources: [iraq]", source="x", tags=("iraq",))
    assert not matches(tmp_path, "sources: [iraq]", source="x")


def test_a_source_filter_that_fits_no_source_is_warned_of(tmp_path: Path) -> None:
    assert warnings(tmp_path, rule("sources: {any: [irak], none: [tv]}"), sources={"rafidain": ["iraq", "tv"]}) == [
        "4:14: warning: rule 'r': no source has the id or tag 'irak' (did you mean 'iraq'?)"
    ]


def test_a_language_filter_that_is_no_code_is_warned_of(tmp_path: Path) -> None:
    assert warnings(tmp_path, rule("languages: {any: [arabic, zh-TW], none: [العربية]}")) == [
        "4:16: warning: rule 'r': 'arabic' is no code of a language; write one such as ar, en or zh-tw",
        "4:16: warning: rule 'r': 'العربية' is no code of a language; write one such as ar, en or zh-tw",
    ]
    (tmp_path / "q.yaml").write_text("rules: {r: {match: {query: x1 lang:arabic source:tv}}}")
    assert [str(one).split(": ", 1)[1] for one in load_rules(tmp_path / "q.yaml", sources={"wire": []}).warnings] == [
        "warning: rule 'r': 'arabic' is no code of a language; write one such as ar, en or zh-tw",
        "warning: rule 'r': no source has the id or tag 'tv'; known are wire",
    ]


def test_a_day_without_a_midnight_begins_with_its_first_moment(tmp_path: Path) -> None:
    second = timedelta(seconds=1)
    for zone, day, first in (
        ("Africa/Cairo", "2027-04-30", datetime(2027, 4, 29, 22, tzinfo=UTC)),  # 00:00 becomes 01:00
        ("Asia/Beirut", "2027-03-28", datetime(2027, 3, 27, 22, tzinfo=UTC)),
        ("Africa/Cairo", "2027-10-29", datetime(2027, 10, 28, 22, tzinfo=UTC)),  # 24:00 becomes 23:00
    ):
        options = {"timezone": zone}
        assert not matches(tmp_path, f"from: {day}", options, seen=first - second), zone
        assert matches(tmp_path, f"from: {day}", options, seen=first), zone
        assert matches(tmp_path, f"until: {day}", options, seen=first - second), zone
        assert not matches(tmp_path, f"until: {day}", options, seen=first), zone


def test_languages_are_judged_by_declaration_or_script_and_never_when_unknown(tmp_path: Path) -> None:
    assert matches(tmp_path, "languages: [EN]", language="en-GB")
    assert not matches(tmp_path, "languages: [ar]", language="en")
    assert not matches(tmp_path, "languages: {none: [en]}", language="en")
    (tmp_path / "ar.yaml").write_text("rules: {r: {match: قمة, languages: [en]}}")
    assert load_rules(tmp_path / "ar.yaml").match(article("انعقدت القمة في بغداد")) == ()
    assert matches(tmp_path, "languages: [ar]"), "nothing tells the language of two English words"


def test_publishers_are_judged_by_name_or_domain(tmp_path: Path) -> None:
    assert matches(tmp_path, "publishers: [Example.org]", publisher="news.example.org")
    assert matches(tmp_path, "publishers: [The Gulf]", publisher="The Gulf")
    assert not matches(tmp_path, "publishers: [example.org]", publisher="other.org")
    assert not matches(tmp_path, "publishers: {none: [other.org]}", publisher="other.org")
    assert not matches(tmp_path, "publishers: []", publisher="other.org")
    assert matches(tmp_path, "publishers: [example.org]"), "an unknown publisher is never refused"


def test_filters_count_in_examples_only_when_named(tmp_path: Path) -> None:
    lines = (
        "sources: {none: [press]}\nlanguages: [fr]\nfrom: 2026-11-01\nexamples:\n  hit:\n    - An attack by the "
        "river\n"
        "    - {text: An attack, language: fr, published: 2026-11-02, source: wire}\n  miss:\n"
        "    - {text: An attack, source: press}\n    - {text: An attack, language: en}\n"
        "    - {text: An attack, published: '2026-10-30T00:00+00:00'}"
    )
    assert [result.holds for result in load(tmp_path, rule(lines)).examples()] == [True] * 5


def hash_of(folder: Path, text: str, **options: Any) -> str:
    return load(folder, text, **options).cards["r"].hash


def test_the_digest_changes_with_what_is_matched_and_with_nothing_else(tmp_path: Path) -> None:
    lists = "lists: {x: {words: [a1, b1]}}\n"
    text = lists + "rules:\n  r: {match: {all: [$x, c1], within: sentence}}\n"
    base = hash_of(tmp_path, text)
    assert len(base) == 16
    same = [
        text.replace(
            "r: {", "r: {title: T, severity: low, notify: [a], note: n, alert: {throttle: 1h}, status: trial, "
        ),
        text.replace("[a1, b1]", "[b1, a1]"),
        text + "  other: {match: z1}\n",
        text.replace("{x: {", "{y: {words: [c1]}, x: {title: T, "),
    ]
    assert {hash_of(tmp_path, one) for one in same} == {base}
    other = [
        text.replace("[a1, b1]", "[a1, b1, d1]"),
        text.replace("words: [a1, b1]", "exact: [a1, b1]"),
        text.replace("{words", "{not_part_of: [a1 b2], words"),
        text.replace("sentence", "paragraph"),
        text.replace("within: sentence", "within: sentence, ordered: true"),
        text.replace("within: sentence", "within: sentence, none: [d1]"),
        text.replace("within: sentence", "within: sentence, nowhere: [d1]"),
        text.replace("within: sentence", "within: sentence, fields: [title]"),
        text.replace("{all: [$x, c1], within: sentence}", "{any: [$x, c1]}"),
        text.replace("{all: [$x, c1], within: sentence}", "{at_least: 1, of: [$x, c1]}"),
        text.replace("r: {", "r: {sources: [wire], "),
        text.replace("r: {", "r: {languages: [ar], "),
        text.replace("r: {", "r: {publishers: [x.org], "),
        text.replace("r: {", "r: {until: 2027-01-01, "),
    ]
    assert len({base, *(hash_of(tmp_path, one) for one in other)}) == len(other) + 1


def test_a_day_in_another_timezone_is_another_digest(tmp_path: Path) -> None:
    text = rule("from: 2026-11-01")
    assert hash_of(tmp_path, text) != hash_of(tmp_path, text, timezone="Asia/Baghdad")
