"""Secrets of the configuration: `${env:NAME}` and `${file:name}`, looked up once and hidden ever after.

`Secrets` resolves references inside texts and remembers every value it gave out, so that `redact` can take them out
of whatever is printed or logged. It never decides what a missing secret means: the configuration does. The name of a
secret is none.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

HIDDEN = "***"
# Shorter values would blacken ordinary words of a message and protect nothing.
SHORTEST = 4
_REFERENCE = re.compile(r"\$\{([^}]*)\}?")
# What of a faulty reference may be shown: the name of a variable. All else, and letters mixed with digits, may be
# the secret itself, pasted where its name should stand.
_SAYABLE = re.compile(r"(?!\w*(?=[A-Za-z]*\d)(?=\d*[A-Za-z])[A-Za-z0-9]{12})[A-Za-z_][A-Za-z0-9_]{0,39}")
_ENV = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_FILE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*")


class MissingSecret(Exception):
    """A reference is well written, but there is no usable value behind it; the text says why and what to do."""


class Options(dict[str, Any]):
    """The options of a source or channel: a dict whose values never appear in `repr`, however deep they lie."""

    def __repr__(self) -> str:
        return f"Options({', '.join(f'{key}={HIDDEN}' for key in self)})"

    __str__ = __repr__


class Hidden:
    """Values that are to appear nowhere, each with what stands in its place."""

    def __init__(self) -> None:
        self._shown: dict[str, str] = {}
        self._pattern: re.Pattern[str] | None = None

    def __repr__(self) -> str:
        return f"{type(self).__name__}({len(self._shown)} hidden)"

    def hide(self, value: str, shown: str = HIDDEN) -> None:
        """Remember that `value` is to be replaced by `shown` wherever it appears, also quoted for a URL or JSON."""
        if len(value) < SHORTEST:
            return
        for form in (value, quote(value, safe=""), quote(value), json.dumps(value)[1:-1]):
            self._shown[form] = shown
        self._pattern = None

    def hide_url(self, url: str, *, keep_path: bool) -> None:
        """Remember a URL: user info and query are secret, and without `keep_path` the path too (a webhook's key)."""
        if keep_path and not any(sign in url for sign in "@?#"):
            return  # nothing in it is secret: the usual case, ten thousand times
        first, *others = _REFERENCE.split(url)
        if others:  # by turns what stands in a faulty reference and what stands behind it
            self.hide_url(first, keep_path=keep_path)
            for part in (*(inside for inside in others[::2] if "..." in _said(inside)), *others[1::2]):
                if len(part) >= 8:
                    self.hide(part)
            return
        try:
            parts = urlsplit(url)
            host = parts.hostname or ""
            port = f":{parts.port}" if parts.port else ""
        except ValueError:
            self.hide(url)
            return
        path = parts.path if keep_path or len(parts.path) <= 1 else "/" + HIDDEN
        safe = f"{parts.scheme}://{host}{port}{path}"
        if safe != url:
            self.hide(url, safe)
        for part in (parts.username, parts.password, *_query_values(parts.query)):
            if part and len(part) >= 8:
                self.hide(part)
        if not keep_path and len(parts.path) >= 8:
            self.hide(parts.path, "/" + HIDDEN)
            for segment in parts.path.split("/"):
                if len(segment) >= 16:
                    self.hide(segment)

    def redact(self, text: str) -> str:
        """Return `text` without any secret given out so far."""
        if not self._shown:
            return text
        pattern = self._pattern
        if pattern is None:
            longest_first = sorted(self._shown, key=len, reverse=True)
            pattern = self._pattern = re.compile("|".join(map(re.escape, longest_first)))
        return pattern.sub(lambda found: self._shown[found[0]], text)

    def beside(self, other: Hidden) -> Hidden:
        """What hides the values of both; neither is changed."""
        if other._shown.keys() <= self._shown.keys():
            return self
        both = Hidden()
        both._shown = {**self._shown, **other._shown}
        return both


class Secrets(Hidden):
    """Looks secrets up in the environment and in files, and hides them in texts."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        super().__init__()
        self._folder = folder
        self._environment = environment

    def resolve(self, text: str) -> str:
        """Return `text` with every reference replaced by its secret.

        Raises ValueError for a reference that is neither `${env:NAME}` nor `${file:name}`, MissingSecret for one
        without a usable value.
        """
        return _REFERENCE.sub(self._lookup, text)

    def _lookup(self, found: re.Match[str]) -> str:
        kind, _, name = found[1].partition(":")
        if not found[0].endswith("}"):
            raise ValueError(f"'${{' is not closed; write {_meant('...')}")
        if kind == "env" and _ENV.fullmatch(name):
            value = self._environment.get(name, "")
            if not value:
                raise MissingSecret(f"the environment has no {name}; set it, or write the secret to a file")
        elif kind == "file" and _FILE.fullmatch(name):
            value = self._file(name)
        else:
            said = _said(found[1])
            raise ValueError(f"'${{{said}}}' names no secret; write {_meant(said.rpartition(':')[2])}")
        self.hide(value)
        return value

    def _file(self, name: str) -> str:
        credentials = self._environment.get("CREDENTIALS_DIRECTORY", "")
        # systemd guards its own folder and may show an ACL as the group's right to read.
        places = [(Path(credentials), 0o007)] if credentials else []
        places.append((self._folder, 0o077))
        for folder, forbidden in places:
            path = folder / name
            try:
                mode = path.stat().st_mode
                if mode & forbidden:
                    raise MissingSecret(f"{path} can be read by others; type: chmod 600 {path}")
                value = path.read_text(encoding="utf-8").strip()
            except FileNotFoundError:
                continue
            except (OSError, UnicodeDecodeError) as error:
                reason = getattr(error, "strerror", None) or "not UTF-8"
                raise MissingSecret(f"{path} cannot be read: {reason}") from error
            if not value:
                raise MissingSecret(f"{path} is empty")
            return value
        looked = " or ".join(str(folder / name) for folder, _ in places)
        raise MissingSecret(f"there is no {looked}; write the secret there and type chmod 600")


def _said(inside: str) -> str:
    """What is shown of the inside of a faulty reference: its kind, and its name or "..."."""
    kind, colon, name = inside.rpartition(":")
    if kind not in ("", "env", "file"):
        return "..."
    return kind + colon + (name if _SAYABLE.fullmatch(name) else "...")


def _meant(name: str) -> str:
    """The two ways to name a secret that bears `name`; "..." stands for one that is not to be shown."""
    variable, name = ("NAME", "name") if name == "..." else (name.upper(), name)
    return f"${{env:{variable}}} or ${{file:{name}}}"


def _query_values(query: str) -> list[str]:
    return [part.partition("=")[2] for part in query.split("&")]
