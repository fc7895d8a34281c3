"""Tables of entities and word lists in files beside rule files: what they bring, and how faults are told by line."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from monitor.errors import RuleError
from monitor.rulefiles import load_rules, reading
from monitor.rules import lists
from monitor.rules.engine import Ruleset
from tests.rules.build import article

TABLE = """\
entities_from:
  firms:
    csv: firms.csv
    id: ticker
    title: name
    names: [name, aliases]
    tags: [sector]
    set: {kind: company}
rules:
  r: {match: {entity: {kind: company}}}
"""
FIRMS = "ticker,name,aliases,sector\n22.SR,Saudi Aramco,أرامكو|Aramco,oil|energy\nB1,Bahri,,ships\n"


def load(folder: Path, firms: str | bytes = FIRMS, rules: str = TABLE, name: str = "firms.csv") -> Ruleset:
    (folder / "rules.yaml").write_text(rules, encoding="utf-8")
    (folder / name).write_bytes(firms.encode() if isinstance(firms, str) else firms)
    return load_rules(folder / "rules.yaml")


def problems(folder: Path, firms: str | bytes = FIRMS, rules: str = TABLE, name: str = "firms.csv") -> list[str]:
    with pytest.raises(RuleError) as caught:
        load(folder, firms, rules, name)
    return [str(problem).removeprefix(f"{folder}/") for problem in caught.value.problems]


def entities(rules: Ruleset, text: str) -> tuple[str, ...]:
    return tuple(id for match in rules.match(article(text)) for id in match.entities)


# --- tables --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("start", ["", "\ufeff"])
def test_each_row_is_an_entity_with_its_names(tmp_path: Path, start: str) -> None:
    rules = load(tmp_path, start + FIRMS)
    assert entities(rules, "Aramco and Bahri, لأرامكو") == ("22-sr", "b1")
    assert entities(rules, "Nobody") == ()


def test_cells_may_hold_commas_line_ends_and_marks(tmp_path: Path) -> None:
    firms = 'ticker,name,aliases,sector\r\n\r\n1,"Zorb, Inc.","\u200fزورب |\n Zorb #1",\r\nx,Yy\r\n'
    rules = load(tmp_path, firms)
    assert entities(rules, "Zorb, Inc. sued") == ("1",)
    assert entities(rules, "شركة زورب") == ("1",)
    assert entities(rules, "Yy") == ("x",)


def test_tags_and_other_columns_select_and_a_table_is_a_list(tmp_path: Path) -> None:
    rules = TABLE.replace("tags: [sector]", "tags: [sector]\n    country: aliases").split("rules:")[0]
    rules += "rules: {r: {match: {entity: {tag: ships}}}, s: {match: $firms}, t: {match: {entity: {country: SA}}}}\n"
    loaded = load(tmp_path, "ticker,name,aliases,sector\na,Aa,SA,oil\nb,Bb,,ships\n", rules)
    assert {match.rule: match.entities for match in loaded.match(article("Aa and Bb"))} == {
        "r": ("b",),
        "s": ("a", "b"),
        "t": ("a",),
    }


def test_override_replaces_what_a_row_says(tmp_path: Path) -> None:
    rules = TABLE.replace(
        "set: {kind: company}",
        "set: {kind: company, cased: true}\n    override:\n      B1: {cased: no, needs: {any: [shares]}}",
    )
    loaded = load(tmp_path, rules=rules)
    assert entities(loaded, "saudi aramco") == ()
    assert entities(loaded, "bahri shares") == ("b1",)
    assert entities(loaded, "bahri") == ()


@pytest.mark.parametrize(
    ("firms", "expected"),
    [
        ("ticker,name,aliases\na,A,\n", "rules.yaml:7:11: table 'firms': firms.csv has no column 'sector'"),
        ("", "rules.yaml:4:9: table 'firms': firms.csv has no column 'ticker'; it has none"),
        ("ticker,name,aliases,sector\na,A1,,,,\n", "firms.csv:2: the row has 6 cells, the header only 4"),
        ("ticker,name,aliases,sector\n\na,A1,,\nA,B1,,\n", "firms.csv:4: the id 'A' stands already in line 3"),
        ("ticker,name,aliases,sector\nشركة,A1,,\n", "firms.csv:2: column 'ticker': expected an id with a letter a-z"),
        ("ticker,name,aliases,sector\na,|,,\n", "firms.csv:2: entity 'a': it has no names"),
        ("ticker,name,aliases,sector\na,«»,,\n", "firms.csv:2: entity 'a': '«»': holds no letter or digit"),
        (
            "ticker,name,aliases,sector\na,أ، ب,,\n",
            "firms.csv:2: entity 'a': 'أ، ب': the sign '،' separates nothing, this is one",
        ),
        (
            'ticker,name,aliases,sector\na,"A1\n',
            "firms.csv:2: not a table of values separated by commas: unexpected end",
        ),
        (b"ticker\nna\xefve", "firms.csv:2:3: not UTF-8 (byte 0xEF)"),
        (b"ticker\n\x00", "firms.csv:2:1: a control character (U+0000)"),
    ],
)
def test_fault_of_a_table_is_told_by_its_line(tmp_path: Path, firms: str | bytes, expected: str) -> None:
    assert problems(tmp_path, firms)[0].startswith(expected)


def test_every_faulty_row_is_told_and_the_selection_is_not(tmp_path: Path) -> None:
    firms = "ticker,name,aliases,sector\na,,,\nb,,,\nc,C1,,\n"
    rules = TABLE + "  s: {match: {entity: {kind: gone}}}\n"
    assert problems(tmp_path, firms, rules) == [
        "firms.csv:2: entity 'a': it has no names",
        "firms.csv:3: entity 'b': it has no names",
    ]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("set: {kind: company}", "set: {knid: company}", "rules.yaml:8:11: table 'firms': set: unknown key 'knid'"),
        ("set: {kind: company}", "set: company", "rules.yaml:8:10: table 'firms': set: expected a mapping of keys"),
        ("set: {kind: company}", "override: x", "rules.yaml:8:15: table 'firms': override: expected a mapping"),
        (
            "set: {kind: company}",
            "override: {Q: {kind: x}}",
            "rules.yaml:8:16: table 'firms': no row of firms.csv has",
        ),
        ("csv: firms.csv", "kind: name", "rules.yaml:2:3: table 'firms': it has no 'csv'"),
        ("id: ticker", "kind: name", "rules.yaml:2:3: table 'firms': it has no 'id'"),
        ("names: [name, aliases]", "kind: name", "rules.yaml:2:3: table 'firms': it has no 'names'"),
        ("names: [name, aliases]", "names: {a: b}", "rules.yaml:6:12: table 'firms': names: expected a list"),
        (
            "csv: firms.csv",
            "csv: gone.csv",
            "rules.yaml:3:10: table 'firms': 'gone.csv' cannot be read: no such file",
        ),
        (
            "csv: firms.csv",
            "csv: /etc/passwd",
            "rules.yaml:3:10: table 'firms': '/etc/passwd' cannot be read: expected",
        ),
        (
            "csv: firms.csv",
            "csv: ../x.csv",
            "rules.yaml:3:10: table 'firms': '../x.csv' cannot be read: it lies outs",
        ),
        ("csv: firms.csv", "csv: .", "rules.yaml:3:10: table 'firms': '.' cannot be read: not a regular file"),
        (
            "  firms:",
            "  firms: x\n  more:",
            "rules.yaml:2:10: table 'firms': expected a mapping of keys, not the text",
        ),
    ],
)
def test_fault_of_what_names_a_table_is_told_in_the_rule_file(
    tmp_path: Path, old: str, new: str, expected: str
) -> None:
    found = problems(tmp_path, rules=TABLE.replace(old, new))
    assert any(problem.startswith(expected) for problem in found), found


def test_an_id_of_a_row_is_unique_over_all_files(tmp_path: Path) -> None:
    rules = TABLE + "lists: {b1: {words: [x1]}}\n"
    assert problems(tmp_path, rules=rules) == [
        "firms.csv:3: the id 'b1' is taken twice: ids are unique over all files",
        "rules.yaml:11:9: the id 'b1' is taken twice: ids are unique over all files",
    ]


def test_a_table_and_a_list_of_too_many_lines_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lists, "MOST_LINES", 2)
    assert problems(tmp_path) == ["firms.csv:3: at most 2 lines are read; split the file"]
    rules = "lists: {x: {words: {file: firms.csv}}}\n"
    assert problems(tmp_path, "a1\nb1\nc1\n", rules) == [
        "firms.csv:3: list 'x': at most 2 lines are read; split the file"
    ]


def test_a_file_beside_that_is_too_large_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MOST_BYTES_BESIDE", 10)
    assert problems(tmp_path)[0].startswith("firms.csv: the file has 11 bytes; at most 10 are read")


def test_a_link_may_lead_within_the_folder_of_the_rules_but_not_out_of_it(tmp_path: Path) -> None:
    inside = tmp_path / "rules"
    (inside / "deep").mkdir(parents=True)
    (inside / "shared.txt").write_text("a1\n")
    (tmp_path / "secret.txt").write_text("b1\n")
    (inside / "out.txt").symlink_to(tmp_path / "secret.txt")
    (inside / "deep" / "r.yaml").write_text("lists: {x: {words: {file: ../shared.txt}}}\nrules: {r: {match: $x}}\n")
    rules = load_rules(inside)
    assert rules.match(article("a1"))
    (inside / "deep" / "r.yaml").write_text("lists: {x: {words: {file: ../out.txt}}}\n")
    with pytest.raises(RuleError, match=r"'../out.txt' cannot be read: it lies outside the folder of the rules"):
        load_rules(inside)


def test_a_name_with_a_null_character_is_refused() -> None:
    with pytest.raises(ValueError, match="relative to the file"):
        reading.find("a\0b", Path(), Path())


def test_every_file_that_was_read_is_on_the_ruleset(tmp_path: Path) -> None:
    rules = load(tmp_path)
    assert rules.files == tuple(sorted(os.path.realpath(tmp_path / name) for name in ("rules.yaml", "firms.csv")))


# --- word lists ----------------------------------------------------------------------------------------------------

WORDS = "lists: {x: {KEY: {file: w.txt}, not_part_of: [heart attack]}}\nrules: {r: {match: $x}}\n"


def test_a_word_list_holds_a_term_a_line(tmp_path: Path) -> None:
    text = "\ufeff# Words\n\n attack \nrocket fire, sir\r\n\u200fهجوم\n"
    rules = load(tmp_path, text, WORDS.replace("KEY", "words"), "w.txt")
    assert [bool(rules.match(article(words))) for words in ("attack", "heart attack", "الهجوم", "attacks")] == [
        True,
        False,
        True,
        False,
    ]


@pytest.mark.parametrize(
    ("key", "line", "text"),
    [
        ("forms", "attack", "attacked"),
        ("exact", "هجوم", "هجوم"),
        ("starts", "explo", "exploded"),
        ("patterns", "a[0-9]", "a7"),
    ],
)
def test_every_kind_of_list_may_name_a_file(tmp_path: Path, key: str, line: str, text: str) -> None:
    assert load(tmp_path, line, WORDS.replace("KEY", key), "w.txt").match(article(text))


@pytest.mark.parametrize(
    ("words", "rules", "expected"),
    [
        ("a1\n~b1\n", WORDS, "w.txt:2: list 'x': '~b1': marks such as '~' stand under 'terms'"),
        ("a1\n،\n", WORDS, "w.txt:2: list 'x': '،': the sign '،' separates nothing"),
        ("# none\n", WORDS, "rules.yaml:1:9: list 'x': it holds no terms"),
        ("a1", WORDS.replace("w.txt}", "w.txt, x: y}"), "rules.yaml:1:34: list 'x': unknown key 'x'"),
        ("a1", WORDS.replace("w.txt", "''"), "rules.yaml:1:27: list 'x': expected the name of a file"),
        ("a1", WORDS.replace("w.txt", "[w.txt]"), "rules.yaml:1:27: list 'x': expected the name of a file"),
    ],
)
def test_fault_of_a_word_list_is_told_by_its_line(tmp_path: Path, words: str, rules: str, expected: str) -> None:
    found = problems(tmp_path, words, rules.replace("KEY", "words"), "w.txt")
    assert any(problem.startswith(expected) for problem in found), found


def test_a_list_says_the_language_of_its_terms(tmp_path: Path) -> None:
    rules = load(tmp_path, "", "lists: {x: {lang: de, forms: [Rakete]}}\nrules: {r: {match: $x}}\n")
    assert [term.lang for term in rules.compiled.terms] == ["de"]
    assert rules.match(article("zwei Raketen"))


# --- options of names ----------------------------------------------------------------------------------------------


def test_names_are_names_and_found_in_latin_letters_unless_they_say_otherwise(tmp_path: Path) -> None:
    text = """\
entities:
  a: {names: [عين الأسد, حوثي, Ain al-Asad]}
  b: {names: [{term: قاعدة حرير, translit: no, name: no}]}
  c: {translit: yes, name: no, names: [حوثي, Houthi, {term: هجوم, mode: exact}]}
  d: {translit: no, names: [دمشق]}
rules: {r: {match: {any: [$a, $b, $c, $d]}}}
"""
    rules = load(tmp_path, "", text)
    assert [(term.text, term.name, term.translit) for term in rules.compiled.terms] == [
        ("عين الأسد", True, True),
        ("حوثي", True, False),
        ("Ain al-Asad", True, False),
        ("قاعدة حرير", False, False),
        ("حوثي", False, True),
        ("Houthi", False, False),
        ("هجوم", False, False),
        ("دمشق", True, False),
    ]
