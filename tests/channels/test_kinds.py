"""Finding kinds of channels, and what a wrong kind says."""

from __future__ import annotations

import importlib
import pkgutil
from pathlib import Path

import pytest

from monitor import channels
from monitor.channels import Tools, build, kinds
from monitor.errors import ConfigError
from monitor.http.session import Session
from monitor.kinds import scan
from monitor.model import ChannelSpec, Place
from tests import channels as suite
from tests.channels.contract import Contract

KINDS = {
    "apprise",
    "discord",
    "email",
    "file",
    "mattermost",
    "ntfy",
    "slack",
    "stdout",
    "teams",
    "telegram",
    "webhook",
}


def _subclasses(kind: type[Contract]) -> set[type[Contract]]:
    children: list[type[Contract]] = kind.__subclasses__()
    return {kind}.union(*map(_subclasses, children))


def test_every_kind_in_the_package_is_found_by_its_file() -> None:
    assert set(kinds()) == KINDS
    assert all(kind.name == name for name, kind in kinds().items())


def test_every_kind_passes_the_contract() -> None:
    for module in pkgutil.iter_modules(suite.__path__):
        importlib.import_module(f"{suite.__name__}.{module.name}")

    tested = {getattr(contract, "kind", None) for contract in _subclasses(Contract)}
    assert set(channels.kinds()) <= tested


def test_an_installed_package_may_bring_a_kind_but_not_replace_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "pager.py").write_text("class Kind:\n    name = 'pager'\nKIND = Kind()\n")
    (tmp_path / "pager-1.dist-info").mkdir()
    (tmp_path / "pager-1.dist-info/METADATA").write_text("Metadata-Version: 2.1\nName: pager\nVersion: 1\n")
    entries = "[rasid.channels]\npager = pager:KIND\nwebhook = pager:KIND\n"
    (tmp_path / "pager-1.dist-info/entry_points.txt").write_text(entries)
    monkeypatch.syspath_prepend(tmp_path)

    scan.cache_clear()
    found = kinds()
    scan.cache_clear()

    assert {name: kind.name for name, kind in found.items()} == {name: name for name in {*KINDS, "pager"}}


@pytest.mark.parametrize(
    ("kind", "hint"),
    [("webhok", " (did you mean 'webhook'?)"), ("pigeon", f"; known are {', '.join(sorted(KINDS))}")],
)
def test_an_unknown_kind_is_an_error_at_its_place_that_names_the_known(kind: str, hint: str) -> None:
    spec = ChannelSpec(name="desk", kind=kind, options={}, where=Place(file="m.yaml", line=3, column=5))

    with pytest.raises(ConfigError) as caught:
        build(spec, Tools(session=Session(user_agent="rasid")))

    assert str(caught.value) == f"m.yaml:3:5: channel 'desk': unknown kind {kind!r}{hint}"
