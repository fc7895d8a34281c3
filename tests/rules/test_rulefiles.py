"""Loading rule files: every problem of every file in one run, each at its place and in words an analyst can act
on.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

import monitor
from monitor.errors import RuleError, did_you_mean
from monitor.model import EntityCard
from monitor.rulefiles import load_rules
from tests.rules.build import article, load, problems, warnings


def test_readme_call_loads_a_folder_and_matches(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "a.yml").write_text("lists:\n  attack: {words: [هجوم]}\n")
    (tmp_path / "b.yaml").write_text("rules:\n  r: {match: $attack, severity: high}\n")
    (tmp_path / "notes.txt").write_text("[")
    (tmp_path / ".hidden.yaml").write_text("[")
    (match,) = monitor.load_rules(tmp_path).match(article("تعرض الموقع لهجوم ليلي"))
    assert (match.rule, match.severity.word, [span.term for span in match.spans]) == ("r", "high", ["هجوم"])


def test_problems_of_all_files_come_in_one_run_sorted(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("rules: {r: {match: $x, titel: y}}\n")
    (tmp_path / "b.yaml").write_text("[")
    (tmp_path / "c.yaml").write_bytes(b"\xff")
    (tmp_path / "d.yaml").write_text("lists: {x: {words: [a، b]}}\n")
    os.mkfifo(tmp_path / "e.yaml")
    (tmp_path / "f.yaml").symlink_to(tmp_path / "gone")
    with pytest.raises(RuleError) as caught:
        load_rules(tmp_path)
    assert [str(problem).removeprefix(f"{tmp_path}/")[:48] for problem in caught.value.problems] == [
        "a.yaml:1:24: rule 'r': unknown key 'titel' (did ",
        "b.yaml:2:1: nothing stands here, where a value i",
        "c.yaml:1:1: not UTF-8 (byte 0xFF); save the file",
        "d.yaml:1:21: list 'x': 'a، b': the sign '،' sepa",
        "e.yaml: cannot be read: not a regular file",
        "f.yaml: cannot be read: no such file or director",
    ]


def test_an_id_taken_twice_is_told_at_both_places(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("lists: {x: {words: [a1]}}\n")
    (tmp_path / "b.yaml").write_text("rules:\n  x: {match: b1}\n")
    with pytest.raises(RuleError) as caught:
        load_rules(tmp_path)
    assert [str(problem).removeprefix(f"{tmp_path}/") for problem in caught.value.problems] == [
        "a.yaml:1:9: the id 'x' is taken twice: ids are unique over all files",
        "b.yaml:2:3: the id 'x' is taken twice: ids are unique over all files",
    ]


def test_a_circle_of_rules_is_told_once(tmp_path: Path) -> None:
    text = "rules:\n  a: {match: $b}\n  b: {match: [x1, $c]}\n  c: {match: {none: [$a], all: [y1]}}\n"
    assert problems(tmp_path, text) == ["4:22: rule 'c': a circle of references: $a -> $b -> $c -> $a"]


def test_faults_that_follow_from_broken_yaml_are_not_told(tmp_path: Path) -> None:
    assert problems(tmp_path, "rules:\n  r: {match: *x}\n") == [
        "2:14: a value that begins with '*' is an alias, which is not supported; put text in quotes"
    ]


def test_a_missing_path_is_an_error_and_an_empty_folder_a_warning(tmp_path: Path) -> None:
    with pytest.raises(RuleError, match="cannot be read: no such file"):
        load_rules(tmp_path / "gone")
    with pytest.raises(RuleError, match="no rule files are named"):
        load_rules()
    assert [str(one) for one in load_rules(tmp_path).warnings] == [f"{tmp_path}: warning: no .yaml file in it"]
    assert warnings(tmp_path, "") == [" warning: the file is empty"]
    assert warnings(tmp_path, "rules:\n") == []


def test_a_link_that_leads_back_and_a_file_named_twice_are_read_once(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text("rules: {r: {match: a1}}\n")
    (tmp_path / "loop").symlink_to(tmp_path)
    (tmp_path / "b.yaml").symlink_to(file)
    assert list(load_rules(tmp_path, str(file)).cards) == ["r"]


def test_an_example_that_fails_is_an_error_at_its_place(tmp_path: Path) -> None:
    text = """\
rules:
  r:
    match: {all: [attack, base], within: sentence}
    examples:
      hit:
        - An attack. The base.
        - text: An attack on the base.
          entities: [asad]
      miss:
        - An attack on the base.
        - text: An attack.
          because: within
"""
    assert problems(tmp_path, text) == [
        "6:11: rule 'r': example fails: expected a hit, found none, because of within (within sentence: found in one "
        "paragraph, but not in one sentence)",
        "7:11: rule 'r': example fails: expected the entities asad, found none",
        "10:11: rule 'r': example fails: expected a miss, found a hit by: attack, base",
        "11:11: rule 'r': example fails: expected a miss because of within, but it is a miss because of all (base: "
        "not found)",
    ]
    rules = load(tmp_path, text, strict_examples=False)
    assert dict(rules.cards) == {}
    assert list(rules.inactive) == ["r"]
    assert rules.inactive["r"].startswith("an example fails: expected a hit")
    assert len(rules.warnings) == 4
    assert rules.match(article("An attack on the base.")) == ()


def test_a_rule_that_is_off_is_inactive_and_still_checked(tmp_path: Path) -> None:
    rules = load(tmp_path, "rules: {r: {match: a1, status: off}, s: {match: $r, status: trial}}\n")
    assert dict(rules.inactive) == {"r": "its status is off"}
    assert rules.cards["s"].is_trial
    assert [match.rule for match in rules.match(article("a1"))] == ["s"]
    (message,) = problems(tmp_path, "rules: {r: {match: $x1, status: off}}\n")
    assert message.startswith("1:20: rule 'r': unknown name '$x1': no list, entity or rule has this id")


def test_examples_may_be_a_single_text_and_empty_examples_are_none(tmp_path: Path) -> None:
    rules = load(tmp_path, "rules: {r: {match: a1, examples: {hit: an a1}}, s: {match: b1, examples: }}\n")
    (result,) = rules.examples()
    assert (result.rule, result.example.kind, result.holds, result.reason) == ("r", "hit", True, "")


def test_lists_and_names_may_be_a_single_text_and_terms_spelt_out(tmp_path: Path) -> None:
    text = (
        "version: ١\nlists: {x: {words: a1, terms: [{term: b1, fold: strict, clitics: always}]}}\n"
        "entities: {y: {names: c1}, z: {names: [{term: D1, cased: true, name: false}]}}\n"
        "rules: {r: {match: [$x, $y, $z]}}\n"
    )
    rules = load(tmp_path, text)
    assert [bool(rules.match(article(word))) for word in ("a1", "b1", "c1", "D1", "d1")] == [True] * 4 + [False]
    flags = {term.text: (term.name, term.strict, term.clitics_always, term.cased) for term in rules.compiled.terms}
    assert flags == {
        "a1": (False, False, False, None),
        "b1": (False, True, True, None),
        "c1": (True, False, False, None),
        "D1": (False, False, False, True),
    }


def test_the_nearest_word_ignores_case() -> None:
    assert did_you_mean("HIHG", ["low", "high"]) == " (did you mean 'high'?)"
    assert did_you_mean("zzz", ["low", "high"]) == ""


def test_a_fault_hides_no_other_fault_of_the_same_entry(tmp_path: Path) -> None:
    path = tmp_path / "r.yaml"
    path.write_text(
        "version: 1\n"
        "lists:\n"
        "  attack:\n"
        "    wrods: [a]\n"
        "    words: [هجوم، قصف]\n"
        "rules:\n"
        "  r1:\n"
        "    severity: hihg\n"
        "    match: {all: [$atack, x], within: sentense}\n"
        "    notify: [dsk]\n"
    )
    with pytest.raises(RuleError) as caught:
        load_rules(path, channels={"desk"})
    assert [(problem.line, problem.message.split(" (did")[0].split(";")[0]) for problem in caught.value.problems] == [
        (4, "list 'attack': unknown key 'wrods'"),
        (5, "list 'attack': 'هجوم، قصف': the sign '،' separates nothing, this is one term"),
        (8, "rule 'r1': severity: unknown severity 'hihg'"),
        (9, "rule 'r1': unknown name '$atack'"),
        (9, "rule 'r1': within: expected sentence, paragraph or N words (at most 10000), not the text 'sentense'"),
        (10, "rule 'r1': unknown channel 'dsk'"),
    ]


@pytest.mark.parametrize(
    ("entity", "title", "arabic", "latin"),
    [
        ("{title: قاعدة حرير, names: [حرير, Harir]}", "قاعدة حرير", "قاعدة حرير", "Harir"),
        ("{title: Harir air base, names: [Harir, حرير]}", "Harir air base", "حرير", "Harir air base"),
        ("{names: [Camp Taji]}", "Camp Taji", "Camp Taji", "Camp Taji"),
    ],
)
def test_an_entity_is_named_to_readers_in_their_script(
    tmp_path: Path, entity: str, title: str, arabic: str, latin: str
) -> None:
    rules = load(tmp_path, f"entities: {{e: {entity}}}\nrules: {{r: {{match: $e, notify: []}}}}")
    assert rules.entities["e"] == EntityCard(title=title, arabic=arabic, latin=latin)


def test_an_example_that_is_a_list_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "r.yaml"
    path.write_text("rules:\n  r1:\n    match: [x]\n    notify: []\n    examples:\n      hit:\n        - [x]\n")
    with pytest.raises(RuleError, match=r"r\.yaml:7:11: rule 'r1': example: expected a mapping of keys, not a list"):
        load_rules(path)
