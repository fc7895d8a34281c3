"""Slips that are told when rules are loaded, and what `lint` warns of, in files people can read."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from monitor.errors import RuleError
from monitor.rulefiles import load_pack
from monitor.rules.catalog import Catalog, Entity, Entry, TermList
from monitor.rules.expression import Word
from monitor.rules.lint import LintFile
from monitor.rules.lint import lint as lint_all
from monitor.rules.terms import Term
from tests.rules.build import lint

CASES = Path(__file__).parent / "cases"


def cases(name: str) -> list[tuple[str, list[str]]]:
    """Each case of a file: the rule file, and what is told of it."""
    read = []
    for block in (CASES / name).read_text("utf-8").split("----\n"):
        lines = [line for line in block.splitlines() if not line.startswith("#:")]
        text = "".join(f"{line}\n" for line in lines if not line.startswith("=> ")).strip("\n") + "\n"
        told = [line.removeprefix("=> ") for line in lines if line.startswith("=> ")]
        assert told, f"{name}: a case says nothing: {text}"
        read.append((re.sub("<U\\+([0-9A-F]+)>", _sign, text), [] if told == ["nothing"] else told))
    return read


def _sign(found: re.Match[str]) -> str:
    return chr(int(found[1], 16))


def told(folder: Path, text: str) -> list[str]:
    """Errors and warnings of one file, as `line:column: message`."""
    file = folder / "rules.yaml"
    file.write_text(text, encoding="utf-8")
    try:
        problems = load_pack(file).ruleset.warnings
    except RuleError as error:
        problems = error.problems
    return [str(problem).removeprefix(f"{file}:") for problem in problems]


@pytest.mark.parametrize(("text", "expected"), cases("slips.txt"))
def test_a_slip_is_never_silent(tmp_path: Path, text: str, expected: list[str]) -> None:
    assert told(tmp_path, text) == expected


@pytest.mark.parametrize(("text", "expected"), cases("lint.txt"))
def test_what_was_probably_not_meant_is_warned_of(tmp_path: Path, text: str, expected: list[str]) -> None:
    assert lint(tmp_path, text) == expected


def test_long_lists_are_not_compared_term_by_term(tmp_path: Path) -> None:
    words = ", ".join(f"word{number}" for number in range(120))
    lists = f"lists: {{a: {{words: [{words}]}}, b: {{words: [{words}]}}}}\n"
    assert lint(tmp_path, lists + "rules: {r: {match: {all: [$a, flood], none: [$b]}}}\n") == []
    assert lint(tmp_path, lists + "rules: {r: {match: {all: [$a, $b], within: sentence}}}\n") == []


def test_terms_that_stand_in_files_beside_are_read_too() -> None:
    word = Term("аttack")
    entries = {
        "lines": Entry("list", 0, ("lists", "lines"), TermList("lines", "", (Word(word, word.text, FILED),))),
        "row": Entry("entity", 0, ("line", 7), Entity("row", "", "", frozenset(), frozenset(), (word,))),
    }
    file = LintFile({"lists": {"lines": {"words": {"file": "w.txt"}}}}, (), str)
    lint_all(Catalog(entries), [file], {})
    assert [(fault.path, fault.message.split(" among ")[0]) for fault in file.faults.items] == [
        (FILED, "list 'lines': 'аttack': U+0430 CYRILLIC SMALL LETTER A"),
        (("line", 7), "entity 'row': 'аttack': U+0430 CYRILLIC SMALL LETTER A"),
    ]


FILED = ("lists", "lines", "words", "file")


def test_a_name_that_is_transliterated_needs_no_latin_spelling() -> None:
    name = Term("عين الأسد", translit=True)
    entity = Entity("e", "", "", frozenset(), frozenset(), (name,))
    file = LintFile({"entities": {"e": {"names": [name.text]}}}, (), str)
    lint_all(Catalog({"e": Entry("entity", 0, ("entities", "e"), entity)}), [file], {})
    assert file.faults.items == []
