"""Where metrics are served: an address and a port, best of this machine; and what is shipped to read them."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from monitor.config import inspect_config
from monitor.config.web import Web
from monitor.web.exposition import COUNTERS, GAUGES
from tests.conftest import ROOT


def read(folder: Path, text: str) -> tuple[Web | None, list[str]]:
    path = folder / "monitor.yaml"
    path.write_text(f"version: 1\n{text}\n", encoding="utf-8")
    config, problems = inspect_config(path, environment={})
    assert config is not None
    return config.web, [f"{problem.line}: {problem.level}: {problem.message}" for problem in problems]


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("127.0.0.1:9464", "127.0.0.1", 9464),
        ("localhost:80", "127.0.0.1", 80),
        ("[::1]:9464", "::1", 9464),
        ("127.0.0.1:٩٤٦٤", "127.0.0.1", 9464),
    ],
)
def test_an_address_and_a_port(text: str, host: str, port: int, tmp_path: Path) -> None:
    assert read(tmp_path, f'web: {{listen: "{text}"}}') == (Web(host=host, port=port), [])


def test_without_it_nothing_is_served(tmp_path: Path) -> None:
    assert read(tmp_path, "") == (None, [])


def test_an_address_that_others_reach_is_a_warning(tmp_path: Path) -> None:
    web, (problem,) = read(tmp_path, 'web: {listen: "0.0.0.0:9464"}')
    assert web == Web(host="0.0.0.0", port=9464)
    assert problem.startswith("2: warning: listen: whoever reaches this address")


@pytest.mark.parametrize("text", ["9464", "example.org:9464", "127.0.0.1:99999", "127.0.0.1:", "127.0.0.1:-1"])
def test_anything_else_is_refused_with_an_example(text: str, tmp_path: Path) -> None:
    web, (problem,) = read(tmp_path, f'web: {{listen: "{text}"}}')
    assert web is None
    assert "write for example 127.0.0.1:9464" in problem


def test_a_missing_or_unknown_key_is_told(tmp_path: Path) -> None:
    _, problems = read(tmp_path, "web: {port: 9464}")
    assert any("unknown key 'port'" in problem for problem in problems)
    assert any("'listen' is missing" in problem for problem in problems)


@pytest.mark.parametrize("path", ["grafana/rasid.json", "prometheus/rasid.yaml", "prometheus/rasid.test.yaml"])
def test_what_is_shipped_asks_only_for_figures_there_are(path: str) -> None:
    text = (ROOT / "config" / path).read_text(encoding="utf-8")
    known = {f"rasid_{name}_total" for name in COUNTERS} | {f"rasid_{name}" for name in GAUGES}
    asked = set(re.findall(r"\brasid_[a-z_]+", text))
    assert asked
    assert asked - known == set()


def test_the_dashboard_shows_every_counter() -> None:
    board = json.loads((ROOT / "config" / "grafana" / "rasid.json").read_text(encoding="utf-8"))
    asked = " ".join(target["expr"] for panel in board["panels"] for target in panel["targets"])
    assert [name for name in COUNTERS if f"rasid_{name}_total" not in asked] == ["files"]
    assert len({panel["id"] for panel in board["panels"]}) == len(board["panels"])


def test_what_is_shipped_shows_every_figure_but_a_few() -> None:
    shipped = "".join(
        (ROOT / "config" / path).read_text() for path in ("grafana/rasid.json", "prometheus/rasid.yaml")
    )
    asked = set(re.findall(r"\brasid_([a-z_]+)", shipped))
    assert GAUGES.keys() - asked == {"rules", "offline", "silences", "last_success_timestamp_seconds"}
