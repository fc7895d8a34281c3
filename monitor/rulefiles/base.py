"""Rules that were compiled before, from a pack: which files they were made of, and what a change of files touches."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from monitor.errors import Level, Problem
from monitor.rulefiles import packs
from monitor.rulefiles.files import File
from monitor.rulefiles.loading import Known, Loading, Settings, Texts, Wanted, beside_text, digest
from monitor.rules import packedrules
from monitor.rules.catalog import Catalog
from monitor.rules.compiler import provided_by
from monitor.rules.engine import Ruleset
from monitor.rules.packing import Packing
from monitor.yamltext import MOST_BYTES

PRINT_SIZE = 16


class FileKey(NamedTuple):
    """One rule file as it was: its name, the folder it was found by, and what its text and those beside it said."""

    name: str
    root: str
    digest: str
    beside: Mapping[str, str]

    def fits(self, wanted: Wanted, texts: Texts) -> bool:
        """Whether it is as it was."""
        try:
            source = texts.get(wanted.path, MOST_BYTES)
        except (OSError, ValueError):
            return False
        if (str(wanted.path), str(wanted.root), digest(source)) != self[:3]:
            return False
        return all(_said(texts, wanted, name) == said for name, said in self.beside.items())


def _said(texts: Texts, wanted: Wanted, name: str) -> str:
    raw = beside_text(texts, wanted.path.parent, wanted.root, name)[1]
    return raw if isinstance(raw, str) else digest(raw)


class Base:
    """A pack of rules, and what was said of it. Files are numbered by their place in it."""

    def __init__(self, kept: packs.Kept) -> None:
        about = self._about = kept.about
        self.files = [FileKey(*one) for one in about["files"]]
        self.rules = packedrules.PackedRules(kept.parts)
        self._prints = kept.parts.raw("prints")

    def fits(self, settings: Settings) -> bool:
        """Whether rules come to the same under these settings: those that count are as they were."""
        said = self._about["settings"]
        known, (channels, sources) = _known(settings), (set(some) for some in self._about["used"])
        if said[:4] != _plain(settings) or (settings.strict_examples and self._about["failing"]):
            return False
        if settings.channels is not None and not channels <= set(settings.channels):
            return False
        return settings.sources is None or sources <= known or said[4] == sorted(known)

    def problems(self, number: int, *, failures: bool = False) -> list[Problem]:
        """What was worth a warning in a file and those it names, or which of its examples failed."""
        return [
            Problem(file=file, line=line, column=column, message=message, level=Level.WARNING)
            for file, line, column, message in self._about["failures" if failures else "problems"][number]
        ]

    @cached_property
    def ruleset(self) -> Ruleset:
        """Its rules."""
        return replace(self.rules.ruleset, origin=self)

    def read(self, number: int) -> list[str]:
        """The real paths of a file and of those it names."""
        one = self.files[number]
        folder = Path(one.name).parent
        return [os.path.realpath(path) for path in (Path(one.name), *(folder / name for name in one.beside))]

    def known(self, id: str) -> Known | None:
        """What an entry said, and where."""
        number = self.rules.ids.get(id)
        if number is None:
            return None
        print = bytes(self._prints[number * PRINT_SIZE : (number + 1) * PRINT_SIZE])
        return Known(self.files[self.rules.files[number]].name, print if any(print) else b"")

    def provides(self, wanted: Wanted, texts: Texts) -> frozenset[str] | None:
        """What a rule file provides to others; None when it is not as it was, or has tables beside it."""
        number = next((at for at, one in enumerate(self.files) if one.name == str(wanted.path)), None)
        if number is None or self.files[number].beside or not self.files[number].fits(wanted, texts):
            return None
        found: set[str] = set()
        for id in self.rules.standing_in({number}):
            found |= provided_by(self.rules.entry(id), id) if self.rules.sort(id) == "entity" else {id}
        return frozenset(found)

    @classmethod
    def name(cls, wanted: Iterable[Path]) -> str:
        """What the pack of rules in these places is called."""
        places = "\n".join(str(path.absolute()) for path in wanted)
        return f"{packs.RULES}{hashlib.sha256(places.encode(errors='surrogatepass')).hexdigest()[:16]}"

    @classmethod
    def made(cls, folder: Path | None, name: str, loading: Loading, ruleset: Ruleset, packing: Packing) -> Base:
        """Keep what was loaded as a pack, and use that; `packing` was begun with it."""
        packedrules.pack(ruleset, packing)
        for id in ruleset.inactive.keys() - loading.off.keys():  # whoever passes it over loses why its example fails
            loading.prints[id] = b""
        blank = bytes(PRINT_SIZE)
        packing.parts["prints"] = b"".join(loading.prints.get(id) or blank for id in loading.ids)
        owners, order = _owners(loading)
        by_name = {file.name: order[file.number] for file in loading.files}
        told: dict[str, list[list[Any]]] = {name: [[] for _ in owners] for name in ("problems", "failures")}
        for problem in ruleset.warnings:
            if problem.file in by_name:
                plain = [problem.file, problem.line, problem.column, problem.message]
                kind = "problems" if problem in loading.problems else "failures"
                told[kind][by_name[problem.file]].append(plain)
        settings = loading.settings
        about = {
            "files": [[file.name, str(file.root), digest(file.source), file.beside] for file in owners],
            "settings": [*_plain(settings), sorted(_known(settings))],
            "used": [sorted(some) for some in loading.used],
            "failing": len(ruleset.inactive) > len(loading.off),
            **told,
        }
        return cls(packs.keep(folder, name, about, packing))


def _known(settings: Settings) -> set[str]:
    """The ids and tags of sources."""
    sources = settings.sources or {}
    return {*sources, *(tag for tags in sources.values() for tag in tags)}


def _plain(settings: Settings) -> list[Any]:
    return [
        repr(sorted(settings.defaults.items())),
        str(settings.timezone),
        settings.channels is None,
        settings.sources is None,
    ]


def begun(loading: Loading) -> Packing:
    """Write the catalog of what was loaded, which is not needed any more and let go."""
    packing = Packing()
    _, order = _owners(loading)
    cards = {id: settled.card for id, settled in loading.settled.items()}
    packedrules.pack_catalog(loading.catalog, cards, [order[file.number] for file in loading.files], packing)
    loading.ids = tuple(loading.catalog.entries)
    loading.catalog = Catalog()
    return packing


def _owners(loading: Loading) -> tuple[list[File], dict[int, int]]:
    """The rule files, and the place of each among them by its number."""
    owners = [file for file in loading.files if loading.files[file.number] is file]
    return owners, {file.number: place for place, file in enumerate(owners)}
