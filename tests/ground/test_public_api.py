"""The public API, pinned: names, homes and signatures that programs which embed Rasid rely on."""

from __future__ import annotations

import importlib
import inspect
import subprocess
import sys

import pytest

import monitor

NAMES = ["Article", "Match", "MonitorError", "Ruleset", "Span", "Store", "find", "load_config", "load_rules"]


def test_the_public_names_are_exactly_these() -> None:
    assert sorted(monitor.__all__) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_every_public_name_is_there_and_documented(name: str) -> None:
    assert inspect.getdoc(getattr(monitor, name))


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="module 'monitor' has no attribute 'Bogus'"):
        _ = monitor.Bogus


def test_find_is_called_as_promised() -> None:
    parameters = inspect.signature(monitor.find).parameters
    assert list(parameters) == ["term", "text", "mode", "lang", "translit"]
    assert [p.default for p in parameters.values()][2:] == ["word", None, False]


def test_a_ruleset_matches_and_explains() -> None:
    assert list(inspect.signature(monitor.Ruleset.match).parameters) == ["self", "article"]
    assert list(inspect.signature(monitor.Ruleset.explain).parameters) == ["self", "article", "rule_id"]


def test_load_rules_takes_paths() -> None:
    first = next(iter(inspect.signature(monitor.load_rules).parameters.values()))
    assert (first.name, first.kind) == ("paths", inspect.Parameter.VAR_POSITIONAL)


def test_a_worker_that_imports_the_package_loads_no_room() -> None:
    code = "import sys, monitor; print([m for m in sys.modules if m.startswith('monitor.')])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_every_module_of_the_package_can_be_imported_by_itself() -> None:
    for name in sorted(set(monitor._HOMES.values())):
        assert importlib.import_module(name).__doc__
