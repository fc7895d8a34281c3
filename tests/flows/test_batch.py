"""Many articles on all cores: in order, each by itself, whatever becomes of one of them."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Generator, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import cast

import pytest

from monitor import batch
from monitor.batch import Judged, match_all
from monitor.errors import MonitorError, RuleError
from monitor.model import Article, Match
from monitor.rulefiles import load_rules
from monitor.rules.engine import Ruleset
from tests.conftest import ROOT

RULES = "rules:\n  r: {match: {all: [attack, base], within: sentence}, notify: []}\n"


def articles(count: int) -> list[Article]:
    return [
        Article(id=str(number), source="", title="", text="an attack on the base" if number % 3 else "calm")
        for number in range(count)
    ]


def rules(folder: Path) -> partial[Ruleset]:
    (folder / "r.yaml").write_text(RULES)
    return partial(load_rules, str(folder))


class Fragile:
    """Rules that end their process on one article and raise on another."""

    def match(self, article: Article) -> tuple[Match, ...]:
        return self.match_each((article,))[0]

    def match_each(self, articles: Sequence[Article]) -> list[tuple[Match, ...]]:
        texts = [article.text for article in articles]
        if "deadly" in texts:
            os._exit(9)
        if "odd" in texts:
            raise ValueError("no such letter")
        return [()] * len(texts)


def fragile() -> Ruleset:
    return cast("Ruleset", Fragile())


def deadly() -> Ruleset:
    os._exit(9)


def plain(text: str) -> Article:
    return Article(id=text, source="", title="", text=text)


@pytest.mark.parametrize("processes", [1, 2])
def test_results_are_those_of_one_article_after_another_in_their_order(tmp_path: Path, processes: int) -> None:
    given = articles(300)
    found = list(match_all(rules(tmp_path), given, processes=processes))
    ruleset = rules(tmp_path)()
    assert found == [Judged(article=article, matches=ruleset.match(article)) for article in given]


def test_every_core_is_used_unless_told_otherwise(tmp_path: Path) -> None:
    assert [one.article.id for one in match_all(rules(tmp_path), articles(3))] == ["0", "1", "2"]
    assert batch._cores() >= 1


@pytest.mark.parametrize(("processes", "forks"), [(1, False), (2, True), (2, False)])
def test_rules_that_cannot_be_loaded_are_the_callers_error(
    tmp_path: Path, processes: int, forks: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch, "_may_fork", lambda: forks)
    (tmp_path / "r.yaml").write_text("rules: {r: {match: $nothing, notify: []}}")
    with pytest.raises(RuleError, match="unknown name"):
        list(match_all(partial(load_rules, str(tmp_path)), articles(1), processes=processes))


@pytest.mark.parametrize("forks", [True, False])
def test_an_article_that_raises_or_kills_its_worker_harms_only_itself(
    forks: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch, "_may_fork", lambda: forks)
    texts = ["a", "odd", *"bc", "deadly", *map(str, range(200))]
    found = {one.article.text: one.reason for one in match_all(fragile, map(plain, texts), processes=2)}
    assert list(found) == texts
    assert {text: reason for text, reason in found.items() if reason} == {
        "odd": "ValueError: no such letter",
        "deadly": "the process that judged it died",
    }


def test_workers_that_always_die_end_the_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch, "_may_fork", lambda: False)
    with pytest.raises(MonitorError, match="3 workers in a row died"):
        list(match_all(deadly, map(plain, "abcdef"), processes=2))


def test_articles_are_taken_as_they_are_needed(tmp_path: Path) -> None:
    taken = 0

    def stream() -> Iterator[Article]:
        nonlocal taken
        for article in articles(5_000):
            taken += 1
            yield article

    found = match_all(rules(tmp_path), stream(), processes=2)
    next(found)
    assert taken == 2 * batch.AHEAD * batch.CHUNK
    cast("Generator[Judged, None, None]", found).close()


@pytest.mark.skipif(sys.platform != "linux", reason="workers are only forked on Linux")
def test_forked_workers_share_the_rules_that_are_loaded(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path\n"
        "from tests.flows.test_batch import articles, match_all, rules\n"
        "def never(): raise AssertionError('loaded again')\n"
        "found = match_all(never, articles(200), processes=2, loaded=rules(Path(sys.argv[1]))())\n"
        "print(sum(bool(one.matches) for one in found))"
    )
    # A process of its own: where tests run side by side, this one has threads.
    command = [sys.executable, "-c", program, str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert (done.stdout, done.stderr) == ("133\n", "")


def test_a_process_with_threads_is_not_forked() -> None:
    done = threading.Event()
    thread = threading.Thread(target=done.wait)
    thread.start()
    try:
        assert not batch._may_fork()
    finally:
        done.set()
        thread.join()
