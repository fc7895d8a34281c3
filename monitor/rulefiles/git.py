"""Read a rule file as it was at a revision of git. Nothing is changed, and nothing is fetched."""

from __future__ import annotations

import os
import shutil
import subprocess  # runs only git, with arguments that cannot be taken for options
from pathlib import Path

from monitor.errors import MonitorError
from monitor.yamltext import MOST_BYTES

PATIENCE_S = 30


def is_versioned(path: Path) -> bool:
    """Whether the file lies in a repository that has a commit, and git is at hand."""
    try:
        return bool(_git(path, "rev-parse", "--verify", "--quiet", "HEAD^{commit}"))
    except MonitorError:
        return False


def at_revision(path: Path, revision: str) -> bytes:
    """The bytes of a file at a revision; nothing where it was not there yet.

    Raises MonitorError when git is missing, the file lies in no repository, or there is no such revision.
    """
    if not _git(path, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}", "--"):
        raise MonitorError(f"{path}: there is no revision {revision!r} in its repository")
    name = f"{revision}:./{path.name}"
    size = _git(path, "cat-file", "-s", name)
    if not size:
        return b""
    if int(size) > MOST_BYTES:
        raise MonitorError(f"{path} at {revision}: it has {int(size):,} bytes; at most {MOST_BYTES:,} are read")
    return _git(path, "cat-file", "blob", name)


def _git(path: Path, *arguments: str) -> bytes:
    """What git prints in the file's folder; nothing when it finds nothing."""
    program = shutil.which("git")
    if program is None:
        raise MonitorError("git:REV needs the program git, which is not installed")
    folder = path.resolve().parent
    try:
        done = subprocess.run(  # noqa: S603 - git itself; no argument begins with a dash but ours
            [program, "-C", str(folder), *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=PATIENCE_S,
            check=False,
            env={**os.environ, "GIT_NO_LAZY_FETCH": "1", "GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"},
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise MonitorError(f"git does not answer in {folder}: {error}") from error
    if b"not a git repository" in done.stderr or b"dubious ownership" in done.stderr:
        raise MonitorError(f"{path} lies in no git repository that {folder} may use")
    return done.stdout if done.returncode == 0 else b""
