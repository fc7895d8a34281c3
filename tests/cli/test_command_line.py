"""The command as such: finding commands, the configuration, exit codes."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from monitor.cli import main
from tests.flows.site import Site

COMMANDS = [
    "backtest",
    "backup",
    "check",
    "deliveries",
    "demo",
    "doctor",
    "explain",
    "export",
    "format",
    "init",
    "install-service",
    "match",
    "matches",
    "names",
    "opml",
    "prune",
    "reload",
    "restore",
    "route",
    "rules",
    "run",
    "search",
    "send-test",
    "silence",
    "sources",
    "status",
    "stories",
    "test",
    "verdict",
]


def test_every_command_is_found_and_says_what_it_does() -> None:
    result = CliRunner().invoke(main, ["--help"])
    assert result.exit_code == 0
    assert [line.split()[0] for line in result.output.partition("Commands:\n")[2].splitlines()] == COMMANDS


@pytest.mark.parametrize("name", [*COMMANDS, "why"])
def test_every_command_has_help_with_an_example(name: str) -> None:
    result = CliRunner().invoke(main, [name, "--help"])
    assert (result.exit_code, "Usage:" in result.output) == (0, True)
    wanted = "explain" if name == "why" else name
    assert re.search(rf"(?i)example:\s[^-]*?rasid (--config\s+\S+\s+)?{wanted}\b", result.output), result.output


def test_a_shell_completes_commands_and_options() -> None:
    def completed(line: str) -> set[str]:
        words = {"_RASID_COMPLETE": "bash_complete", "COMP_WORDS": line, "COMP_CWORD": str(line.count(" "))}
        program = [sys.executable, "-c", "from monitor.cli import main; main(prog_name='rasid')"]
        done = subprocess.run(program, env={**os.environ, **words}, capture_output=True, text=True, timeout=60)
        return {found.partition(",")[2] for found in done.stdout.split()}

    assert completed("rasid st") == {"status", "stories"}
    assert "--json" in completed("rasid status --")


def test_an_unknown_command_is_a_usage_error_with_a_hint() -> None:
    result = CliRunner().invoke(main, ["serach"])
    assert (result.exit_code, "unknown command 'serach' (did you mean 'search'?)" in result.output) == (2, True)


def test_python_m_monitor_is_the_command() -> None:
    done = subprocess.run([sys.executable, "-m", "monitor", "--version"], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("rasid, version ")


def in_folder(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    env = {key: value for key, value in os.environ.items() if key != "RASID_CONFIG"} | environment
    command = [sys.executable, "-m", "monitor", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, env=env, check=False)


def test_without_a_configuration_the_command_says_where_it_looked(tmp_path: Path) -> None:
    done = in_folder(tmp_path, "check")
    assert done.returncode == 3
    assert "there is no config/monitor.yaml here; name one with --config PATH or RASID_CONFIG" in done.stderr


def test_the_configuration_of_the_working_folder_is_found(tmp_path: Path, site: Site) -> None:
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "monitor.yaml").write_text("version: 1\nrules: [../rules.yaml]\ndefaults: {notify: []}\n")
    assert in_folder(tmp_path, "check").returncode == 0


def test_the_environment_names_the_configuration(tmp_path: Path, site: Site) -> None:
    assert in_folder(Path("/"), "check", RASID_CONFIG=str(site.config)).returncode == 0


def test_a_configuration_that_is_not_there_is_invalid(tmp_path: Path) -> None:
    done = in_folder(tmp_path, "--config", "nope.yaml", "check")
    assert (done.returncode, "nope.yaml: cannot be read: no such file" in done.stderr + done.stdout) == (3, True)


@pytest.mark.parametrize("command", [["matches"], ["deliveries"], ["search", "x"], ["explain", "a1234567"]])
def test_before_the_first_run_listings_say_what_to_type(site: Site, command: list[str]) -> None:
    result = site.rasid(*command)
    assert (result.exit_code, "type: rasid run --once" in result.stderr) == (1, True)


def test_a_bad_duration_is_a_usage_error(site: Site) -> None:
    result = site.rasid("matches", "--since", "soon")
    assert (result.exit_code, "'soon' is not a duration" in result.output) == (2, True)
