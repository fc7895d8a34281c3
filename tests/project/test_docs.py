"""What the documents say holds: their YAML loads, and every command, option and kind appears in them."""

from __future__ import annotations

import ast
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from monitor import Article, channels, load_config, load_rules, sources
from monitor.channels.options import Options as ChannelOptions
from monitor.cli import main
from monitor.config import inspect_config
from monitor.config.calm import KEYS as CALM_KEYS
from monitor.daemon import check_kinds
from monitor.rulefiles.suites import load_suite
from monitor.rules.conditions import WhenSpec
from monitor.rules.marks import TERM_KEYS
from monitor.rules.reading import KEYS
from monitor.rules.schema import BECAUSE, AlertSpec
from monitor.rules.suite import SECTIONS, ArticleSpec, ExpectSpec
from monitor.ruletest import run
from monitor.sources.options import Options as SourceOptions
from monitor.store import Store
from monitor.timing import now
from tests.conftest import ROOT
from tests.project.test_configuration import REFUSED, options, secrets_for

DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
BESIDE = re.compile(r"```(?:csv|text|yaml) (\S+)\n(.*?)```", re.DOTALL)
BLOCKS = [
    pytest.param(block, path, id=f"{path.name}-{number}")
    for path in DOCUMENTS
    for number, block in enumerate(re.findall(r"```yaml\n(.*?)```", path.read_text(encoding="utf-8"), re.DOTALL))
]


def said(name: str) -> str:
    return (ROOT / "docs" / name).read_text(encoding="utf-8")


def is_suite(block: str) -> bool:
    return re.search("^tests:", block, re.MULTILINE) is not None


def is_configuration(block: str) -> bool:
    return re.search("^(sources|channels):", block, re.MULTILINE) is not None


@pytest.mark.parametrize(("block", "document"), BLOCKS)
def test_yaml_in_the_documents_loads(
    block: str, document: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, text in BESIDE.findall(document.read_text(encoding="utf-8")):
        (tmp_path / name).write_text(text, encoding="utf-8")
    path = tmp_path / "page.yaml"
    path.write_text(block, encoding="utf-8")
    if block.startswith("channels:"):
        path.write_text("version: 1\nrules: [rules]\n" + block, encoding="utf-8")
        (tmp_path / "rules").mkdir()
        secrets_for(block, tmp_path)
        loaded, problems = inspect_config(path, environment={})
        assert loaded is not None
        assert [*problems, *check_kinds(loaded)] == []
        assert len(loaded.channels) == len(re.findall(r"^    kind:", block, re.MULTILINE))
    elif is_suite(block):
        suite = load_suite(path)
        assert suite.rules.warnings == ()
        assert [run(test, suite.rules, suite.suite.floors).failures for test in suite.suite.tests] == [(), ()]
    elif is_configuration(block):
        (tmp_path / "rules").mkdir()
        monkeypatch.setenv("DESK_URL", "https://hooks.example/rasid")
        assert load_config(path).channel_names == {"desk"}
    else:
        rules = load_rules(path)
        assert rules.warnings == ()
        assert all(example.holds for example in rules.examples())


@pytest.mark.parametrize(("block", "document"), [block for block in BLOCKS if not str(block.id).startswith("README")])
def test_rules_in_the_documents_are_in_the_style_of_the_house(block: str, document: Path) -> None:
    if not is_configuration(block) and not is_suite(block):
        styled = CliRunner().invoke(main, ["format", "-"], input=block).stdout
        assert [line for line in styled.splitlines() if line] == [line for line in block.splitlines() if line]


def test_the_explanation_in_the_documents_is_what_is_said(tmp_path: Path) -> None:
    text = said("rules.md")
    (rules,) = [block for block in re.findall(r"```yaml\n(.*?)```", text, re.DOTALL) if "company-in-trouble" in block]
    (tmp_path / "page.yaml").write_text(rules, encoding="utf-8")
    article = Article(id="a", source="", title="", text="SABIC faces a recall. SABIC declined to comment.")
    assert f"```\n{load_rules(tmp_path / 'page.yaml').explain(article, 'company-in-trouble').text()}\n```" in text


def test_every_command_is_documented() -> None:
    group = main
    assert isinstance(group, click.Group)
    text = said("commands.md")
    for name in group.list_commands(click.Context(group)):
        assert f"rasid {name}" in text, name


def options_of(command: click.Command, *names: str) -> Iterator[tuple[tuple[str, ...], str]]:
    """The names that lead to a command, and each option of it and of the commands below it."""
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            yield names, max(parameter.opts, key=len)
    if isinstance(command, click.Group):
        for below in command.list_commands(click.Context(command)):
            found = command.get_command(click.Context(command), below)
            assert found is not None
            yield from options_of(found, *names, below)


def test_every_option_of_a_command_is_documented_with_it() -> None:
    commands = said("commands.md")
    elsewhere = {"init": said("installation.md"), "sources": said("sources.md")}
    missing = []
    for names, option in options_of(main):
        name = names[0] if names else ""
        own = [part for part in re.split(r"\n(?=## )|\n(?=\| )", commands) if f"rasid {name}" in part]
        told = "\n".join([*own, elsewhere.get(name, "")])
        if option != "--json" and not re.search(rf"(?<![\w-]){option}(?![\w-])", told):
            missing.append((*names, option))
    assert missing == []


def test_every_table_is_documented_with_what_bounds_it(tmp_path: Path) -> None:
    path = tmp_path / "rasid.db"
    Store.open(path, write=True, now=now()).close()
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute("SELECT name FROM pragma_table_list WHERE schema = 'main' AND type <> 'view'")
        tables = {name for (name,) in rows if not re.match("_?sqlite_|article_search_", name)}
    bounded = [line.split("|")[1] for line in said("database.md").splitlines() if line.startswith("| `")]

    assert {name for cell in bounded for name in re.findall("`([a-z_]+)`", cell)} == tables


def test_every_kind_and_option_is_documented() -> None:
    text = said("configuration.md") + said("sources.md") + said("channels.md")
    every = options(sources, SourceOptions) | options(channels, ChannelOptions)
    names = {name for kind in every.values() for name in kind}
    for word in {*sources.kinds(), *channels.kinds(), *names, "opml"} - REFUSED:
        assert f"`{word}`" in text, word


def messages(room: str) -> Iterator[str]:
    """The longest constant part of each error that a room raises about a source, up to a comma or parenthesis."""
    for path in sorted((ROOT / "monitor" / room).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("SourceError", "HttpError"):
                values = [str(part.value) for part in ast.walk(node) if isinstance(part, ast.Constant)]
                yield max((re.split("[(,;]", value)[0].strip(" :<'") for value in values), key=len, default="")


def test_what_a_channel_may_ask_for_is_explained_and_shown_in_an_example_that_loads() -> None:
    (section,) = re.findall(r"## Channels\n(.*?)\n## ", said("configuration.md"), re.DOTALL)
    examples = "".join(re.findall(r"```yaml\n(.*?)```", said("alerts.md"), re.DOTALL))
    for option in (*CALM_KEYS, "drill"):
        assert f"| `{option}` |" in section
        assert re.search(f"^    {option}: ", examples, re.MULTILINE), option


def test_every_error_of_a_source_is_documented() -> None:
    text = said("sources.md")
    found = {message for room in ("sources", "http", "xmltext") for message in messages(room)}
    only_lists = {"not OPML: its root is"}  # an OPML file is a fault of the configuration
    assert len(found) > 50
    assert sorted(message for message in found - only_lists if message not in text) == []


def test_every_key_of_a_suite_is_documented() -> None:
    text = said("rules.md").partition("## Testing rules")[2].partition("\n## ")[0]
    for word in [*SECTIONS, *ArticleSpec.model_fields, *ExpectSpec.model_fields]:
        assert re.search(rf"\b{word}\b", text), word


def test_the_failing_test_in_the_documents_is_what_is_said(tmp_path: Path) -> None:
    text = said("rules.md")
    (tmp_path / "tests").mkdir()
    for name, rules in BESIDE.findall(text):
        (tmp_path / "tests" / name).write_text(rules, encoding="utf-8")
    (suite,) = [block for block in re.findall(r"```yaml\n(.*?)```", text, re.DOTALL) if is_suite(block)]
    expects = "expect:\n      - at: 30s\n        channel: desk\n        rules: [depot-attacked]"
    (tmp_path / "tests" / "depots.test.yaml").write_text(suite.replace("expect: []", expects), encoding="utf-8")
    shown = CliRunner().invoke(main, ["test", "--suite", str(tmp_path / "tests" / "depots.test.yaml")]).stdout
    assert shown.replace(f"{tmp_path}/", "").strip() in text


def test_every_expression_and_alert_key_is_documented() -> None:
    text = said("rules.md")
    for word in KEYS[: -len(TERM_KEYS)]:
        assert f"`{word}" in text, word
    for word in [*AlertSpec.model_fields, *WhenSpec.model_fields, *BECAUSE]:
        assert re.search(rf"\b{word}\b", text), word
