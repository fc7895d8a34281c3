"""Keep the text of the last good configuration, so that a start with a faulty one goes on by it.

One file of this user's alone in `$STATE_DIRECTORY`, `$XDG_STATE_HOME/rasid` or `~/.local/state/rasid`: not in the
database, since the text may hold secrets and says itself where the database is. What cannot be kept or read is done
without.
"""

from __future__ import annotations

import hashlib
import logging
import os
import stat
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from tempfile import NamedTemporaryFile

from monitor.timing import from_epoch
from monitor.yamltext import MOST_BYTES

_log = logging.getLogger(__name__)


def keep(path: Path, source: bytes, environment: Mapping[str, str]) -> None:
    """Keep the text of the configuration at `path`, which is good."""
    place = _place(path, environment)
    if place is None:
        return
    before = kept(path, environment)
    if before is not None and before[0] == source:
        return
    try:
        place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        # Made for this user alone.
        with NamedTemporaryFile(dir=place.parent, prefix=f".{place.name}-", delete=False) as file:
            try:
                file.write(source)
                file.flush()
                os.fsync(file.fileno())
                Path(file.name).replace(place)
            except OSError:
                with suppress(OSError):
                    Path(file.name).unlink()
                raise
    except OSError as error:
        why = (error.strerror or type(error).__name__).lower()
        _log.warning("the good configuration could not be kept for a later start", extra={"at": place, "why": why})


def kept(path: Path, environment: Mapping[str, str]) -> tuple[bytes, datetime] | None:
    """The text that was kept for the configuration at `path`, and since when it is good; None when there is none."""
    place = _place(path, environment)
    if place is None:
        return None
    try:
        with os.fdopen(os.open(place, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW), "rb") as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode) or status.st_uid != os.geteuid() or status.st_mode & 0o077:
                _log.warning("the kept configuration is not this user's alone; left alone", extra={"at": place})
                return None
            return file.read(MOST_BYTES), from_epoch(status.st_mtime_ns // 1_000_000)
    except OSError:
        return None


def _place(path: Path, environment: Mapping[str, str]) -> Path | None:
    name = f"last-good-{hashlib.sha256(os.fsencode(path.absolute())).hexdigest()[:16]}.yaml"
    if given := environment.get("STATE_DIRECTORY", "").split(":")[0]:
        return Path(given) / name
    for variable, below in (("XDG_STATE_HOME", "rasid"), ("HOME", ".local/state/rasid")):
        home = environment.get(variable, "")
        if Path(home).is_absolute():
            return Path(home) / below / name
    return None
