"""What the documents say holds: their YAML loads, and every command, option and kind appears in them."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest

from monitor import channels, load_config, load_rules, sources
from monitor.channels.email import EmailOptions
from monitor.channels.slack import SlackOptions
from monitor.channels.stdout import StdoutOptions
from monitor.channels.webhook import WebhookOptions
from monitor.cli import main
from monitor.sources.feed import FeedOptions
from monitor.sources.folder import FolderOptions
from tests.conftest import ROOT

DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
BLOCKS = [
    pytest.param(block, id=f"{path.name}-{number}")
    for path in DOCUMENTS
    for number, block in enumerate(re.findall(r"```yaml\n(.*?)```", path.read_text(encoding="utf-8"), re.DOTALL))
]


def said(name: str) -> str:
    return (ROOT / "docs" / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("block", BLOCKS)
def test_yaml_in_the_documents_loads(block: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "page.yaml"
    path.write_text(block, encoding="utf-8")
    if "sources:" in block:
        (tmp_path / "rules").mkdir()
        monkeypatch.setenv("DESK_URL", "https://hooks.example/rasid")
        assert load_config(path).channel_names == {"desk"}
    else:
        rules = load_rules(path)
        assert rules.warnings == ()
        assert all(example.holds for example in rules.examples())


def test_every_command_is_documented() -> None:
    group = main
    assert isinstance(group, click.Group)
    text = said("commands.md")
    for name in group.list_commands(click.Context(group)):
        assert f"rasid {name}" in text, name


def test_every_kind_and_option_is_documented() -> None:
    text = said("configuration.md") + said("sources.md")
    models = (FeedOptions, FolderOptions, WebhookOptions, SlackOptions, EmailOptions, StdoutOptions)
    options = {made.alias or name for model in models for name, made in model.model_fields.items()}
    for word in {*sources.kinds(), *channels.kinds(), *options, "opml"} - {"auth"}:  # refused with what to do instead
        assert f"`{word}`" in text, word


def test_every_expression_and_alert_key_is_documented() -> None:
    text = said("rules.md")
    for word in ["all", "any", "at_least", "of", "within", "ordered", "none", "nowhere", "fields", "entity"]:
        assert f"`{word}" in text, word
    for word in ["group_by", "group_wait", "group_interval", "throttle", "max_age"]:
        assert f"`{word}`" in text, word
