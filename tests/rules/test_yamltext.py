"""Text-only YAML: everything stays text, everything has a place, and what would be read otherwise than it looks is
refused.
"""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.errors import Level
from monitor.yamltext import KEY, MOST_BYTES, parse


def errors(source: str | bytes) -> list[str]:
    """The errors of a file named f, without its name."""
    _, problems = parse(source.encode() if isinstance(source, str) else source, "f")
    return [str(problem).removeprefix("f:") for problem in problems if problem.level is Level.ERROR]


def data(source: str) -> object:
    located, problems = parse(source.encode(), "f")
    assert problems == ()
    assert located is not None
    return located.data


def test_every_scalar_stays_the_text_that_was_typed() -> None:
    scalars = "no, on, off, yes, null, ~, 12:30, 010, 1e3, 2024-01-01, 1_000, .5, 0x1F, 1.10"
    assert data(f"any: [{scalars}]") == {"any": scalars.split(", ")}


def test_empty_values_and_empty_files_are_empty_text() -> None:
    assert data("a:\nb: ''\n") == {"a": "", "b": ""}
    assert data("") == ""
    assert data("# only a comment\n") == ""


def test_values_and_keys_have_their_places() -> None:
    located, _ = parse(b"a:\n  b: x\n  c:\n    - y\n    - {d: z}\n", "f")
    assert located is not None
    assert located.places == {
        (): (1, 1),
        ("a", KEY): (1, 1),
        ("a",): (2, 3),
        ("a", "b", KEY): (2, 3),
        ("a", "b"): (2, 6),
        ("a", "c", KEY): (3, 3),
        ("a", "c"): (4, 5),
        ("a", "c", 0): (4, 7),
        ("a", "c", 1): (5, 7),
        ("a", "c", 1, "d", KEY): (5, 8),
        ("a", "c", 1, "d"): (5, 11),
    }
    assert located.flow == {("a", "c", 1, "d")}


def test_columns_count_code_points_also_behind_arabic_and_a_byte_order_mark() -> None:
    located, _ = parse("\ufeffعنوان: قمة".encode(), "f")
    assert located is not None
    assert located.places["عنوان",] == (1, 8)


def test_quoted_texts_in_brackets_are_not_flow_texts() -> None:
    located, _ = parse(b"[a, 'b, c']", "f")
    assert located is not None
    assert located.flow == {(0,)}


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("- *name", "1:3: a value that begins with '*' is an alias, which is not supported; put text in quotes"),
        ("- *عين", "1:3: a value that begins with '*' is an alias, which is not supported; put the text in quotes"),
        ("- &name x", "1:3: a value that begins with '&' is an anchor, which is not supported; put text in quotes"),
        (
            "- &عين x",
            "1:3: a value that begins with '&' is an anchor, which is not supported; put the text in quotes",
        ),
        ("- !x y", "1:3: a value that begins with '!' is a tag, which is not supported; put text in quotes"),
        ("- !عاجل y", "1:3: a value that begins with '!' is a tag, which is not supported; put the text in quotes"),
        ("- @desk", "1:3: a value cannot begin with '@'; put the text in quotes"),
        ("- %5", "1:3: a value cannot begin with '%'; put the text in quotes"),
        (
            "%5\n- x",
            "1:1: a line that begins with '%' is a directive, which is not supported; put the text in quotes",
        ),
        ("%YAML 1.1\n--- x", "1:1: a line that begins with '%' is a directive, which is not supported; remove it"),
        ("a: 1\na: 2", "2:1: duplicate key 'a'; it stands already in line 1"),
        ("<<: {a: 1}", "1:1: merge keys ('<<') are not supported; write the keys out"),
        ("a: 1\n---\nb: 2", "2:1: a second document begins here; put it into a file of its own"),
        ("? [a]\n: b", "1:3: a key must be a plain word, not a list or mapping"),
        ("a:\n\tb: 1", "2:1: a tab cannot indent; use spaces"),
        ("a: b\n\tc: d", "2:1: a tab cannot indent; use spaces"),
        (
            "rules:\n  r\n    match: x",
            "2:3: 'r' lacks its ':', or the line below is indented too far",
        ),
        (
            "r:\n  within: sentence\n    none: x",
            "2:3: 'within: sentence' has its value already, and the line below is indented deeper; check the "
            "indentation of both",
        ),
        (
            "r:\n  title: x\n  within:sentence",
            "3:3: 'within:sentence' is neither 'key: value' nor '- item': the ':' or '- ' is missing, or the space "
            "behind it; else check the indentation",
        ),
        ("a: b\n- c", "2:1: this line does not fit the keys above it; check the indentation"),
        ("a:\n  - b\n  c: d", "3:3: this line does not fit the list above it; check the indentation and the '- '"),
        ("a: - b", "1:4: a list item '- ' must begin on a line of its own"),
        ("a: 'b", "1:4: the quote opened here is never closed"),
        ('a: "\\ud800"', "1:7: this escape stands for no character; write the character itself"),
        ("]", "1:1: not valid YAML: did not find expected node content, while parsing a block node"),
        ("a: {b}}", "1:7: not valid YAML: did not find expected key, while parsing a block mapping"),
    ],
)
def test_what_is_not_plain_text_is_refused_with_what_to_do(source: str, expected: str) -> None:
    if expected.startswith("1:1: not valid") or source == "a: {b}}":
        assert errors(source)  # libyaml's own words may change
    else:
        assert errors(source) == [expected]


def test_a_comment_glued_to_a_text_is_refused() -> None:
    message = (
        "'#عاجل قصف' is a comment, not part of the text before it; put the whole text in quotes, or write '# ' "
        "with a space "
        "if a comment is meant"
    )
    assert errors("- هجوم #عاجل قصف") == [f"1:8: {message}"]
    assert errors("- هجوم\n  صاروخي #عاجل قصف") == [f"2:10: {message}"]


def test_comments_with_a_space_and_quoted_hashes_are_fine() -> None:
    assert data("- attack   # every form\n- 'rocket #fire'\n- C#\n") == ["attack", "rocket #fire", "C#"]


def test_a_colon_in_a_text_is_refused_where_yaml_can_tell() -> None:
    hint = (
        "': ' is not expected here; if it belongs to a text, put the text in quotes; if this is a key, check the "
        "indentation"
    )
    assert errors("title: Breaking: attack") == [f"1:16: {hint}"]
    assert errors("a b:\n- 'c'\n- d: e: f") == [f"3:7: {hint}"]


def test_a_regex_in_brackets_is_refused_where_yaml_stumbles() -> None:
    (message,) = errors("patterns: [cve-[0-9]{4,7}, b]")
    assert message.startswith("1:16: the bracket opened in line 1, column 11 is not closed properly")
    assert "regular expression" in message
    (message,) = errors("a: [b,\nc: d\n")
    assert message.startswith("1:4: the bracket opened in line 1, column 4")


@pytest.mark.parametrize("space", ["\u00a0", "\u2003", "\u3000"])
@pytest.mark.parametrize("source", ["a:\n {}b: 1", "a:\n  - x\n{}- y", "a:\n  - x\n  -{}y", "a:{}1"])
def test_invisible_spaces_in_the_indentation_are_named(source: str, space: str) -> None:
    (message,) = errors(source.format(space))
    assert f"U+{ord(space):04X}" in message
    assert message.endswith("among the spaces; use plain spaces")


def test_a_direction_mark_between_indentation_and_dash_is_named() -> None:
    assert errors("a:\n  - x\n \u200f - y") == [
        "3:2: an invisible character (U+200F) among the spaces; use plain spaces",
    ]


def test_invisible_spaces_inside_texts_are_left_alone() -> None:
    assert data("a: |\n  \u00a0x\nb: 'y\n  \u200fz'\nc: x\u00a0y\n") == {
        "a": "\u00a0x\n",
        "b": "y \u200fz",
        "c": "x\u00a0y",
    }


def test_direction_marks_in_keys_are_stripped_with_a_warning() -> None:
    located, problems = parse("\u200fattack:\n  \u202bwords\u202c: x".encode(), "f")
    assert located is not None
    assert located.data == {"attack": {"words": "x"}}
    assert [str(problem) for problem in problems] == [
        "f:1:1: warning: invisible direction marks in the key 'attack' are ignored",
        "f:2:3: warning: invisible direction marks in the key 'words' are ignored",
    ]


def test_control_characters_made_by_escapes_are_refused() -> None:
    (message,) = errors('- "\\bIED\\b"')
    assert message.startswith(
        '1:3: "\\..." made a control character (U+0008); in double quotes a backslash begins an escape.'
    )
    (message,) = errors('- "\\d+"')
    assert message == (
        "1:4: in double quotes a backslash begins an escape; write a pattern in single quotes or without quotes"
    )


def test_control_characters_and_line_separators_in_the_file_are_refused() -> None:
    assert errors("a: x\0y\nb: \u2028\nc: \x85") == [
        "1:5: a control character (U+0000); remove it",
        "2:4: a line separator (U+2028) that editors do not show; replace it by a space",
        "3:4: a line separator (U+0085) that editors do not show; replace it by a space",
    ]
    assert len(errors("\n\1" * 500)) == 20


def test_files_that_are_not_utf8_are_refused_at_the_first_bad_byte() -> None:
    assert errors("a: é\nb: é".encode("latin-1")) == ["1:4: not UTF-8 (byte 0xE9); save the file as UTF-8"]
    assert errors("\ufeffa: b\n".encode() + b"c: \xff") == ["2:4: not UTF-8 (byte 0xFF); save the file as UTF-8"]
    assert errors("a: b".encode("utf-16")) == ["1:1: the file is UTF-16; save it as UTF-8"]


def test_files_over_four_megabytes_are_refused_unread() -> None:
    located, problems = parse(b"#" * (MOST_BYTES + 1), "f")
    assert located is None
    assert [str(problem) for problem in problems] == [
        "f: the file has 4,000,001 bytes; at most 4,000,000 are read. Split it"
    ]


def test_depth_over_twenty_is_refused_and_costs_no_recursion() -> None:
    assert errors("[" * 100_000) == ["1:21: nested deeper than 20 levels"]
    located, problems = parse(b"[" * 20 + b"]" * 20, "f")
    assert located is not None
    assert problems == ()


def test_all_problems_of_a_file_come_in_one_run_sorted() -> None:
    assert [message[:3] for message in errors("a: *x\nb: &y 1\nc: !z 2\na: 3\n")] == ["1:4", "2:4", "3:4", "4:1"]


def test_the_same_problem_is_told_once_a_line() -> None:
    assert len(errors("[*a, *b, *c]")) == 1


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("alias_bomb.yaml", "alias"),
        ("dup_keys.yaml", "duplicate key 'name'"),
        ("latin1.yaml", "not UTF-8"),
        ("merge_bomb.yaml", "merge keys"),
        ("nested.yaml", "nested deeper than 20"),
        ("python_tag.yaml", "is a tag"),
        ("recursive.yaml", "is an alias"),
        ("surrogate.yaml", "stands for no character"),
        ("tab.yaml", "a tab cannot indent"),
        ("two_docs.yaml", "a second document"),
    ],
)
def test_attack_is_refused_with_its_reason(corpora: Path, name: str, expected: str) -> None:
    assert expected in "\n".join(errors((corpora / "attacks" / "yaml" / name).read_bytes()))


@pytest.mark.parametrize("name", ["bigint.yaml", "norway.yaml"])
def test_attack_on_scalar_types_is_only_text(corpora: Path, name: str) -> None:
    located, problems = parse((corpora / "attacks" / "yaml" / name).read_bytes(), name)
    assert located is not None
    assert problems == ()


LAXER_IN_LIBYAML = {
    "9C9N-0",  # a list in brackets that goes on without indentation
    "QB6E-0",  # a quoted text that goes on without indentation
    "9JBA-0",  # '#' right behind ']', ',', a quote or '>' taken as a comment
    "CVW2-0",
    "SU5Z-0",
    "X4QW-0",
    "DK95-1",  # a tab before a line of a quoted text, or in a list in brackets
    "Y79Y-3",
    "G5U8-0",  # '-' alone in brackets taken as a text
    "YJV2-0",
    "S98Z-0",  # an empty folded text whose blank lines are indented deeper than what follows
}
"""Entries of the YAML test suite that are invalid and that libyaml reads all the same."""


def suite(corpora: Path) -> list[tuple[str, bytes, bool]]:
    """Every case of the YAML test suite: name, bytes, whether it must be refused."""
    signs = {"␣": " ", "»": "\t", "—": "", "←": "\r", "⇔": "\ufeff", "↵": "", "∎\n": ""}
    found = []
    for file in sorted((corpora / "yaml-test-suite" / "src").glob("*.yaml")):
        fail, text = False, ""
        for number, case in enumerate(yaml.load(file.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)):
            fail = case.get("fail", "false") == "true"
            text = case.get("yaml", text)
            for sign, meant in signs.items():
                text = text.replace(sign, meant)
            found.append((f"{file.stem}-{number}", text.encode(), fail))
    return found


def test_yaml_test_suite_never_crashes_and_what_is_invalid_is_refused(corpora: Path) -> None:
    cases = suite(corpora)
    assert len(cases) > 380
    taken = {name for name, source, fail in cases if fail and not errors(source)}
    assert taken == LAXER_IN_LIBYAML


@settings(max_examples=300, deadline=None)
@given(
    st.binary(max_size=200)
    | st.text(alphabet="ab:-[]{}#&*!|>'\"%@`,?\n\t \u00a0\u200fع\\/<~", max_size=60).map(str.encode)
)
def test_no_bytes_make_it_raise(source: bytes) -> None:
    located, problems = parse(source, "f")
    assert located is not None or problems
    assert list(problems) == sorted(problems)


@pytest.mark.parametrize(
    ("source", "marked"),
    [
        ("q: a b X", "X"),
        ("q: 'it''s  X'", "X"),
        ('q: "a \\" X"', "X"),
        ("q:\n  - q: |\n      (a OR\n        b) X\n", "X"),
        ("- |\n\n  one\n\n  two X", "X"),
        ("- >-\n  one\n  two\n\n  X", "X"),
        ("- 'one\n   X'", "X"),
        ("- هجوم X", "X"),
    ],
)
def test_a_place_inside_a_text_is_found_whatever_its_quotes_and_lines(source: str, marked: str) -> None:
    located, _ = parse(source.encode(), "f")
    assert located is not None
    (path,) = [
        path for path in located.places if marked in str(located.at(path)) and isinstance(located.at(path), str)
    ]
    line, column = located.spot((*path, str(located.at(path)).index(marked)))
    assert source.splitlines()[line - 1][column - 1 :].startswith(marked)


def test_a_place_is_the_nearest_that_there_is() -> None:
    located, _ = parse(b"a: {b: [c, d]}\na: {e: [f]}", "f")
    assert located is not None
    assert [located.spot(path) for path in [("a", "b", 1), ("a", "b", 1, "x"), ("z",), ("a", "e", 0)]] == [
        (1, 12),
        (1, 12),
        (1, 1),
        (2, 9),
    ]
    assert located.spot(("a", "b"), at_key=True) == (1, 5)
    assert located.spot(("a", "b", 0), at_key=True) == (1, 9)


ATTACKS = {
    "alias_bomb.yaml": "1:5: a value that begins with '&' is an anchor, which is not supported; put text in quotes",
    "dup_keys.yaml": "2:1: duplicate key 'name'; it stands already in line 1",
    "latin1.yaml": "1:4: not UTF-8 (byte 0xE9); save the file as UTF-8",
    "merge_bomb.yaml": "2:10: merge keys ('<<') are not supported; write the keys out",
    "nested.yaml": "1:21: nested deeper than 20 levels",
    "python_tag.yaml": "1:1: a value that begins with '!' is a tag, which is not supported; put text in quotes",
    "recursive.yaml": "1:5: a value that begins with '*' is an alias, which is not supported; put text in quotes",
    "surrogate.yaml": "1:7: this escape stands for no character; write the character itself",
    "tab.yaml": "2:1: a tab cannot indent; use spaces",
    "two_docs.yaml": "2:1: a second document begins here; put it into a file of its own",
}


def test_files_made_to_attack_a_yaml_reader_are_refused_in_words(corpora: Path) -> None:
    folder = corpora / "attacks" / "yaml"
    assert {path.name for path in folder.iterdir()} >= ATTACKS.keys()
    for name, expected in ATTACKS.items():
        assert expected in errors((folder / name).read_bytes()), name


def test_what_yaml_would_take_for_truth_dates_and_numbers_loads_as_text(corpora: Path) -> None:
    folder = corpora / "attacks" / "yaml"
    norway, problems = parse((folder / "norway.yaml").read_bytes(), "f")
    assert (norway and norway.data, problems) == (
        {
            "name": "t",
            "any": ["no", "on", "off", "yes", "null", "~", "12:30", "010", "1e3", "2024-01-01", "1_000", ".5"],
        },
        (),
    )
    big, problems = parse((folder / "bigint.yaml").read_bytes(), "f")
    assert big is not None
    assert (set(big.data["a"]), problems) == ({"9"}, ())
