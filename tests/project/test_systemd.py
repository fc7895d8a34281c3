"""The systemd unit: valid, hardened, the one that the command writes, and bearable for the libraries in use."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from monitor.cli import _unit
from tests.conftest import ROOT, require
from tests.flows.receiver import Receiver
from tests.flows.site import ATTACK, Site

OPT = _unit.Installation(rasid=Path("/opt/rasid/.venv/bin/rasid"), config=Path("/etc/rasid/config/monitor.yaml"))
NO_MDWE = 77
# The kernel's own form of MemoryDenyWriteExecute, prctl(PR_SET_MDWE, PR_MDWE_REFUSE_EXEC_GAIN); children inherit it.
UNDER_MDWE = f"""
import ctypes, os, sys
if ctypes.CDLL(None).prctl(65, 1, 0, 0, 0):
    sys.exit({NO_MDWE})
os.execv(sys.argv[1], sys.argv[1:])
"""


def analyze(*arguments: str) -> subprocess.CompletedProcess[str]:
    program = require(Path(shutil.which("systemd-analyze") or "/usr/bin/systemd-analyze"), "systemd-analyze")
    return subprocess.run([program, *arguments], capture_output=True, text=True, check=False)


@pytest.fixture
def here(tmp_path: Path) -> Path:
    """The unit of this very environment, with a drop folder and a secret: `verify` wants programs that exist."""
    path = tmp_path / "rasid.service"
    installed = _unit.Installation(
        rasid=Path(sys.executable).absolute(),
        config=tmp_path / "monitor.yaml",
        writable=[tmp_path / "a drop"],
        credentials=[("desk-webhook", tmp_path / "desk-webhook")],
    )
    path.write_text(_unit.unit(installed), encoding="utf-8")
    return path


def test_the_unit_is_valid(here: Path) -> None:
    done = analyze("verify", "--man=no", str(here))
    assert (done.returncode, here.name in done.stderr) == (0, False), done.stderr


def test_the_unit_exposes_no_more_than_1_2(here: Path) -> None:
    done = analyze("security", "--offline=true", "--threshold=12", "--no-pager", str(here))
    assert done.returncode == 0, done.stdout


def test_the_files_in_systemd_are_what_the_command_writes_for_opt_rasid() -> None:
    assert (ROOT / "systemd" / "rasid.service").read_text(encoding="utf-8") == _unit.unit(OPT)
    assert (ROOT / "systemd" / "rasid.sysusers").read_text(encoding="utf-8") == _unit.USER
    assert (ROOT / "systemd" / "rasid.tmpfiles").read_text(encoding="utf-8") == _unit.tmpfiles(OPT)


def test_paths_with_spaces_percents_and_dollars_stay_one_word() -> None:
    text = _unit.unit(
        _unit.Installation(
            rasid=Path("/opt/my rasid/bin/rasid"), config=Path("/etc/r/100%.yaml"), writable=[Path("/$a")]
        )
    )
    assert 'ExecStart="/opt/my rasid/bin/rasid" --config /etc/r/100%%.yaml run\n' in text
    assert 'ReadWritePaths=-"/$$a"\n' in text


def test_an_installation_in_a_home_is_not_hidden_from_its_own_service() -> None:
    at_home = _unit.Installation(
        rasid=Path("/home/me/.venv/bin/rasid"), config=Path("/etc/rasid/config/monitor.yaml")
    )
    assert "ProtectHome=read-only\n" in _unit.unit(at_home)
    assert "ProtectHome=yes\n" in _unit.unit(OPT)


def test_the_main_job_runs_without_memory_that_is_writable_and_executable(tmp_path: Path) -> None:
    assert re.search(r"^MemoryDenyWriteExecute=yes$", _unit.unit(OPT), re.MULTILINE)
    probe = subprocess.run([sys.executable, "-c", UNDER_MDWE, "/bin/true"], check=False)
    if probe.returncode == NO_MDWE:
        pytest.skip("this kernel has no PR_SET_MDWE (Linux 6.3)")
    with Receiver() as receiver:
        site = Site(tmp_path, channels={"desk": f"{{kind: webhook, url: '{receiver.url}'}}"})
        site.put("a.json", ATTACK)
        (site.drop / "b.html").write_text("<title>Raid</title><p>An attack hit a port, officials said on Monday.</p>")
        command = [sys.executable, "-m", "monitor", "--config", str(site.config), "run", "--once"]
        done = subprocess.run(
            [sys.executable, "-c", UNDER_MDWE, *command],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert (done.returncode, len(receiver.bodies)) == (0, 2), done.stdout + done.stderr
