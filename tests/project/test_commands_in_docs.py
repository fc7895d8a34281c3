"""Commands and options in the documents are those of the command, and those of the command are in the documents."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from monitor.cli import ALIASES, main
from tests.conftest import ROOT

DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
FENCE = re.compile(r"^```.*?^```$", re.DOTALL | re.MULTILINE)
SPAN = re.compile(r"`([^`\n]+)`")
OF_OTHER_PROGRAMS = re.compile(r"bootstrap\.py|systemctl|journalctl|promtool|pytest")


def commands(group: click.Group, *before: str) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Every command and subcommand with its words."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        yield (*before, name), command
        if isinstance(command, click.Group):
            yield from commands(command, *before, name)


assert isinstance(main, click.Group)
COMMANDS = dict(commands(main))


def options(command: click.Command) -> set[str]:
    """The options of a command as they are typed."""
    return {name for one in command.get_params(click.Context(command)) for name in one.opts if name.startswith("-")}


def typed(document: Path) -> Iterator[str]:
    """Everything in a document that begins with `rasid`: lines of its blocks, and spans."""
    text = document.read_text(encoding="utf-8")
    for block in FENCE.findall(text):
        for line in block.replace("\\\n", " ").splitlines():
            bare = re.sub(r"\s#\s.*|\s{3,}(?!-).*", "", line)  # without what is said of it
            if found := re.search(r"(?:^|[\s/|])rasid ((?:--config |[a-z]).*)", bare):
                yield found[1]
    for span in SPAN.findall(FENCE.sub("", text)):
        if span.startswith("rasid "):
            yield span.removeprefix("rasid ")


def wrong(line: str) -> str:
    """What of a line after `rasid` the command does not have; "" when it has all of it."""
    words = shlex.split(re.split(r" [|>] ?|;|…", line)[0])
    if words[:1] == ["--config"]:
        words = words[2:]
    if not words or words[0].isupper():
        return ""
    if words[0].startswith("-"):
        return "" if words[0] in {*options(main), "--help"} else f"rasid has no {words[0]}"
    words[0] = ALIASES.get(words[0], words[0])
    path: tuple[str, ...] = (words[0],)
    if path not in COMMANDS:
        return f"no command {words[0]!r}"
    while len(words) > len(path) and (*path, words[len(path)]) in COMMANDS:
        path = (*path, words[len(path)])
    known = {*options(COMMANDS[path]), "--help"}
    rest = [word for word in words[len(path) :] if re.match(r"--?[a-z]", word)]
    return ", ".join(f"{' '.join(path)} has no {word}" for word in rest if word.partition("=")[0] not in known)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_command_line_in_the_documents_is_one(document: Path) -> None:
    assert [f"rasid {line}: {fault}" for line in typed(document) if (fault := wrong(line))] == []


def test_command_lines_are_found_in_blocks_and_in_spans() -> None:
    lines = {document.name: list(typed(document)) for document in DOCUMENTS}

    assert "run --once" in lines["README.md"]
    assert 'silence A7K2 2h "exercise"' in lines["quickstart.md"]
    assert "sources errors" in lines["commands.md"]


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("chek --strict", "no command 'chek'"),
        ("check --stict", "check has no --stict"),
        ("sources add URL --fnd", "sources add has no --fnd"),
        ("--versoin", "rasid has no --versoin"),
        ("--version", ""),
        ("why A7K2", ""),
        ("--config PATH run --once", ""),
        ("matches --json | jq --slurp", ""),
    ],
)
def test_a_line_that_the_command_does_not_have_is_noticed(line: str, fault: str) -> None:
    assert wrong(line) == fault


def rows() -> Iterator[tuple[str, str]]:
    """The table of commands: each command with its row."""
    for line in (ROOT / "docs" / "commands.md").read_text(encoding="utf-8").splitlines():
        if found := re.match(r"\| `rasid ([a-z-]+)(?: [^`]*)?` \|", line):
            yield found[1], line


def test_every_command_has_a_row_in_the_table_of_commands() -> None:
    assert {name for name, _ in rows()} == {path[0] for path in COMMANDS}


def test_every_option_in_a_row_is_one_of_its_command() -> None:
    faults = []
    for name, row in rows():
        known = {option for path, command in COMMANDS.items() if path[0] == name for option in options(command)}
        spans = [span for span in SPAN.findall(row) if not OF_OTHER_PROGRAMS.search(span)]
        named = [word for span in spans for word in re.findall(r"(?<![\w-])--[a-z][a-z-]*", span)]
        faults += [f"{name}: {word}" for word in named if word not in known]
    assert faults == []


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_every_option_is_named_in_the_documents(path: tuple[str, ...]) -> None:
    text = "\n".join(document.read_text(encoding="utf-8") for document in DOCUMENTS if document.parent.name == "docs")
    long = {option for option in options(COMMANDS[path]) if option.startswith("--")} - {"--help", "--json"}
    assert [option for option in sorted(long) if not re.search(rf"{option}(?![a-z-])", text)] == []


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_every_command_and_subcommand_shows_an_example_in_its_help(path: tuple[str, ...]) -> None:
    shown = CliRunner().invoke(main, [*path, "--help"]).output
    examples = re.findall(r"rasid (?:--config \S+ )?([a-z][^\n]*)", shown.partition("xample:")[2])
    assert any(line.startswith(" ".join(path)) for line in examples), shown
    assert [line for line in examples if wrong(line)] == []
