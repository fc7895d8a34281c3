"""Decide which text of each rule file is active: the one that stands there now, or the last good one.

Pure: it is given both sets of texts and a way to judge a set, and returns a choice with its reason for each file that
changed. A file harms only itself: what is faulty is held back, and so is a change that takes away what others need.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Generic, TypeVar

from monitor.errors import Problem

MOST_ROUNDS = 8
"""Sets that are judged one after the other; a chain of changes that hangs together longer is held back whole."""


class Why(StrEnum):
    """Why the newest text of a file is not active."""

    INVALID = "invalid"  # it has faults of its own
    NEEDED = "needed"  # it no longer holds what other files refer to


@dataclass(frozen=True, slots=True, kw_only=True)
class Complaint:
    """An error found in a file. `missing` is what it refers to and no file provides; "" for every other error."""

    file: str
    problem: Problem
    missing: str = ""


@dataclass(frozen=True, kw_only=True)
class Judged:
    """What is wrong with a set of texts, and what each of its files provides to others."""

    complaints: tuple[Complaint, ...]
    provides: Mapping[str, Collection[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why the newest text of a file (or its removal) is held back. `has_kept` says that an older one is active."""

    why: Why
    problems: tuple[Problem, ...]
    has_kept: bool
    is_deleted: bool


T = TypeVar("T", bound=Hashable)
J = TypeVar("J", bound=Judged)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision(Generic[T, J]):
    """The texts that are active, what was found in them, and each file that is held back with the reason."""

    texts: Mapping[str, T]
    judged: J
    refusals: Mapping[str, Refusal]


def decide(new: Mapping[str, T], kept: Mapping[str, T], judge: Callable[[Mapping[str, T]], J]) -> Decision[T, J]:
    """Choose between the texts of the files as they are now and as they last were good.

    A changed file that is faulty is held back; one without an older text is left out. Where something is missing
    that a changed file provided before, that file is held back too, and so is a removed one. What is wrong then is
    wrong in the last good texts as well: only the rules concerned cannot be active. `judge` is called at most
    `MOST_ROUNDS` + 3 times.
    """
    return _Deciding(new, kept, judge).decision()


class _Deciding(Generic[T, J]):
    """One decision under way."""

    def __init__(self, new: Mapping[str, T], kept: Mapping[str, T], judge: Callable[[Mapping[str, T]], J]) -> None:
        self.new = new
        self.kept = kept
        self.judge = judge
        self.open = {path for path in new.keys() | kept.keys() if new.get(path) != kept.get(path)}
        self.refusals: dict[str, Refusal] = {}

    def decision(self) -> Decision[T, J]:
        rounds = 0
        while blamed := self.blamed(judged := self.judge(self.texts())):
            rounds += 1
            if rounds > MOST_ROUNDS:
                why = [complaint.problem for complaint in judged.complaints]
                blamed = dict.fromkeys(self.open, (Why.NEEDED, why)) | blamed
            self.refuse(blamed)
        return Decision(texts=self.texts(), judged=judged, refusals=self.refusals)

    def texts(self) -> dict[str, T]:
        """The texts as chosen so far, in the order of their paths."""
        chosen = {path: text for path, text in self.new.items() if path not in self.refusals}
        chosen |= {path: self.kept[path] for path in self.refusals if path in self.kept}
        return dict(sorted(chosen.items()))

    def refuse(self, blamed: Mapping[str, tuple[Why, list[Problem]]]) -> None:
        """Hold back the newest text of some files."""
        for path, (why, problems) in blamed.items():
            self.open.discard(path)
            self.refusals[path] = Refusal(
                why=why,
                problems=tuple(sorted(set(problems))),
                has_kept=path in self.kept,
                is_deleted=path not in self.new,
            )

    def blamed(self, judged: Judged) -> dict[str, tuple[Why, list[Problem]]]:
        """The changed files that are to be held back for what was found, each with why; nothing when all is well."""
        found: dict[str, tuple[Why, list[Problem]]] = {}
        strange = []
        for one in judged.complaints:
            removers = self.removers(one) if one.missing else set()
            if one.file in self.open and not removers - {one.file}:
                before = found.get(one.file, (Why.INVALID, []))[1]
                found[one.file] = (Why.INVALID, [*before, one.problem])
            elif removers:
                for path in removers - {one.file}:
                    found.setdefault(path, (Why.NEEDED, []))[1].append(one.problem)
            else:
                strange.append(one)
        if found or not self.open:
            return found
        # Some change has made a file faulty that did not change; which one, nothing tells.
        caused = [one.problem for one in strange if (one.file, one.problem.message) not in self.faulty_before]
        return {path: (Why.NEEDED, list(caused)) for path in self.open} if caused else {}

    def removers(self, complaint: Complaint) -> set[str]:
        """The changed files whose last good text provided what is missing now."""
        return {path for path in self.open if complaint.missing in self.before.provides.get(path, ())}

    @cached_property
    def before(self) -> Judged:
        """The last good texts, judged; only needed when something is wrong."""
        return self.judge(dict(sorted(self.kept.items())))

    @cached_property
    def faulty_before(self) -> set[tuple[str, str]]:
        return {(one.file, one.problem.message) for one in self.before.complaints}
