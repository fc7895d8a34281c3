"""How fast an edit of rules is tried on an archive: articles x rules per second, on one core and on all.

Run by hand: `python tests/bench/backtest.py [--articles 20000] [--rules 100,1000] [--processes 1,2]`. An archive is
made in a real database of the corpus of `matching.py`; every rule is edited (one word of its `none` is another), so
that both forms of each are judged. Times are those of the clock on the wall, CPU time of all processes beside them.
"""

from __future__ import annotations

import argparse
import os
import platform
import resource
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from monitor.backtest import IS, WAS, backtest
from monitor.model import Article, Fetched, Ingest, StoryDecision
from monitor.rulefiles import load_rules
from monitor.rules.engine import Ruleset
from monitor.store import Store
from tests.bench.corpus import World

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
TOGETHER = 200


def main() -> None:
    """Make an archive, and try an edit of each number of rules on it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=20_000)
    parser.add_argument("--rules", default="100,1000")
    parser.add_argument("--processes", default=f"1,{len(os.sched_getaffinity(0))}")
    given = parser.parse_args()
    print(f"Python {platform.python_version()}, {platform.machine()}, {os.cpu_count()} cores")
    with TemporaryDirectory() as name:
        folder, world = Path(name), World()
        database = folder / "rasid.db"
        archived(world.articles(given.articles), database)
        print(f"{given.articles:,} articles, {database.stat().st_size >> 20} MiB")
        for count in map(int, given.rules.split(",")):
            world.rules(count, folder / f"{count}")
            edited(folder / f"{count}", folder / f"{count}-edited")
            for processes in map(int, given.processes.split(",")):
                tried(database, folder / f"{count}", folder / f"{count}-edited", processes)


def archived(articles: Iterator[Article], database: Path) -> None:
    """Put articles into a database, one a minute."""
    with Store.open(database, write=True, now=BEGIN) as store:
        at = BEGIN
        while batch := tuple(islice(articles, TOGETHER)):
            at += timedelta(minutes=TOGETHER)
            stories = tuple((one.id, StoryDecision(story_id=f"s{one.id}", joined=False, reason="")) for one in batch)
            fetched = Fetched(source="wire", key=str(at), at=at)
            store.commit(Ingest(fetched=fetched, articles=batch, stories=stories), at)


def edited(before: Path, after: Path) -> None:
    """The same rules, each with one unwanted word more."""
    after.mkdir()
    for path in before.glob("*.yaml"):
        text = path.read_text(encoding="utf-8")
        (after / path.name).write_text(text.replace("      none:\n", "      none:\n        - unheard-of\n"), "utf-8")


def forms(before: Path, after: Path) -> tuple[Ruleset, Ruleset]:
    """Both forms of the rules."""
    return load_rules(before), load_rules(after)


def tried(database: Path, before: Path, after: Path, processes: int) -> None:
    """Try the edit once, and print how long it took."""
    start = perf_counter()
    was, now = forms(before, after)
    loaded = perf_counter()
    used = cpu()
    with Store.open(database, now=BEGIN) as store:
        outcome = backtest(
            was,
            now,
            tuple(now.cards),
            store.archive(BEGIN),
            partial(forms, before, after),
            zone=UTC,
            processes=processes,
        )
    took, used = perf_counter() - loaded, cpu() - used
    rules = len(outcome.rules)
    matches = sum(this.matches[side] for this in outcome.rules for side in (WAS, IS))
    print(
        f"{rules:>7,} rules, both forms, {processes} processes: {outcome.articles / took:>7,.0f} articles/s,"
        f" {outcome.articles * rules / took:>12,.0f} articles x rules/s; {took:.1f} s, CPU {used:.1f} s,"
        f" loading {loaded - start:.1f} s, {matches:,} matches, peak {peak()} MiB"
    )
    sys.stdout.flush()


def cpu() -> float:
    """CPU seconds of this process and of those that have ended."""
    return sum(
        usage.ru_utime + usage.ru_stime
        for usage in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    )


def peak() -> int:
    """MiB of this process at most."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10


if __name__ == "__main__":
    main()
