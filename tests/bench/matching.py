"""How fast articles are matched by 100 to 100,000 rules, against a bare scan and a naive loop in the same run.

Run by hand: `python tests/bench/matching.py [--sizes 100,10000] [--articles 5000]`. Figures are CPU time of one
process, of every document of 20 articles the best of five rounds for what is warm. Read them as ratios: each row has
the bare scan of the same texts for the same terms beside it, daachorse's too where that is installed. A rule is an
entity (5 names) and a list (20 terms) within a sentence or 10 words, with a `none`; in the second mix a fifth of the
lists' terms are phrases that occur. Every row is measured in a process of its own, so that its peak of memory is its
own.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import pickle
import platform
import resource
import subprocess
import sys
from collections.abc import Callable, Iterable, Sequence
from importlib import import_module
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time
from typing import Any

import ahocorasick_rs
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from monitor.model import Article
from monitor.rulefiles import load_rules
from monitor.rules.engine import Ruleset
from monitor.rules.expression import leaves
from monitor.rules.search import Sweep
from monitor.text.document import Document, prepare, prepare_all
from monitor.text.fold import fold
from tests.bench.corpus import World

COLD = 2_000
"""Articles that are matched by a lexicon that has read nothing yet."""

REPEATS = 5
TOGETHER = 20
"""Articles that are matched at once, as those of one fetch are."""
CHANGED = 10
"""Rules that are changed before a reload."""

NAIVE = 20
"""Articles that the loop over all rules is tried on."""

MIXES = {"words": 0.0, "phrases": 0.2}


def main() -> None:
    """Measure every size of both mixes and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", default="100,10000,100000")
    parser.add_argument("--articles", type=int, default=5_000)
    parser.add_argument("--row", nargs=2, help=argparse.SUPPRESS)
    parser.add_argument("--start", help=argparse.SUPPRESS)
    parser.add_argument("--starts", action="store_true", help="only starting and reloading")
    given = parser.parse_args()
    if given.row:
        print(json.dumps(measured(Path(given.row[0]), given.row[1])))
        return
    if given.start:
        print(json.dumps(started(Path(given.start))))
        return
    print(f"Python {platform.python_version()}, numpy {version('numpy')}, {platform.machine()}, {_processor()}")
    with TemporaryDirectory() as name:
        folder = Path(name)
        world = World()
        articles = list(world.articles(given.articles))
        (folder / "articles").write_bytes(pickle.dumps(articles))
        size = sum(len(article.text) for article in articles) / len(articles)
        print(f"{len(articles):,} articles of {size:,.0f} characters")
        for count in map(int, given.sizes.split(",")):
            for mix, share in MIXES.items():
                terms = world.rules(count, folder / f"{mix}-{count}", phrases=share)
                (folder / f"{mix}-{count}.terms").write_bytes(pickle.dumps(list(dict.fromkeys(terms))))
                row = {"terms": len(set(terms)), **_starts(folder, f"{mix}-{count}")}
                if not given.starts:
                    row |= _row(folder, f"{mix}-{count}", "--row", str(folder), f"{mix}-{count}")
                _print(count, mix, row)


def _starts(folder: Path, name: str) -> dict[str, Any]:
    """A start from the files, one from what that kept, and after it a reload: each start a process of its own."""
    cold, cached = (_row(folder, name, "--start", str(folder / name)) for _ in range(2))
    return {
        "start, cold (s)": cold["start"],
        "start, cold, peak memory (MiB)": cold["peak"],
        "start, cached (s)": cached["start"],
        "start, cached, memory (MiB)": cached["size"],
        f"reload of {CHANGED} rules (ms)": cached["reload"],
        "cached start and reload, peak (MiB)": cached["peak"],
    }


def _row(folder: Path, name: str, *what: str) -> dict[str, Any]:
    """One row, measured in a process of its own, with a cache folder of its own."""
    done = subprocess.run(
        [sys.executable, __file__, *what],
        check=True,
        stdout=subprocess.PIPE,
        env={**os.environ, "CACHE_DIRECTORY": str(folder / f"{name}.cache")},
    )
    row: dict[str, Any] = json.loads(done.stdout)
    return row


def _print(count: int, mix: str, row: dict[str, Any]) -> None:
    print(f"\n{count:,} rules, {mix}: {row.pop('terms'):,} terms")
    for name, value in row.items():
        print(f"  {name:<36}{value:>12,}")
    sys.stdout.flush()


def measured(folder: Path, name: str) -> dict[str, Any]:
    """Everything about one set of rules. Times of stages are what each adds to the one before, in us per article."""
    articles: list[Article] = pickle.loads((folder / "articles").read_bytes())
    found: dict[str, Any] = {}
    ruleset = built(folder / name)
    gc.freeze()
    documents = [articles[start : start + TOGETHER] for start in range(0, len(articles), TOGETHER)]
    cold = documents[: COLD // TOGETHER]
    found["cold, articles/s"] = round(sum(map(len, cold)) / _once(ruleset.match_each, cold))
    for some in documents[len(cold) :]:
        ruleset.match_each(some)
    scanned = microseconds(_scanned, documents, len(articles))
    swept = microseconds(
        lambda some: [Sweep(ruleset.found_by.lexicon, one) for one in _scanned(some)], documents, len(articles)
    )
    cut = microseconds(_cut, documents, len(articles))
    entered = microseconds(lambda some: _entered(ruleset, some), documents, len(articles))
    matched = microseconds(ruleset.match_each, documents, len(articles))
    found["warm, articles/s"] = round(1e6 / matched)
    found["warm, one at a time, articles/s"] = round(1e6 / microseconds(ruleset.match, articles))
    found["fold and scan (us)"] = round(scanned)
    found["tokens to terms (us)"] = round(swept - scanned)
    found["units, of all articles (us)"] = round(cut - scanned)
    found["candidates, units where asked for (us)"] = round(entered - swept)
    found["evaluate (us)"] = round(matched - entered)
    found["whole match (us)"] = round(matched)
    found |= counted(ruleset, articles[:COLD])
    found["peak memory (MiB)"] = peak()
    found |= compared(folder / f"{name}.terms", folder / name, articles)
    return found


def started(folder: Path) -> dict[str, float]:
    """What a start costs, and after it a reload of a few rules, which are put back."""
    rules: list[Ruleset] = []
    took = seconds(lambda: rules.append(built(folder)))
    size = peak()
    file = min(folder.glob("rules-*.yaml"))
    text = file.read_text("utf-8")
    file.write_text(text.replace("severity: high", "severity: low", CHANGED), "utf-8")
    reload = seconds(lambda: built(folder, rules[0]))
    file.write_text(text, "utf-8")
    return {"start": took, "size": size, "reload": round(1000 * reload), "peak": peak()}


def _scanned(articles: Sequence[Article]) -> list[list[Document]]:
    return list(prepare_all(articles))


def _cut(articles: Sequence[Article]) -> None:
    for some in prepare_all(articles):
        some[0].sheet.units(range(len(some)))


def _entered(ruleset: Ruleset, articles: Sequence[Article]) -> None:
    for some in prepare_all(articles):
        ruleset.found_by.index.candidates(Sweep(ruleset.found_by.lexicon, some))


def built(folder: Path, old: Ruleset | None = None) -> Ruleset:
    """Rules read from files and made ready to match."""
    ruleset = load_rules(folder, old=old)
    ruleset.match(Article(id="", source="", title="", text=""))
    return ruleset


def peak() -> int:
    """The most memory that this process has had, in MiB. What a process began as counts in its `ru_maxrss`."""
    status = Path("/proc/self/status")
    for line in status.read_text("utf-8").splitlines() if status.exists() else ():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) >> 10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10


def counted(ruleset: Ruleset, articles: Sequence[Article]) -> dict[str, float]:
    """Per article: traces of terms, rules that are judged, and rules that match, with the hits of those."""
    raw = rules = matches = hits = 0
    lexicon = ruleset.found_by.lexicon
    entries = np.arange(lexicon.entries)
    for article in articles:
        document = prepare(article)
        raw += sum(1 for _ in Sweep(lexicon, [document]).search(document).traces(entries))
        rules += len(ruleset.candidates(article))
        found = ruleset.match(article)
        matches += len(found)
        hits += sum(len(match.spans) for match in found)
    names = ("raw hits", "rules judged", "rules that match", "hits of those")
    counts = (raw, rules, matches, hits)
    return {f"{name} / article": round(count / len(articles), 2) for name, count in zip(names, counts, strict=True)}


def compared(terms: Path, folder: Path, articles: Sequence[Article]) -> dict[str, int]:
    """The bare scan of the same folded texts for the same terms, exactly as they are; and a loop over all rules."""
    words = [fold(term).text for term in pickle.loads(terms.read_bytes())]
    texts = [fold(f"{article.title}\n{article.text}").text for article in articles[:COLD]]
    scanner = ahocorasick_rs.AhoCorasick(words)
    bare = microseconds(lambda text: scanner.find_matches_as_indexes(text, overlapping=True), texts)
    other = {}
    if find_spec("daachorse"):
        automaton = import_module("daachorse").CharwiseDoubleArrayAhoCorasick(sorted(set(words)))
        other["bare daachorse (us)"] = round(microseconds(automaton.find_overlapping, texts))
    compiled = load_rules(folder).compiled
    rules = [
        [[fold(compiled.terms[term].text).text for term in leaf.terms] for leaf in set(leaves(node))]
        for node in compiled.matches.values()
    ]
    took = seconds(lambda: [_naive(rules, text) for text in texts[:NAIVE]])
    return {"bare ahocorasick_rs (us)": round(bare), **other, "loop over all rules, articles/s": round(NAIVE / took)}


def _naive(rules: Sequence[Sequence[Sequence[str]]], text: str) -> int:
    """How many rules have a term of each of their lists somewhere in a text: no words, no clitics, no distance."""
    return sum(all(any(term in text for term in terms) for terms in rule) for rule in rules)


def seconds(work: Callable[[], object]) -> float:
    """CPU time of one call."""
    start = process_time()
    work()
    return round(process_time() - start, 2)


def microseconds(work: Callable[[Any], object], items: Sequence[Any], count: int = 0) -> float:
    """CPU time for each of `count` articles (0: each item is one), of every item the best of a few rounds."""
    return sum(min(_once(work, (item,)) for _ in range(REPEATS)) for item in items) / (count or len(items)) * 1e6


def _once(work: Callable[[Any], object], items: Iterable[Any]) -> float:
    start = process_time()
    for item in items:
        work(item)
    return process_time() - start


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text("utf-8").splitlines() if info.exists() else []
    return next((line.split(": ")[1] for line in lines if line.startswith("model name")), platform.processor())


if __name__ == "__main__":
    main()
