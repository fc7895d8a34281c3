"""Rules of given texts: whatever is faulty is left out and named, and what is missing is told by its name."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitor import rulefiles
from monitor.rulefiles import Tried, changing, try_texts
from monitor.rulefiles.reading import Gone, Text, Unreadable, listed, read_all, root_of, walk
from monitor.rules.engine import Ruleset

LISTS = """
version: 1
lists: {attack: {words: [attack]}, broken: {terms: [$nowhere]}}
entities: {mill: {names: [the mill], kind: site, place: {country: IQ, lat: 1, lon: 2}}}
"""
RULES = """
version: 1
rules:
  hit: {match: $attack, notify: []}
  site: {match: {entity: {kind: site}}, notify: []}
"""


def tried(
    folder: Path, texts: dict[str, str | Unreadable], channels: list[str] | None = None, old: Ruleset | None = None
) -> Tried:
    found: dict[str, Text] = {
        str(folder / name): text if isinstance(text, Unreadable) else text.encode() for name, text in texts.items()
    }
    return try_texts(found, [folder], channels=channels, old=old)


def complaints(result: Tried) -> list[tuple[str, str]]:
    """The files of the complaints, each with what is missing or else the message."""
    return [(Path(one.file).name, one.missing or one.problem.message) for one in result.complaints]


def test_good_texts_are_rules_although_nothing_stands_on_the_disk(tmp_path: Path) -> None:
    result = tried(tmp_path, {"lists.yaml": LISTS.replace("$nowhere", "x"), "rules.yaml": RULES})
    assert (result.complaints, set(result.ruleset.cards)) == ((), {"hit", "site"})
    assert set(result.provides[str(tmp_path / "lists.yaml")]) >= {"attack", "broken", "mill", "id=mill", "kind=site"}
    assert "country=IQ" in result.provides[str(tmp_path / "lists.yaml")]
    assert result.provides[str(tmp_path / "rules.yaml")] == {"hit", "site"}


def test_only_the_rules_that_refer_to_what_is_missing_are_inactive(tmp_path: Path) -> None:
    rules = RULES + "  both: {match: {any: [$broken, $hit]}, notify: []}\n  base: {match: storm, notify: []}\n"
    result = tried(tmp_path, {"lists.yaml": LISTS.replace("attack:", "raid:"), "rules.yaml": rules})
    assert complaints(result) == [("lists.yaml", "nowhere"), ("rules.yaml", "attack")]
    ruleset = result.ruleset
    assert set(ruleset.cards) == {"site", "base"}
    assert "rules.yaml:4:16: rule 'hit': unknown name '$attack'" in ruleset.inactive["hit"]
    assert ruleset.inactive["both"] == "something that it refers to cannot be used"


@pytest.mark.parametrize(
    ("rule", "missing"),
    [
        ("{match: {entity: {kind: base}}, notify: []}", "kind=base"),
        ("{match: storm, notify: [desk]}", "channel desk"),
        ("{match: storm, notify: [], alert: {group_by: [$gone]}}", "gone"),
    ],
)
def test_what_is_missing_is_named(tmp_path: Path, rule: str, missing: str) -> None:
    result = tried(tmp_path, {"a.yaml": f"version: 1\nrules: {{r: {rule}}}\n", "l.yaml": LISTS}, channels=["duty"])
    assert ("a.yaml", missing) in complaints(result)


def test_a_file_that_cannot_be_parsed_or_read_harms_only_itself(tmp_path: Path) -> None:
    unreadable = Unreadable("permission denied")
    result = tried(tmp_path, {"a.yaml": "rules: [", "b.yaml": unreadable, "c.yaml": RULES, "l.yaml": LISTS})
    assert {Path(one.file).name for one in result.complaints} == {"a.yaml", "b.yaml", "l.yaml"}
    assert set(result.ruleset.cards) == {"hit", "site"}
    assert ("b.yaml", "cannot be read: permission denied") in complaints(result)


def test_of_a_file_with_a_fault_outside_its_entries_no_rule_is_active(tmp_path: Path) -> None:
    inactive = tried(
        tmp_path, {"a.yaml": RULES.replace("version: 1", "version: 2"), "l.yaml": LISTS}
    ).ruleset.inactive
    assert "version 2 is not known here" in inactive["hit"]
    twice = RULES + "  hit: {match: storm, notify: []}\n"
    inactive = tried(tmp_path, {"a.yaml": twice, "l.yaml": LISTS}).ruleset.inactive
    assert inactive["site"] == f"{tmp_path / 'a.yaml'} cannot be read to its end"


def test_a_rule_that_is_no_mapping_and_one_that_is_off_are_told_apart(tmp_path: Path) -> None:
    rules = "version: 1\nrules:\n  a: nonsense\n  b: {status: off, match: storm, notify: []}\n"
    inactive = tried(tmp_path, {"a.yaml": rules}).ruleset.inactive
    assert "expected a mapping" in inactive["a"]
    assert inactive["b"] == "its status is off"


def test_a_table_is_read_from_the_texts_else_from_the_disk(tmp_path: Path) -> None:
    rules = "version: 1\nlists: {bad: {words: {file: words.txt}}}\nrules: {r: {match: $bad, notify: []}}\n"
    table = str(tmp_path / "words.txt")
    missing = tried(tmp_path, {"a.yaml": rules})
    assert complaints(missing) == [("a.yaml", table)]
    assert (set(missing.named), dict(missing.beside)) == ({table}, {})
    (tmp_path / "words.txt").write_text("storm\n")
    assert tried(tmp_path, {"a.yaml": rules}).beside == {table: b"storm\n"}
    other = tried(tmp_path, {"a.yaml": rules, "words.txt": "flood\n"})
    assert (other.beside, other.provides[table]) == ({table: b"flood\n"}, {table})


def test_texts_that_the_configuration_does_not_lead_to_are_not_rules(tmp_path: Path) -> None:
    result = try_texts({str(tmp_path / "a.yaml"): RULES.encode()}, [tmp_path / "rules"], timezone="Asia/Baghdad")
    assert (result.complaints, dict(result.ruleset.cards)) == ((), {})


# --- which files there are ---------------------------------------------------------------------------------------


def test_a_path_stands_for_itself_or_the_rule_files_below_it(tmp_path: Path) -> None:
    for name in ("b.yml", "a.yaml", "sub/c.yaml", ".d.yaml", "notes.txt", "empty/x.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x")
    (tmp_path / "sub" / "back").symlink_to(tmp_path)
    assert listed(tmp_path) == (tmp_path / "a.yaml", tmp_path / "b.yml", tmp_path / "sub" / "c.yaml")
    assert listed(tmp_path / "a.yaml") == (tmp_path / "a.yaml",)
    assert tuple(walk(tmp_path / "sub")) == listed(tmp_path / "sub")


def test_a_path_with_nothing_to_read_is_gone(tmp_path: Path) -> None:
    missing = listed(tmp_path / "nowhere")
    assert missing == Gone(str(tmp_path / "nowhere"), "no such file or directory")
    assert listed(tmp_path) == Gone(str(tmp_path), "no .yaml file in it")


def test_files_are_read_whole_and_those_that_cannot_be_say_why(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("text")
    (tmp_path / "b.yaml").mkdir()
    found = read_all([tmp_path / name for name in ("a.yaml", "b.yaml", "gone.yaml")], 100)
    assert found == {str(tmp_path / "a.yaml"): b"text", str(tmp_path / "b.yaml"): Unreadable("not a regular file")}


def test_a_file_belongs_to_the_path_that_leads_to_it(tmp_path: Path) -> None:
    roots = (tmp_path / "one.yaml", tmp_path / "rules")
    assert root_of(str(tmp_path / "rules" / "sub" / "a.yaml"), roots) == tmp_path / "rules"
    assert root_of(str(tmp_path / "one.yaml"), roots) == tmp_path / "one.yaml"
    assert root_of(str(tmp_path / "two.yaml"), roots) is None


def test_of_a_large_change_that_is_faulty_itself_nothing_is_said_of_what_follows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rulefiles, "LEAST_KEPT", 0)
    monkeypatch.setenv("CACHE_DIRECTORY", str(tmp_path / "cache"))
    good: dict[str, str | Unreadable] = {"lists.yaml": LISTS.replace("$nowhere", "x"), "rules.yaml": RULES}
    old = tried(tmp_path, good).ruleset
    torn: dict[str, str | Unreadable] = good | {"lists.yaml": "lists: {attack: ["}
    assert {name for name, _ in complaints(tried(tmp_path, torn, old=old))} == {"lists.yaml", "rules.yaml"}
    monkeypatch.setattr(changing, "LEAST_FOLDED", 0)
    assert {name for name, _ in complaints(tried(tmp_path, torn, old=old))} == {"lists.yaml"}
    missing: dict[str, str | Unreadable] = good | {"lists.yaml": "lists: {other: {words: [x]}}"}
    assert ("rules.yaml", "attack") in complaints(tried(tmp_path, missing, old=old))
