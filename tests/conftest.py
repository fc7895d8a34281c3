"""Fixtures every room shares: where the corpora are, and what a missing one means."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


def require(path: Path, what: str) -> Path:
    """Return `path` if it exists; else skip with a line, or fail where everything must run (RASID_TEST_ALL=1)."""
    if path.exists():
        return path
    line = f"{what} is not here: {path}"
    if os.environ.get("RASID_TEST_ALL") == "1":
        pytest.fail(line)
    pytest.skip(line)


def program(name: str) -> str:
    """The path of a program; without it as `require`."""
    return str(require(Path(shutil.which(name) or f"/usr/bin/{name}"), f"the program {name}"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the long tests."""
    items.sort(key=lambda item: item.get_closest_marker("long") is None)


@pytest.fixture(scope="session", autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Word forms and good configurations are kept in folders of the tests' own, also by the commands they start."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CACHE_DIRECTORY", str(tmp_path_factory.mktemp("cache")))
        patch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))
        yield


@pytest.fixture(scope="session")
def corpora() -> Path:
    """The folder of third-party corpora, `$RASID_CORPORA`."""
    return require(ROOT / os.environ.get("RASID_CORPORA", "../shared/corpora"), "the corpora folder")


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder beside the corpora, which also holds example rules and the real page."""
    return require(ROOT / os.environ.get("RASID_CORPORA", "../shared/corpora"), "the corpora folder").parent
