"""`config/monitor.yaml` holds every option there is, and every option that it shows loads."""

from __future__ import annotations

import importlib
import pkgutil
import re
from pathlib import Path

from click.testing import CliRunner
from pydantic import BaseModel

from monitor import channels, config, sources
from monitor.channels.options import Options as ChannelOptions
from monitor.cli import main
from monitor.config import inspect_config
from monitor.config.calm import KEYS as CALM_KEYS
from monitor.config.fetch import KEYS as FETCH_KEYS
from monitor.daemon import check_kinds
from monitor.errors import Level
from monitor.sources.options import Options as SourceOptions
from tests.conftest import ROOT

PAGE = ROOT / "config" / "monitor.yaml"
SECRETS = {
    "signing": "whsec_" + "QUJD" * 12,
    "telegram-token": "1:secret",
    "ntfy": "secret",
    "slack-token": "xoxb-1",
    "apprise": "json://hooks.example",
}
REFUSED = {"auth"}  # known only to say what to write instead


def shown(text: str) -> set[str]:
    """Every key of the page, also behind #."""
    return set(re.findall(r"(?:^|[ {,])([a-z_]+):(?= |$)", text, re.MULTILINE))


def unhashed() -> str:
    """The page with everything that it shows behind #."""
    return re.sub(r"(?m)^( *)# (?!yaml-)( *[a-z_-]+:)", r"\1\2", PAGE.read_text(encoding="utf-8"))


def secrets_for(text: str, folder: Path) -> None:
    """Write a secret for each that a configuration in `folder` names."""
    secrets = folder / "secrets"
    secrets.mkdir(mode=0o700)
    for name in re.findall(r"\$\{file:([\w-]+)\}", text):
        value = next((text for word, text in SECRETS.items() if word in name), "https://hooks.example/T0/secret")
        (secrets / name).write_text(value)
        (secrets / name).chmod(0o600)


def options(package: object, base: type[BaseModel]) -> dict[str, set[str]]:
    """The options of each kind, by the module that holds it."""
    found: dict[str, set[str]] = {}
    for info in pkgutil.iter_modules(package.__path__):  # type: ignore[attr-defined]
        module = importlib.import_module(f"{package.__name__}.{info.name}")  # type: ignore[attr-defined]
        for value in vars(module).values():
            if isinstance(value, type) and issubclass(value, base) and value is not base:
                names = {field.alias or name for name, field in value.model_fields.items()}
                found.setdefault(info.name, set()).update(names)
    return found


def test_the_page_shows_every_option_of_the_configuration_itself() -> None:
    wanted = {*config._TOP, *FETCH_KEYS}
    assert wanted - shown(PAGE.read_text(encoding="utf-8")) == set()


def test_the_page_shows_what_every_channel_may_ask_for() -> None:
    assert {*CALM_KEYS, "drill"} - shown(PAGE.read_text(encoding="utf-8")) == set()


def test_the_page_shows_every_kind_and_every_option_of_it() -> None:
    text = PAGE.read_text(encoding="utf-8")
    every = options(sources, SourceOptions) | options(channels, ChannelOptions)
    assert {"feed", "folder", "webhook"} <= set(every)
    assert {f"{kind}.{name}" for kind, names in every.items() for name in names - REFUSED - shown(text)} == set()
    for kind in channels.kinds():
        assert f"kind: {kind}" in text


def test_rasid_check_finds_no_error_in_the_page() -> None:
    result = CliRunner().invoke(main, ["--config", str(PAGE), "check"])
    assert result.exit_code == 0, result.output


def test_every_example_behind_a_hash_loads(tmp_path: Path) -> None:
    text = unhashed().replace("../rules", str(ROOT / "rules")).replace("enabled: no", "enabled: yes")
    assert "\n    give_up:" in text
    path = tmp_path / "monitor.yaml"
    path.write_text(text, encoding="utf-8")
    (tmp_path / "feeds.opml").write_text('<opml><body><outline xmlUrl="https://news.example/rss"/></body></opml>')
    secrets_for(text, tmp_path)
    loaded, problems = inspect_config(path, environment={"HOOK_TOKEN": "token"})
    assert loaded is not None
    every = [*problems, *check_kinds(loaded)]
    assert [str(problem) for problem in every if problem.level is Level.ERROR] == []
    assert {spec.kind for spec in loaded.channels} == set(channels.kinds())
