"""The JSON Schemas: true to the models, kind to every file that Rasid reads, and of use in an editor."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from click.testing import CliRunner
from pydantic import BaseModel

from monitor import config
from monitor.cli import _schema_config as made
from monitor.cli import main
from monitor.cli._schema_rules import SPECIAL, rules_schema
from monitor.cli._schema_suites import SUITE_WORDS, suite_schema
from monitor.cli._schema_words import CONFIGURATION_WORDS, RULE_WORDS
from monitor.cli._schemas import schema_files
from monitor.config.calm import KEYS as CALM_KEYS
from monitor.config.fetch import KEYS as FETCH_KEYS
from monitor.rulefiles.reading import SUITE
from monitor.rules import schema as models
from monitor.rules import suite
from monitor.rules.reading import KEYS
from tests.conftest import ROOT, require
from tests.editor.server import PROGRAM, Server
from tests.project.test_configuration import PAGE, unhashed
from tests.project.test_docs import BLOCKS, is_configuration, is_suite

FOLDER = ROOT / "config" / "schema"
SHIPPED = [PAGE, *sorted((ROOT / "rules").rglob("*.yaml"))]


class AsEditorsRead(yaml.SafeLoader):
    """YAML 1.2: `yes` is a string and a date is one too."""


AsEditorsRead.yaml_implicit_resolvers = {
    first: [(tag, form) for tag, form in forms if not tag.endswith(("timestamp", ":bool"))]
    for first, forms in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
AsEditorsRead.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("^(true|false)$", re.I), list("tTfF"))


def faults(name: str, text: str) -> list[str]:
    schema = json.loads(schema_files()[name])
    found = jsonschema.Draft7Validator(schema).iter_errors(yaml.load(text, AsEditorsRead))
    return [f"{list(fault.absolute_path)}: {fault.message}" for fault in found]


def test_the_schemas_are_those_of_the_models() -> None:
    for name, text in schema_files().items():
        jsonschema.Draft7Validator.check_schema(json.loads(text))
        assert (FOLDER / name).read_text(encoding="utf-8") == text, "type: python -m tests.schemas"


def test_every_key_that_rasid_reads_is_in_them() -> None:
    page = json.loads(schema_files()["monitor.json"])
    assert set(page["properties"]) == set(config._TOP)
    assert set(made.CALM) == set(CALM_KEYS)
    assert set(made.FETCH) == set(FETCH_KEYS)
    assert set(made.OPS) == set(config._OPS)
    assert set(rules_schema()["properties"]) == set(models.SECTIONS)
    assert set(rules_schema()["definitions"]["clause"]["properties"]) == set(KEYS)
    assert set(suite_schema()["properties"]) == set(suite.SECTIONS)
    assert set(suite_schema()["properties"]["tests"]["additionalProperties"]["properties"]) == set(suite.TEST_KEYS)
    known = {name for name, value in vars(models).items() if isinstance(value, type) and issubclass(value, BaseModel)}
    assert {name.split(".")[0] for name in SPECIAL} <= known | {"WhenSpec", "EscalateSpec"}


def keys_in(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        if isinstance(properties := part.get("properties"), dict):
            yield from (key for key, value in properties.items() if "description" in value)
        for value in part.values():
            yield from keys_in(value)
    elif isinstance(part, list):
        for value in part:
            yield from keys_in(value)


def test_no_words_stand_there_for_keys_that_are_gone() -> None:
    page, rules = (json.loads(schema_files()[name]) for name in ("monitor.json", "rules.json"))
    assert {key.rpartition(".")[2] for key in RULE_WORDS} == set(keys_in(rules))
    assert set(CONFIGURATION_WORDS) <= set(keys_in(page))
    assert {key.rpartition(".")[2] for key in SUITE_WORDS} == set(keys_in(suite_schema()))


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.name)
def test_a_shipped_file_names_its_schema_and_fits_it(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    named = re.match(r"# yaml-language-server: \$schema=(\S+)\n", text)
    assert named is not None
    schema = (path.parent / named[1]).resolve()
    kind = "tests.json" if path.name.endswith(SUITE) else "rules.json"
    assert schema == FOLDER / ("monitor.json" if path == PAGE else kind)
    assert faults(schema.name, text) == []


def test_every_option_behind_a_hash_fits() -> None:
    assert "\n    give_up:" in unhashed()
    assert faults("monitor.json", unhashed()) == []


@pytest.mark.parametrize(("block", "document"), BLOCKS)
def test_yaml_in_the_documents_fits(block: str, document: Path) -> None:
    kind = "tests.json" if is_suite(block) else "rules.json"
    assert faults("monitor.json" if is_configuration(block) else kind, block) == []


def test_the_examples_of_the_language_fit(shared: Path) -> None:
    paths = sorted((shared / "examples").glob("*.yaml"))
    assert len(paths) == 8
    assert {path.name: found for path in paths if (found := faults("rules.json", path.read_text()))} == {}


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ("expect: [{at: soon}]", "'soon' is not valid"),
        ("expect: [{silent_until: 2h, rule: a}]", "'rule' was unexpected"),
        ("expectations: []", "'expectations' was unexpected"),
    ],
)
def test_a_slip_in_a_suite_is_seen(wrong: str, message: str) -> None:
    text = f"rules: [..]\ntests:\n  t: {{articles: [{{at: 0s, text: x}}], {wrong}}}\n"
    assert any(message in fault for fault in faults("tests.json", text))


@pytest.mark.parametrize("language", ["en", "ar"])
def test_init_writes_the_schemas_beside_its_files(language: str, tmp_path: Path) -> None:
    given = ["--language", language, "--words", "attack", "--channel", "stdout", "--yes"]
    done = CliRunner().invoke(main, ["init", str(tmp_path), *given])
    assert done.exit_code == 0, done.output
    for file in ("config/monitor.yaml", "rules/first.yaml"):
        path = tmp_path / file
        text = path.read_text(encoding="utf-8")
        named = re.search(r"\$schema=(\S+)", text)
        assert named is not None
        schema = (path.parent / named[1]).resolve()
        assert schema.is_file()
        assert faults(schema.name, text) == []


RULE = """\
# yaml-language-server: $schema=../config/schema/rules.json
version: 1
rules:
  a:
    titel: x
    severity: hgh
    match:
      all: [a, {within: sentence, any: [x], wthin: y}]
      nne: x
    alert:
      throttle: 2 hours
"""
CONFIGURATION = """\
# yaml-language-server: $schema=schema/monitor.json
version: 1
sources:
  a: {url: x, evry: 5m}
channels:
  d:
    kind: slack
    urll: x
  e:
    kind: slak
  f:
    kind: webhook
    digest: dayly
    url: x
"""


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    require(PROGRAM, "yaml-language-server (cd tests/editor && npm ci)")
    with Server.run() as server:
        yield server


def underlined(server: Server, path: Path, text: str) -> dict[int, str]:
    """What the editor says, by the number of the line."""
    return {found["range"]["start"]["line"] + 1: found["message"] for found in server.open(path, text)}


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.name)
def test_an_editor_underlines_nothing_in_a_shipped_file(server: Server, path: Path) -> None:
    assert underlined(server, path, path.read_text(encoding="utf-8")) == {}


def test_an_editor_underlines_the_slips_of_a_rule(server: Server) -> None:
    found = underlined(server, ROOT / "rules" / "slips.yaml", RULE)
    assert set(found) == {5, 6, 8, 9, 11}
    assert found[5] == "Property titel is not allowed."
    assert '"high"' in found[6]
    assert found[8] == "Property wthin is not allowed."
    assert found[11] == "Write a number and a unit, such as 30s, 15m, 2h or 7d."


def test_an_editor_completes_and_explains_the_keys_of_a_rule(server: Server) -> None:
    path = ROOT / "rules" / "completed.yaml"
    server.open(path, RULE + "      \n")
    assert {"group_by", "group_wait", "max_age", "unless"} <= server.complete(path, 11, 6)
    assert "throttle" not in server.complete(path, 11, 6)
    assert server.complete(path, 5, 14) >= {"info", "low", "medium", "high", "critical"}
    assert RULE_WORDS["throttle"] in server.hover(path, 10, 8)


def test_an_editor_underlines_and_completes_in_the_configuration(server: Server) -> None:
    path = ROOT / "config" / "slips.yaml"
    found = underlined(server, path, CONFIGURATION + "    \n")
    assert set(found) >= {4, 8, 10, 13}
    assert found[4] == "Property evry is not allowed."
    assert found[8] == "Property urll is not allowed."
    assert '"mattermost"' in found[10]
    assert "daily 07:30" in found[13]
    assert {"signing_secret", "headers", "quiet", "retry"} <= server.complete(path, 14, 4)
