"""The project as a whole: its locks agree, its wheel holds only the package, its gate is the README's."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
import zipfile
from importlib import metadata
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.conftest import ROOT


def locked(path: Path) -> dict[tuple[str, str], set[str]]:
    """Name and version to the set of hashes, as `requirements.lock` lists them."""
    found: dict[tuple[str, str], set[str]] = {}
    for block in re.split(r"\n(?=\S)", path.read_text()):
        name, version = re.match(r"([a-z0-9._-]+)==([^\s;]+)", block).groups()  # type: ignore[union-attr]
        found[name, version] = set(re.findall(r"--hash=(\S+)", block))
    return found


def files_of(package: dict[str, Any]) -> list[dict[str, Any]]:
    return [*package.get("wheels", ()), *([package["sdist"]] if "sdist" in package else [])]


def test_requirements_lock_holds_exactly_what_uv_lock_holds() -> None:
    packages = tomllib.loads((ROOT / "uv.lock").read_text())["package"]
    expected = {
        (package["name"], package["version"]): {file["hash"] for file in files_of(package)}
        for package in packages
        if package["name"] != "rasid"
    }
    assert locked(ROOT / "requirements.lock") == expected


def test_every_dependency_of_the_project_file_is_locked() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    groups = project["dependency-groups"].values()
    wanted = [*project["project"]["dependencies"], *(line for group in groups for line in group)]
    names = {re.match(r"[A-Za-z0-9._-]+", line)[0].lower() for line in wanted}  # type: ignore[index]
    assert names <= {name for name, _ in locked(ROOT / "requirements.lock")}


def test_the_locks_are_complete_so_that_nothing_is_left_to_resolve() -> None:
    names = {name for name, _ in locked(ROOT / "requirements.lock")}
    for installed in metadata.distributions():
        name = canonicalize_name(installed.name)
        for line in installed.requires or () if name in names else ():
            needed = Requirement(line)
            if needed.marker is None or needed.marker.evaluate({"extra": ""}):
                assert canonicalize_name(needed.name) in names, f"{name} needs {needed}"
                assert needed.specifier.contains(metadata.version(needed.name), prereleases=True), f"{name}: {needed}"


def test_committed_locks_name_no_download_address() -> None:
    for lock in ("uv.lock", "requirements.lock"):  # as committed: `uv run` writes addresses into the working copy
        show = subprocess.run(["git", "show", f"HEAD:{lock}"], cwd=ROOT, capture_output=True, text=True, check=True)
        assert "hash" in show.stdout
        assert "://" not in show.stdout, lock


def test_the_wheel_holds_only_the_package(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", tmp_path], cwd=ROOT, check=True)
    (wheel,) = tmp_path.glob("*.whl")
    tops = {name.split("/")[0] for name in zipfile.ZipFile(wheel).namelist()}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"monitor"}


def test_ci_runs_the_same_test_command_as_the_readme() -> None:
    assert "python3 bootstrap.py test" in (ROOT / ".ci" / "run").read_text()
    assert "python3 bootstrap.py test" in (ROOT / "README.md").read_text()


def test_every_module_says_in_its_first_line_what_it_is() -> None:
    silent = [str(path) for path in (ROOT / "monitor").rglob("*.py") if not path.read_text().startswith('"""')]
    assert silent == []


def test_no_module_is_longer_than_400_lines() -> None:
    owed = {"model.py"}  # its reason: every shared type has one home
    long = {path.name for path in (ROOT / "monitor").rglob("*.py") if len(path.read_text().splitlines()) > 400}
    assert long <= owed
