#!/usr/bin/env python3
"""One command from a fresh checkout to a running Rasid: makes .venv, installs what is locked, then does the work.

    python3 bootstrap.py demo      the main job on seeds/, offline once installed
    python3 bootstrap.py test      every check that CI runs
    python3 bootstrap.py install   only the installation
    python3 bootstrap.py bundle    an archive for hosts without internet: unpack it there, then this command as here
    python3 bootstrap.py lock      renew uv.lock and requirements.lock (for maintainers)
    python3 bootstrap.py ...       anything else goes to the `rasid` command

Standard library only. Installing again is skipped while the lock, the project file and Python stay the same.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
BIN = VENV / "bin"
LOCK = ROOT / "requirements.lock"
WHEELS = ROOT / "wheels"
SHIPPED = (
    "bootstrap.py",
    "pyproject.toml",
    "README.md",
    "CHANGELOG.md",
    "LICENSE",
    "monitor",
    "config",
    "rules",
    "seeds",
    "systemd",
    "docs",
)
STAMP = VENV / ".installed"
FLOORS = ("errors", "model", "timing", "metrics", "text", "rules", "stories", "alerting", "rhythm")
MEASURED = tuple(f"--cov=monitor.{floor}" for floor in FLOORS)
# Inside an activated .venv, sys.executable is the very Python that a new installation removes.
PYTHON = os.path.realpath(getattr(sys, "_base_executable", sys.executable))
# Only these are measured: the tracer of Python 3.11 fails now and then where threads start side by side.
PURE = ("tests/ground", "tests/text", "tests/rules", "tests/stories", "tests/alerting", "tests/rhythm")

CHECKS: tuple[tuple[str, ...], ...] = (
    ("ruff", "check", "."),
    ("ruff", "format", "--check", "."),
    ("mypy",),
    ("lint-imports",),
    ("pytest", "-n2", *PURE, "--cov-branch", *MEASURED, "--cov-report=term:skip-covered", "--cov-fail-under=100"),
    ("pytest", "-n3", *(f"--ignore={folder}" for folder in PURE)),
)


def main(arguments: list[str]) -> int:
    """Run one task and return its exit code."""
    if sys.version_info < (3, 11):
        print(f"Rasid needs Python 3.11 or newer; this is {sys.version.split()[0]}", file=sys.stderr)
        return 2
    task, *rest = arguments or ["help"]
    if task in {"help", "-h", "--help"}:
        print(__doc__)
        return 0
    if task == "lock":
        return lock()
    install()
    if task == "install":
        return 0
    if task == "bundle":
        return bundle()
    if task == "test":
        return test(rest)
    return subprocess.call([str(BIN / "rasid"), task, *rest])


def run(*command: str | Path) -> None:
    """Run a command from the checkout; end with its exit code when it fails."""
    done = subprocess.run([str(part) for part in command], cwd=ROOT, check=False)
    if done.returncode:
        sys.exit(done.returncode)


def install() -> None:
    """Make .venv and install the locked dependencies and the project, unless that is done already."""
    digest = hashlib.sha256(f"{sys.version}\0{PYTHON}\0".encode())
    for path in (LOCK, ROOT / "pyproject.toml"):
        digest.update(path.read_bytes())
    stamp = digest.hexdigest()
    if STAMP.exists() and STAMP.read_text() == stamp and (BIN / "rasid").exists():
        return
    print("Installing the locked dependencies into .venv (once) ...", file=sys.stderr, flush=True)
    shutil.rmtree(VENV, ignore_errors=True)
    # The lock is complete. Left to resolve, pip takes an extra (`coverage[toml]`) for another package, looks for its
    # newest version and fails on the missing hash as soon as that is newer than the lock.
    here: tuple[str | Path, ...] = ("--no-index", "--find-links", WHEELS) if WHEELS.is_dir() else ()
    locked = ("--no-deps", "--require-hashes", *here, "-r", LOCK)
    editable = ("--no-deps", "--no-build-isolation", *here, "-e", ".")
    if importlib.util.find_spec("ensurepip"):
        run(PYTHON, "-m", "venv", VENV)
        pip: tuple[str | Path, ...] = (
            BIN / "python",
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
        )
        run(*pip, *locked)
        run(*pip, *editable)
    else:  # Debian without python3-venv
        uv = borrow_uv()
        run(uv, "venv", "--quiet", "--python", PYTHON, VENV)
        pip = (uv, "pip", "install", "--quiet", "--python", BIN / "python")
        run(*pip, *locked)
        run(*pip, *editable)
    STAMP.write_text(stamp)


def borrow_uv() -> Path:
    """Return a uv program where Python has no ensurepip (pip's `--target` works even there), or exit with advice."""
    name = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
    advice = f"This Python cannot make environments. Type: sudo apt install {name}\nThen run this command again."
    if not importlib.util.find_spec("pip"):
        sys.exit(advice)
    tools = VENV / "tools"
    tools.mkdir(parents=True)
    pinned = tools / "uv.txt"
    pinned.write_text(re.search(r"^uv==(?:.*\\\n)*.*\n", LOCK.read_text(), re.MULTILINE)[0])  # type: ignore[index]
    pip = (
        PYTHON,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--require-hashes",
        "--target",
        str(tools),
        "-r",
        str(pinned),
    )
    if subprocess.call(pip, cwd=ROOT):
        sys.exit(advice)
    borrowed = ROOT / "build" / "uv"
    borrowed.parent.mkdir(exist_ok=True)
    shutil.copy(tools / "bin" / "uv", borrowed)
    shutil.rmtree(VENV)
    return borrowed


def test(rest: Sequence[str]) -> int:
    """Run every check; further arguments go to pytest alone, which then runs without the others."""
    environment = {**os.environ, "PATH": f"{BIN}{os.pathsep}{os.environ.get('PATH', '')}"}
    for check in [("pytest", *rest)] if rest else CHECKS:
        print(f"\n== {' '.join(check[:3])}", flush=True)
        code = subprocess.call([str(BIN / check[0]), *check[1:]], cwd=ROOT, env=environment)
        if code:
            print(f"\n{check[0]} failed (exit {code})", file=sys.stderr)
            return code
    return 0


def bundle() -> int:
    """Pack what a host without internet needs: the project, its locked wheels for this kind of machine and Python."""
    version = re.search(r'^version = "(.*)"', (ROOT / "pyproject.toml").read_text(), re.MULTILINE)[1]  # type: ignore[index]
    python = f"py{sys.version_info.major}{sys.version_info.minor}"
    folder = ROOT / "dist" / f"rasid-{version}-{python}-{sys.platform}-{platform.machine()}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name in SHIPPED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__", "secrets"))
        else:
            shutil.copy(ROOT / name, folder / name)
    export = ("export", "--quiet", "--frozen", "--no-emit-project", "--no-annotate", "--no-header")
    run(BIN / "uv", *export, "--no-dev", "--group", "build", "-o", folder / LOCK.name)
    pip = (BIN / "python", "-m", "pip", "download", "--quiet", "--disable-pip-version-check")
    run(*pip, "--no-deps", "--require-hashes", "-r", folder / LOCK.name, "-d", folder / WHEELS.name)
    print(shutil.make_archive(str(folder), "gztar", folder.parent, folder.name))
    shutil.rmtree(folder)
    return 0


def lock() -> int:
    """Resolve anew with uv, keep download addresses out of uv.lock, and export requirements.lock from it.

    An address would tie the lock to one index; name, version and hash suffice. Without `requires-dist` uv takes the
    lock for out of date: `uv run` then resolves to the same versions and writes the reader's own addresses.
    """
    uv = shutil.which("uv") or str(BIN / "uv")
    run(uv, "lock", "--quiet")
    text = (ROOT / "uv.lock").read_text()
    text = re.sub(r'registry = "https://[^"]*"', 'registry = "wheels"', text)
    text = re.sub(r'url = "https://[^"]*/([^"/]*)"', r'path = "\1"', text)
    text = re.sub(
        r"\n\[package\.metadata\]\nrequires-dist = \[.*?\n\]\n(?:provides-extras = .*?\n)?",
        "\n",
        text,
        flags=re.DOTALL,
    )
    (ROOT / "uv.lock").write_text(text)
    export = (uv, "export", "--quiet", "--frozen", "--no-emit-project", "--no-annotate", "--no-header")
    run(*export, "--all-groups", "-o", LOCK)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
