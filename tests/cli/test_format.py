"""`rasid format`: the house's style keeps every word and every comment; queries and trees turn into each other."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.cli import _house, main
from monitor.rulefiles import load_rules
from monitor.rulefiles.reading import SUITE
from monitor.yamltext import Located, parse
from tests.conftest import ROOT

MESSY = """\
# yaml-language-server: $schema=rules.json

version: 1
lists:
  attack: {words: [هجوم, attack, 'rocket fire'], patterns: ['(car|truck)[- ]bomb(ing)?']}   # words
  calm:
      exact: [drill]
rules:
  # the first rule
  one:
    match: {query: "attack NEAR/5 (base OR قاعدة) NOT title:film lang:ar"}   # pasted
    note: "a: b"
    examples:
      hit: [attack on a base, {title: T, text: "an attack\\non a base\\n"}]
      miss:
        - {title: film, text: attack on a base, because: query}
  two:
    match:
      all: [$attack, base]     # both
      # here
      none: [film]
    notify: []
# the end
"""

TIDY = """\
# yaml-language-server: $schema=rules.json

version: 1

lists:
  attack:                                                                                   # words
    words:
      - هجوم
      - attack
      - rocket fire
    patterns: ['(car|truck)[- ]bomb(ing)?']

  calm:
    exact: [drill]

rules:
  # the first rule
  one:
    match:                                                                   # pasted
      query: attack NEAR/5 (base OR قاعدة) NOT title:film lang:ar
    note: "a: b"
    examples:
      hit:
        - attack on a base
        - title: T
          text: |
            an attack
            on a base
      miss:
        - {title: film, text: attack on a base, because: query}

  two:
    match:
      all: [$attack, base]     # both
      # here
      none: [film]
    notify: []
# the end
"""


def invoke(*arguments: str, stdin: str | None = None) -> Result:
    return CliRunner().invoke(main, ["format", *arguments], input=stdin)


@pytest.fixture
def messy(tmp_path: Path) -> Path:
    path = tmp_path / "messy.yaml"
    path.write_text(MESSY, encoding="utf-8")
    return path


def test_a_file_is_printed_in_the_style_of_the_house_with_its_comments(messy: Path) -> None:
    result = invoke(str(messy))
    assert (result.exit_code, result.stdout, result.stderr) == (0, TIDY, "")
    assert messy.read_text(encoding="utf-8") == MESSY


def test_a_file_is_rewritten_once(messy: Path) -> None:
    messy.chmod(0o640)
    assert invoke("--write", str(messy)).stdout == f"{messy}: written\n"
    assert messy.read_text(encoding="utf-8") == TIDY
    assert messy.stat().st_mode & 0o777 == 0o640
    assert invoke("--write", str(messy)).stdout == f"{messy}: as it should be\n"
    assert [path.name for path in messy.parent.iterdir()] == ["messy.yaml"]


def test_a_query_becomes_the_tree_its_prefixes_keys_of_the_rule_and_its_comments_stay(messy: Path) -> None:
    result = invoke("--as", "tree", str(messy))
    tree = """
  # the first rule
  one:
    # pasted
    match:
      all:
        - attack
        - any:
            - base
            - قاعدة
      within: 5 words
      nowhere:
        - {all: [film], fields: [title]}
    note: "a: b"
"""
    assert tree in result.stdout
    assert "    languages: {any: [ar]}\n" in result.stdout
    assert result.stderr == f"{messy}:16:58: warning: rule 'one': 'because: query' must now name a clause\n"


def test_a_tree_becomes_a_query_and_what_a_query_cannot_say_stays(tmp_path: Path) -> None:
    path = tmp_path / "r.yaml"
    path.write_text(
        "rules:\n  a: {match: {all: [x1, [y1, z1]], none: [w1]}}\n  b: {match: {all: [x1, y1], within: sentence}}\n"
        "  c: {match: {query: x1 y1}}\n",
        encoding="utf-8",
    )
    result = invoke("--as", "query", str(path))
    assert result.exit_code == 0
    assert result.stdout == (
        "rules:\n  a:\n    match:\n      query: |\n        x1 AND (y1 OR z1) NOT w1\n\n"
        "  b: {match: {all: [x1, y1], within: sentence}}\n\n  c: {match: {query: x1 y1}}\n"
    )
    assert result.stderr == (
        f"{path}:3:14: warning: rule 'b': stays a tree: a query has no words for 'within: sentence'; a query counts "
        "words: NEAR/15\n"
    )
    both = invoke("--as", "query", "--rule", "a", str(path))
    assert both.stdout == "match:\n  query: |\n    x1 AND (y1 OR z1) NOT w1\n"
    alone = invoke("--as", "query", "--rule", "b", str(path))
    assert (alone.exit_code, alone.stdout) == (1, "match: {all: [x1, y1], within: sentence}\n")


def test_a_long_query_is_broken_before_its_operators(tmp_path: Path) -> None:
    path = tmp_path / "r.yaml"
    words = [f"word{number}" for number in range(30)]
    path.write_text(f"rules: {{r: {{match: [{', '.join(words)}]}}}}", encoding="utf-8")
    lines = invoke("--as", "query", "--rule", "r", str(path)).stdout.splitlines()
    assert max(map(len, lines)) <= 100
    assert " ".join(line.strip() for line in lines[2:]) == " OR ".join(words)
    assert all(line.strip().startswith("OR ") for line in lines[3:])


def test_the_two_forms_match_the_same(messy: Path) -> None:
    before = load_rules(messy)
    trees = invoke("--as", "tree", str(messy)).stdout.replace("because: query", "because: nowhere")
    messy.write_text(trees, encoding="utf-8")
    after = load_rules(messy)
    assert {id: card.hash for id, card in after.cards.items()} == {id: card.hash for id, card in before.cards.items()}


def test_a_query_of_the_command_line_is_printed_as_its_tree() -> None:
    result = invoke("--query", 'attack NEAR/5 "two words" or lang:(ar OR en) NOT source:press NOT source:tv')
    assert result.stdout == (
        "match:\n  all:\n    - {all: [attack, two words], within: 5 words}\n    - or\n"
        "languages: {any: [ar, en]}\nsources: {none: [press, tv]}\n"
    )
    assert result.stderr == "query:1:27: warning: 'or' is looked for as a word; the operator is written OR\n"
    assert (invoke("--query", "a OR").exit_code, invoke("--query", "a OR").stderr) == (
        3,
        "query:1:5: something must stand behind 'OR'\n",
    )
    two = invoke("--query", "a lang:ar lang:en")
    assert (two.exit_code, two.stderr) == (1, "the tree has no key for two demands on languages\n")
    long = invoke("--query", "a " * 30_000)
    assert long.stderr == "query:1:1: the query has 60,000 letters (at most 50,000); write several rules\n"


def test_filters_that_one_key_cannot_hold_keep_the_query(tmp_path: Path) -> None:
    path = tmp_path / "r.yaml"
    path.write_text("rules:\n  r:\n    match:\n      query: x1 lang:ar\n    languages: [en]\n", encoding="utf-8")
    result = invoke("--as", "tree", str(path))
    assert "query: x1 lang:ar" in result.stdout
    assert result.stderr == (
        f"{path}:4:7: warning: rule 'r': stays a query: no key holds its own 'languages' beside those of the query\n"
    )


def test_stdin_is_a_file_too() -> None:
    assert invoke("-", stdin="rules: {r: {match: [a1,b1]}}").stdout == "rules:\n  r: {match: [a1, b1]}\n"
    assert invoke("-", stdin="lists: x\nrules: y\n").stdout == "lists: x\n\nrules: y\n"


@pytest.mark.parametrize(
    ("text", "code", "message"),
    [
        ("rules: [", 3, "stdin:2:1: nothing stands here, where a value is expected; a comma or bracket too many?"),
        ("- a", 3, "stdin:1:1: this is no rule file"),
        ("rules: {r: {match: {query: a OR}}}", 3, "stdin:1:32: rule 'r': something must stand behind 'OR'"),
    ],
)
def test_a_faulty_file_is_left_alone_and_told_at_its_place(text: str, code: int, message: str) -> None:
    result = invoke("--as", "tree", "-", stdin=text)
    assert (result.exit_code, result.stdout, result.stderr) == (code, "", message + "\n")


def test_what_is_asked_wrongly_is_a_usage_error(messy: Path) -> None:
    assert invoke().exit_code == 2
    assert invoke("--query", "a", str(messy)).exit_code == 2
    assert invoke("--write", "-").exit_code == 2
    assert invoke("--rule", "tow", str(messy)).stderr == (
        f"{messy}: there is no rule 'tow' with a match (did you mean 'two'?)\n"
    )
    assert invoke(str(messy.with_name("gone.yaml"))).stderr.endswith("gone.yaml: No such file or directory\n")


def test_a_file_that_cannot_be_written_stays_as_it_was(messy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    messy.with_name(f".{messy.name}.new").mkdir()
    result = invoke("--write", str(messy))
    assert (result.exit_code, messy.read_text(encoding="utf-8")) == (1, MESSY)
    assert result.stderr == f"{messy}: Is a directory\n"


def test_rewriting_is_refused_rather_than_lossy(messy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_house, "scalar", lambda text, **_: text)
    assert invoke(str(messy)).stderr == (
        f"{messy}: this file cannot be written again without a change; please report it\n"
    )


STARTER = sorted(path for path in (ROOT / "rules").rglob("*.yaml") if not path.name.endswith(SUITE))


@pytest.mark.parametrize("path", STARTER, ids=lambda path: path.stem)
def test_the_starter_rules_are_in_the_style_of_the_house(path: Path) -> None:
    assert invoke(str(path)).stdout == path.read_text(encoding="utf-8")


def tidy(text: str) -> tuple[Any, str, int]:
    """The data of a file, the file in the house's style, and how many comments it has."""
    located, _ = parse(text.encode(), "f")
    assert isinstance(located, Located)
    comments = _house.read_comments(text, located)
    return located.data, _house.write(located.data, located, comments), len(comments)


scalars = st.one_of(
    st.text(st.sampled_from("ab :#-'\"[]{},&*!|>%@`?~$/\n\\=أ\u200f"), max_size=8),
    st.sampled_from(
        ["no", "12:30", "a: b", "- x", "a #b", "---", "<<", "line\nline\n", " lead", "قمة", "x\n\n", "a\n b\n"]
    ),
)
values = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(st.sampled_from(["names", "hit", "a", "b-c", "-4"]), inner, max_size=3),
    ),
    max_leaves=12,
)


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(st.sampled_from(["lists", "rules", "version", "x"]), values, min_size=1, max_size=3))
def test_whatever_a_file_holds_is_written_so_that_it_reads_the_same(data: dict[str, Any]) -> None:
    text = yaml.safe_dump(data, allow_unicode=True, default_style='"', sort_keys=False)
    located, problems = parse(text.encode(), "f")
    if located is None or problems:
        return
    first, written, _ = tidy(text)
    again, rewritten, _ = tidy(written)
    assert again == first
    assert rewritten == written
    assert [str(problem) for problem in parse(written.encode(), "f")[1]] == []


def test_comments_stay_where_they_were_said() -> None:
    text = """\
# one

a: |  # two
  # no comment

# three
b:
  - x  # four
  # five
  - {c: d,  # six
     e: f}
  -  # seven
    g: h
  - 'i # no comment'
  - plain and
    more  # eight
# nine
"""
    data, written, count = tidy(text)
    assert count == 9
    assert (
        written
        == """\
# one

a: |  # two
  # no comment

# three
b:
  - x  # four
  # five
  - {c: d, e: f}  # six
  # seven
  - g: h
  - "i # no comment"
  - plain and more  # eight
# nine
"""
    )
    assert tidy(written) == (data, written, count)


def test_two_comments_in_a_bracket_open_it() -> None:
    _, written, _ = tidy("a: {b: c,  # one\n    d: e}  # two\n")
    assert written == "a:         # one\n  b: c\n  d: e     # two\n"
