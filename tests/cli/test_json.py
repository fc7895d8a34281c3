"""Every command that has --json prints one JSON document; and every exit code means what is promised."""

from __future__ import annotations

import json
from collections.abc import Iterator

import click
import pytest
from click.testing import CliRunner

from monitor.cli import main
from monitor.store import Store
from monitor.timing import now
from tests.flows.site import ATTACK, STORM, Site

ARGUMENTS = {
    "backtest": ["rules.yaml"],
    "backup": ["copy"],
    "match": ["--rules", "rules.yaml", "article.json"],
    "names": ["depot"],
    "search": ["attack"],
    "route": ["--rule", "attack"],
    "sources test": ["wire"],
}
"""What commands are given; others take nothing."""

NEEDS_A_DAEMON = {"reload"}


def commands(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Every command, and every group that does something by itself, that has --json."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        if any("--json" in one.opts for one in command.params):
            yield (*path, name)
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))


LISTING = [path for path in commands(main) if path[0] not in NEEDS_A_DAEMON]


@pytest.fixture
def told(site: Site, monkeypatch: pytest.MonkeyPatch) -> Site:
    """A site with an entity that has stored and told something."""
    site.rules += "entities: {depot: {names: [depot]}}\n"
    site.write()
    site.put("one.json", ATTACK, STORM)
    (site.folder / "article.json").write_text(json.dumps(ATTACK), encoding="utf-8")
    assert site.rasid("run", "--once").exit_code == 0
    monkeypatch.chdir(site.folder)
    return site


@pytest.mark.parametrize("path", LISTING, ids=" ".join)
def test_json_is_one_document(told: Site, path: tuple[str, ...]) -> None:
    # The configuration as most name it: from the folder they stand in.
    result = CliRunner().invoke(
        main, ["--config", told.config.name, *path, *ARGUMENTS.get(" ".join(path), []), "--json"]
    )

    assert result.exit_code in (0, 1), result.output  # doctor and status have found something
    assert json.loads(result.stdout) is not None


def test_whatever_lists_has_json() -> None:
    assert {path[0] for path in LISTING} >= {
        *("rules", "names", "sources", "matches", "stories", "search", "deliveries", "silence", "status", "doctor"),
        *("check", "test", "match", "route", "verdict", "backtest"),
    }


@pytest.mark.parametrize(
    ("code", "arguments"),
    [
        pytest.param(0, ["check"], id="fine"),
        pytest.param(1, ["explain", "nosucharticle"], id="something failed"),
        pytest.param(2, ["matches", "--nosuchoption"], id="usage"),
        pytest.param(3, ["--config", "faulty.yaml", "check"], id="configuration or rules invalid"),
        pytest.param(4, ["send-test", "hook"], id="unreachable: a channel"),
        pytest.param(4, ["sources", "test", "gone"], id="unreachable: a source"),
    ],
)
def test_exit_codes(told: Site, code: int, arguments: list[str]) -> None:
    told.sources["gone"] = "{url: 'http://127.0.0.1:1/feed'}"
    told.channels["hook"] = "{kind: webhook, url: 'http://127.0.0.1:1/hook'}"
    told.write()
    (told.folder / "faulty.yaml").write_text("version: 1\nchanels: {}\n", encoding="utf-8")

    assert told.rasid(*arguments).exit_code == code


def test_exit_code_75_while_another_writes(told: Site) -> None:
    with Store.open(told.database, write=True, now=now()):
        assert told.process("run", "--once").returncode == 75
