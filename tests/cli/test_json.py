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
    "deliveries replay": ["--channel", "desk", "--since", "2h"],
    "deliveries retry": ["--all"],
    "explain": ["article.json"],
    "format": ["rules.yaml"],
    "init": ["desk", "--yes"],
    "match": ["--rules", "rules.yaml", "article.json"],
    "names": ["depot"],
    "opml import": ["others/feeds.opml"],
    "restore": ["copy"],
    "route": ["--rule", "attack"],
    "run": ["--once"],
    "search": ["attack"],
    "send-test": ["desk"],
    "sources add": ["https://news.example/rss"],
    "sources pause": ["wire"],
    "sources resume": ["wire"],
    "sources test": ["wire"],
}
"""What commands are given; others take nothing."""

NEEDS_A_DAEMON = {"reload"}

LISTS_NOTHING = {
    *("demo", "deliveries replay", "deliveries retry", "format", "init", "install-service", "opml import", "restore"),
    *("run", "send-test", "sources add", "sources pause", "sources resume"),
    *("explain", "export", "opml export"),  # a letter to a person; two formats of their own
}
"""Commands without --json: they do something and say so."""

OWN_CODE = {
    **dict.fromkeys(("demo", "format", "init", "match"), 0),  # need no configuration
    "status": 0,  # shows what is faulty
    "doctor": 1,  # finds it
    "reload": 1,  # no daemon runs
}
"""What commands exit with when the configuration is faulty; others with 3."""


def commands(group: click.Group, before: str = "") -> Iterator[tuple[str, click.Command]]:
    """Every command, and every group that does something by itself, with its words."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        if not isinstance(command, click.Group) or command.invoke_without_command:
            yield before + name, command
        if isinstance(command, click.Group):
            yield from commands(command, f"{before}{name} ")


assert isinstance(main, click.Group)
COMMANDS = dict(commands(main))
LISTING = [name for name, command in COMMANDS.items() if any("--json" in one.opts for one in command.params)]


def line(name: str, *more: str) -> list[str]:
    """A command's words and what it is given."""
    return [*name.split(), *ARGUMENTS.get(name, []), *more]


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


@pytest.mark.parametrize("name", [one for one in LISTING if one not in NEEDS_A_DAEMON])
def test_json_is_one_document(told: Site, name: str) -> None:
    # The configuration as most name it: from the folder they stand in.
    result = CliRunner().invoke(main, ["--config", told.config.name, *line(name, "--json")])

    assert result.exit_code in (0, 1), result.output  # doctor and status have found something
    assert json.loads(result.stdout) is not None


def test_whatever_lists_has_json() -> None:
    assert set(COMMANDS) - set(LISTING) == LISTS_NOTHING


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_exits_2_for_a_slip_in_its_line(site: Site, name: str) -> None:
    result = site.rasid(*line(name, "--nosuchoption"))

    assert (result.exit_code, "--nosuchoption" in result.stderr) == (2, True)


@pytest.mark.parametrize("name", [name for name in COMMANDS if name not in ("demo", "init", "install-service")])
def test_each_command_exits_3_for_a_faulty_configuration(
    site: Site, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (site.folder / "article.json").write_text(json.dumps(ATTACK), encoding="utf-8")
    (site.folder / "copy").touch()
    (site.folder / "others").mkdir()
    (site.folder / "others" / "feeds.opml").touch()
    site.config.write_text("version: 1\nchanels: {}\n", encoding="utf-8")
    monkeypatch.chdir(site.folder)

    result = site.rasid(*line(name))

    assert result.exit_code == OWN_CODE.get(name, 3), result.output
    assert name in OWN_CODE or "monitor.yaml:2:1: " in result.output


def test_each_command_that_lists_nothing_exits_0_when_it_worked(told: Site) -> None:
    (told.folder / "others").mkdir()
    opml = '<opml version="2.0"><body><outline xmlUrl="https://far.example/rss"/></body></opml>'
    (told.folder / "others" / "feeds.opml").write_text(opml, encoding="utf-8")
    assert told.rasid("backup", "copy").exit_code == 0
    tried = sorted(LISTS_NOTHING - {"demo", "run"})  # those at length elsewhere

    assert {name: told.rasid(*line(name)).exit_code for name in tried} == dict.fromkeys(tried, 0)


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


@pytest.mark.parametrize("name", ["run", "restore"])
def test_exit_code_75_while_another_writes(told: Site, name: str) -> None:
    assert told.rasid("backup", "copy").exit_code == 0

    with Store.open(told.database, write=True, now=now()):
        assert told.process(*line(name)).returncode == 75


def test_a_command_that_writes_is_not_taken_for_a_daemon(told: Site) -> None:
    with Store.open(told.database, write=True, now=now()):
        result = told.rasid("reload")

    assert result.exit_code == 1
    assert "no daemon but a command such as `rasid run --once` is at work" in result.stderr
