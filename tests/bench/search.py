"""How fast the archive is searched, and how long a step of retention holds the writer.

    python -m tests.bench.search [--articles 200000] [--database /some/where.db]

Makes an archive of made-up news (`tests/bench/corpus.py`) without matches, unless the file is there, and prints for
each query: articles looked up and found, wall and CPU time of the first page and of two thousand.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from sqlite3 import Connection

from monitor.model import Article
from monitor.rulefiles.asked import QUERY, load_query
from monitor.rules.lookup import lookup
from monitor.search import search
from monitor.store import Limits, Store
from monitor.store.search import indexed
from monitor.timing import to_epoch
from tests.bench.corpus import World

BEGUN = datetime(2026, 1, 1, tzinfo=UTC)
TOGETHER = 2000
DISTINCT = 4000
MOST = 2000
"""Hits asked for beside the first page."""

LONGEST = 1500
"""Letters of a text, as feeds have them."""

EVERY = timedelta(seconds=60)


def fill(store: Store, count: int) -> None:
    """Write so many articles, one a minute: a few thousand made-up ones over and over, each with a number of its own.

    Straight into the tables, since each article's words need be cut only once.
    """
    begun = time.monotonic()
    made = [replace(one, text=one.text[:LONGEST]) for one in World().articles(DISTINCT)]
    cut = [(indexed(one.title), indexed(one.text)) for one in made]
    store._writing.run(lambda db: db.execute("INSERT INTO source (id) VALUES ('bench')").rowcount)
    for start in range(0, count, TOGETHER):
        store._writing.run(partial(_write, made, cut, range(start, min(count, start + TOGETHER))))
    print(f"{count} articles written in {time.monotonic() - begun:.0f} s")


def _write(made: list[Article], cut: list[tuple[str, str]], numbers: range, db: Connection) -> None:
    some = [(number, made[number % DISTINCT], to_epoch(BEGUN + number * EVERY)) for number in numbers]
    db.executemany(
        "INSERT INTO article (number, id, source, version, first_seen, changed, url_key, title_key)"
        " VALUES (?1, ?2, 'bench', 1, ?3, ?3, ?2, ?2)",
        [(number + 1, f"b{number}", at) for number, _, at in some],
    )
    db.executemany(
        "INSERT INTO version (article, version, title, text, boilerplate, url, author, publisher, language, tags,"
        " seen)"
        " VALUES (?, 1, ?, ?, '', ?, '', 'news.example', ?, '[]', ?)",
        [
            (
                number + 1,
                one.title,
                f"{one.text}\n\nreport {number}",
                f"https://news.example/{number}",
                one.language,
                at,
            )
            for number, one, at in some
        ],
    )
    words = [(number + 1, cut[number % DISTINCT]) for number in numbers]
    db.executemany(
        "INSERT INTO article_search (rowid, title, text) VALUES (?, ?, ?)",
        [(number, title, f"{text} report {number - 1}") for number, (title, text) in words],
    )


def measure(store: Store, text: str) -> None:
    """Print what one query costs."""
    query = load_query(text)
    query.match(Article(id="", source="", title="", text=""))  # made ready, as in a process that has begun
    read = len(store.candidates(lookup(query.compiled, QUERY)))
    times = []
    found = 0
    for limit in (20, MOST):
        wall, cpu = time.perf_counter(), time.process_time()
        found = len(search(store, query, limit=limit))
        times.append(f"{time.perf_counter() - wall:8.3f} s ({time.process_time() - cpu:6.3f} CPU)")
    print(f"{text:42} {read:8} looked up {found:8} found   20: {times[0]}   {MOST}: {times[1]}", flush=True)


def words(store: Store) -> list[str]:
    """Words of the archive from frequent to rare: Arabic and English."""
    counts: dict[str, int] = {}
    for article, _ in store.articles(store.candidates(())[:2000], None, None, None):
        for word in set(article.text.split()):
            if word.isalpha() and len(word) > 4:
                counts[word] = counts.get(word, 0) + 1
    ranked = sorted(counts, key=lambda word: -counts[word])
    arabic = [word for word in ranked if "\u0620" <= word[0] <= "\u064a"]
    latin = [word for word in ranked if word.isascii()]
    return [some[place] for some in (arabic, latin) for place in (3, len(some) // 20, len(some) - 1)]


def prune(store: Store) -> None:
    """Print how long steps of retention hold the writer."""
    limit = Limits(articles=BEGUN + 20_000 * EVERY, matches=None, sources={})
    now = datetime(2027, 6, 1, tzinfo=UTC)
    cpu = time.process_time()
    lasted: list[float] = []
    looked: list[float] = []
    while len(lasted) < 200:
        begun = time.perf_counter()
        step = store.next_step(limit, now, ("fetches", "pages"))
        looked.append(time.perf_counter() - begun)
        if step is None:
            break
        begun = time.perf_counter()
        store.take_step(step, now)
        lasted.append(time.perf_counter() - begun)
    cpu = (time.process_time() - cpu) / len(lasted)
    lasted.sort()
    middle, last = lasted[len(lasted) // 2], lasted[-1]
    print(
        f"retention: {len(lasted)} steps of 50 articles: median {middle * 1000:.0f} ms, longest {last * 1000:.0f} ms"
    )
    print(f"looking for a step, beside the writer: longest {max(looked) * 1000:.0f} ms")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=200_000)
    parser.add_argument("--database", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = options.database or Path(folder) / "rasid.db"
        is_new = not path.exists()
        with Store.open(path, write=True, now=datetime.now(UTC)) as store:
            if is_new:
                fill(store, options.articles)
            print(f"the file has {path.stat().st_size / 1e6:.0f} MB")
            some = words(store)
            for word in some:
                measure(store, word)
            measure(store, f"{some[0]} NEAR/5 {some[1]}")
            measure(store, f"{some[3]} NOT title:{some[4]}")
            measure(store, '"report 777"')
            prune(store)


if __name__ == "__main__":
    main()
