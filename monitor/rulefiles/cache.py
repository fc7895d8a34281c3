"""Keep the inflected forms that rules needed between two starts, so that the next one reads no tables.

One JSON file in `$CACHE_DIRECTORY`, `$XDG_CACHE_HOME/rasid` or `~/.cache/rasid`. It is only a memory: what cannot be
read, is another user's, or was made by other words or another simplemma is left alone and worked out again.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import stat
from collections.abc import Iterable, Mapping
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any, BinaryIO

import monitor.rules.forms
import monitor.text
from monitor.rules import forms
from monitor.rules.forms import Asked, Inflected, Kind
from monitor.rules.wording import Term
from monitor.rules.words import asked

MOST_BYTES = 20_000_000
"""Size of the file; one that would be larger keeps only what the rules at hand need, or is not written."""

NAME = "forms.json"

_log = logging.getLogger(__name__)

Expansions = Mapping[Asked, tuple[Inflected, ...]]


def expand(terms: Iterable[Term]) -> None:
    """Work out the inflected forms that terms need, those that an earlier start kept aside."""
    wanted = {one for term in terms for one in asked(term)}
    if wanted <= forms.known().keys():
        return
    place = folder(os.environ)
    forms.learn(load(place))
    if not wanted <= forms.known().keys():
        forms.expand_all(sorted(wanted))
        known = forms.known()
        save(place, known, {one: known[one] for one in wanted})


def load(folder: Path | None) -> Expansions:
    """Return what an earlier start kept; nothing when there is none or it cannot be used."""
    if folder is None:
        return {}
    path = folder / NAME
    try:
        with opened(path, MOST_BYTES) as file:
            return _decode(json.loads(file.read(MOST_BYTES)))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, RecursionError) as error:
        _log.warning("cache of word forms left alone", extra={"path": str(path), "reason": str(error)})
        return {}


def save(folder: Path | None, expansions: Expansions, needed: Expansions) -> None:
    """Keep expansions; only the `needed` ones when all are too many. Goes on without when it cannot write."""
    if folder is None:
        return
    raw = _encode(expansions)
    if len(raw) > MOST_BYTES:
        raw = _encode(needed)
    if len(raw) > MOST_BYTES:
        _log.warning("cache of word forms not written", extra={"path": str(folder / NAME), "reason": "too large"})
        return
    try:
        write(folder, NAME, [raw])
    except OSError as error:
        _log.warning("cache of word forms not written", extra={"path": str(folder / NAME), "reason": str(error)})


def opened(path: Path, most: int) -> BinaryIO:
    """Open a file that this user left here. Raises OSError, or ValueError for anything else and for one too large."""
    # Without waiting: a named pipe put there would never answer.
    file = os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW), "rb")
    status = os.fstat(file.fileno())
    reason = f"larger than {most:,} bytes" if status.st_size > most else ""
    if not stat.S_ISREG(status.st_mode) or status.st_uid != os.geteuid():
        reason = "not a file of this user"
    if reason:
        file.close()
        raise ValueError(reason)
    return file


def write(folder: Path, name: str, chunks: Iterable[bytes | bytearray | memoryview]) -> None:
    """Put a file of this user's own in the place of another, whole or not at all. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with NamedTemporaryFile(dir=folder, prefix=f".{name}-", delete=False) as file:
        try:
            for chunk in chunks:
                file.write(chunk)
            file.close()
            Path(file.name).replace(folder / name)
        except OSError:
            with suppress(OSError):
                Path(file.name).unlink()
            raise


def folder(environment: Mapping[str, str]) -> Path | None:
    """Return where the cache lies; None where nothing says so.

    systemd may name several directories; the first is ours.
    """
    if given := environment.get("CACHE_DIRECTORY", "").split(":")[0]:
        return Path(given)
    for name, below in (("XDG_CACHE_HOME", "rasid"), ("HOME", ".cache/rasid")):
        home = environment.get(name, "")
        if Path(home).is_absolute():
            return Path(home) / below
    return None


def _digest() -> str:
    """Changes with simplemma and with every source file that makes forms."""
    found = hashlib.sha256(version("simplemma").encode())
    for package in (monitor.rules.forms, monitor.text):
        for home in package.__path__:
            for path in sorted(Path(home).glob("*.py")):
                found.update(path.read_bytes())
    return found.hexdigest()


def _encode(expansions: Expansions) -> bytes:
    forms: dict[str, dict[str, list[str]]] = {}
    for (language, word), inflected in expansions.items():
        forms.setdefault(language, {})[word] = [_mark(form) for form in inflected]
    return json.dumps({"digest": _digest(), "forms": forms}, ensure_ascii=False).encode(errors="surrogatepass")


def _mark(form: Inflected) -> str:
    return form.text if form.kind is Kind.WORD else f"{form.text}/{form.kind}"


def _decode(data: Any) -> Expansions:
    """Raises ValueError for anything but what `_encode` makes; nothing of another digest."""
    if not isinstance(data, dict) or not isinstance(data.get("forms"), dict):
        raise ValueError("not a cache of forms")
    if data.get("digest") != _digest():
        return {}
    found: dict[Asked, tuple[Inflected, ...]] = {}
    for language, words in data["forms"].items():
        if not isinstance(words, dict):
            raise ValueError("not a cache of forms")
        for word, texts in words.items():
            if not isinstance(texts, list) or not all(isinstance(form, str) for form in texts):
                raise ValueError("not a cache of forms")
            found[language, word] = tuple(_form(form) for form in texts)
    return found


def _form(marked: str) -> Inflected:
    text, _, kind = marked.partition("/")
    return Inflected(text, Kind(kind) if kind else Kind.WORD)
