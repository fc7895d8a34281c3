"""Match many articles on all cores: the flow behind backtests and `rasid match` over an archive.

Workers are forked from a process without threads, so that they share the rules it holds and what it remembers; where
that cannot be, each is spawned and loads the rules itself. Results come in the order of the articles, and an article
that cannot be judged, or that kills its worker, harms only itself.
"""

from __future__ import annotations

import gc
import os
import signal
import sys
import threading
import warnings
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from functools import partial
from itertools import islice
from multiprocessing import get_context
from typing import Protocol, TypeAlias

from monitor.errors import MonitorError
from monitor.model import Article, Match

CHUNK = 64
"""Articles sent to a worker at a time."""

AHEAD = 4
"""Chunks under way for each worker, so that none waits."""

Results: TypeAlias = list[tuple[tuple[Match, ...], str]]
"""Of each article its matches, or the reason why it could not be judged."""

MOST_DEATHS = 3
"""Workers that may die one after the other before the batch gives up."""


class Judge(Protocol):
    """What an article is judged by; a ruleset is one."""

    def match_each(self, articles: Sequence[Article]) -> list[tuple[Match, ...]]:
        """What each article matches."""
        ...


Load: TypeAlias = Callable[[], Judge]
"""Loads the rules; must itself be fit to be sent to another process, as `partial(load_rules, "rules/")` is."""

_EMPTY = Article(id="", source="", title="", text="")


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One article and what it matched; or `reason` says why it could not be judged."""

    article: Article
    matches: tuple[Match, ...] = ()
    reason: str = ""


def match_all(
    load: Load, articles: Iterable[Article], *, processes: int | None = None, loaded: Judge | None = None
) -> Iterator[Judged]:
    """Judge articles, in their order, by rules that `load` gives.

    `processes` is how many work at once (None: one for each core); with 1 everything happens in this process.
    `loaded` is what `load` gives, where that is at hand. Articles are taken from the iterable as they are needed,
    `CHUNK * AHEAD` for each process ahead of what was yielded. A program that calls this at its top level needs the
    usual `if __name__ == "__main__":`, since spawned workers import it. Raises what `load` raises, and MonitorError
    when workers die whatever they judge.
    """
    count = processes or _cores()
    if count == 1:
        rules = loaded or load()
        return (one for chunk in _chunks(articles) for one in _judged(rules, chunk))
    if _may_fork():
        rules = loaded or load()
        rules.match_each((_EMPTY,))  # makes ready, once for all workers
        load = partial(_same, rules)
    return _Pool(load, count).judge(iter(articles))


def _may_fork() -> bool:
    """Whether a forked worker is sound: of a process with threads it inherits their locks, and on macOS more."""
    return sys.platform == "linux" and threading.active_count() == 1


def _same(rules: Judge) -> Judge:
    return rules


def _cores() -> int:
    """The cores that this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on macOS
        return os.cpu_count() or 1


def _chunks(articles: Iterable[Article]) -> Iterator[tuple[Article, ...]]:
    left = iter(articles)
    while chunk := tuple(islice(left, CHUNK)):
        yield chunk


def _judged(rules: Judge, articles: Sequence[Article]) -> list[Judged]:
    """Judge articles together; one by one where one of them cannot be judged."""
    try:
        found = rules.match_each(articles)
    except Exception as error:  # a job boundary: one article must not stop the others
        if len(articles) == 1:
            return [Judged(article=articles[0], reason=f"{type(error).__name__}: {error}")]
        return [judged for article in articles for judged in _judged(rules, (article,))]
    return [Judged(article=article, matches=matches) for article, matches in zip(articles, found, strict=True)]


class _Pool:
    """Workers, and what to do when one of them dies."""

    def __init__(self, load: Load, processes: int) -> None:
        self._load = load
        self._method = "fork" if isinstance(load, partial) and load.func is _same else "spawn"
        self._processes = processes
        self._workers = self._started(processes)

    def judge(self, articles: Iterator[Article]) -> Iterator[Judged]:
        under_way: deque[tuple[Sequence[Article], Future[Results]]] = deque()
        try:
            while True:
                while len(under_way) < self._processes * AHEAD and (more := tuple(islice(articles, CHUNK))):
                    under_way.append((more, self._submitted(more)))
                if not under_way:
                    return
                chunk, future = under_way.popleft()
                try:
                    yield from _paired(chunk, future.result())
                except BrokenProcessPool:
                    waiting = [chunk, *(later for later, _ in under_way)]
                    under_way.clear()
                    yield from self._one_by_one(article for some in waiting for article in some)
        finally:
            self._workers.shutdown(cancel_futures=True)

    def _submitted(self, articles: Sequence[Article]) -> Future[Results]:
        try:
            return self._workers.submit(_work, articles)
        except BrokenProcessPool as error:  # a worker died since the last result
            failed: Future[Results] = Future()
            failed.set_exception(error)
            return failed

    def _started(self, processes: int) -> ProcessPoolExecutor:
        workers = ProcessPoolExecutor(
            processes, get_context(self._method), initializer=_begin, initargs=(self._load,)
        )
        with warnings.catch_warnings():
            # numpy keeps threads of its own for linear algebra, which nobody uses here; Python 3.12 warns of them
            warnings.simplefilter("ignore", DeprecationWarning)
            workers.submit(int)  # a pool begins with its first task: now, before the caller starts threads
        return workers

    def _one_by_one(self, articles: Iterable[Article]) -> Iterator[Judged]:
        """Judge articles of which one killed its worker."""
        deaths = 0
        self._restart(1)
        for article in articles:
            try:
                (result,) = self._workers.submit(_work, (article,)).result()
                deaths = 0
            except BrokenProcessPool as error:
                deaths += 1
                if deaths == MOST_DEATHS:
                    raise MonitorError(f"{deaths} workers in a row died; is there memory for the rules?") from error
                self._restart(1)
                result = (), "the process that judged it died"
            yield from _paired((article,), [result])
        self._restart(self._processes)

    def _restart(self, processes: int) -> None:
        self._workers.shutdown(cancel_futures=True)
        self._workers = self._started(processes)


def _paired(articles: Sequence[Article], results: Iterable[tuple[tuple[Match, ...], str]]) -> Iterator[Judged]:
    for article, (matches, reason) in zip(articles, results, strict=True):
        yield Judged(article=article, matches=matches, reason=reason)


# --- in a worker -------------------------------------------------------------------------------------------

_loaded: list[Judge | Exception] = []


def _begin(load: Load) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C at the terminal is the keeper's to handle
    try:
        _loaded.append(load())
    except Exception as error:  # the process's boundary: the keeper raises it
        _loaded.append(error)
    gc.freeze()  # rules live as long as the process: nothing to collect there


def _work(articles: Sequence[Article]) -> Results:
    (rules,) = _loaded
    if isinstance(rules, Exception):
        raise rules
    return [(one.matches, one.reason) for one in _judged(rules, articles)]
