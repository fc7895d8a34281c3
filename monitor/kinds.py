"""What kinds of sources and of channels share: how they are found, and how a fault of one is told.

A kind is a module of its package that holds `KIND`, or an entry point of another distribution. Reading their options
is in `options.py`, apart from here because the parser's worker process must not carry a validation library.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Collection, Mapping
from functools import cache
from importlib.metadata import entry_points
from types import MappingProxyType
from typing import Any

from monitor.errors import Level, Problem, did_you_mean
from monitor.model import Place


@cache
def scan(package: str, path: tuple[str, ...], group: str) -> Mapping[str, Any]:
    """Every kind by name: those of the package at `path`, then those of installed entry points of `group`.

    Scanned once a process: ten thousand sources ask for it.
    """
    found: dict[str, Any] = {}
    for module in pkgutil.iter_modules(path):
        kind = None if module.ispkg else getattr(importlib.import_module(f"{package}.{module.name}"), "KIND", None)
        if kind is not None:
            found[kind.name] = kind
    for point in entry_points(group=group):
        found.setdefault(point.name, point.load())
    return MappingProxyType(found)


def unknown(about: str, kind: str, known: Collection[str], where: Place) -> Problem:
    """The problem of a kind that does not exist."""
    hint = did_you_mean(kind, known) or f"; known are {', '.join(sorted(known))}"
    return problem(f"{about}: unknown kind {kind!r}{hint}", where.of("kind"))


def problem(message: str, where: Place, level: Level = Level.ERROR) -> Problem:
    """A problem at the place where something was configured."""
    return Problem(file=where.file, line=where.line, column=where.column, message=message, level=level)
