"""How long an article takes to its story among many live ones, what the index costs, and what floods do.

Run by hand: `python tests/bench/bench_stories.py [STORIES]`, 200,000 by default. Microseconds of processor time,
medians; read them as ratios to folding.
"""

from __future__ import annotations

import random
import sqlite3
import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from time import process_time
from typing import TypeVar

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from monitor.model import Article, StoryDecision
from monitor.store import Store
from monitor.store.stories import save, save_text
from monitor.stories.facts import Reader
from monitor.stories.fingerprint import RUN_KEYS, Fingerprint, Sample, fingerprint, fingerprints
from monitor.stories.placing import Candidate, Recent, place
from monitor.text.fold import fold
from monitor.timing import to_epoch
from tests.stories.wire import Newsroom

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
BATCH = 2_000
FETCH = 20
T = TypeVar("T")

ARABIC = "ابتثجحخدذرزسشصضطظعغفقكلمنهوي"
LATIN = "abcdefghijklmnopqrstuvwxyz"
PREFIXES = ("", "", "", "ال", "و", "ب", "وال", "لل")
SUFFIXES = ("", "", "", "ات", "ها", "ين", "ا")


def vocabulary(size: int, letters: str, chance: random.Random) -> list[str]:
    """Make up words of four to seven letters."""
    return ["".join(chance.choices(letters, k=chance.randint(4, 7))) for _ in range(size)]


def articles(count: int, words: list[str], chance: random.Random) -> list[Article]:
    """Make up articles of some 3.8 KB in which frequent words are frequent."""
    weights = [1 / (rank + 10) for rank in range(len(words))]
    made = []
    for number in range(count):
        picked = chance.choices(words, weights, k=410)
        written = [
            chance.choice(PREFIXES) + word + chance.choice(SUFFIXES) if word[0] in ARABIC else word for word in picked
        ]
        sentences = [" ".join(written[place : place + 20]) for place in range(0, len(written), 20)]
        made.append(Article(id=str(number), source="", title=sentences[0], text=".\n\n".join(sentences)))
    return made


def each(work: Callable[[T], object], items: Sequence[T]) -> float:
    """The median microseconds of `work` on one item, of each the best of five tries."""
    times = []
    for item in items:
        best = float("inf")
        for _ in range(5):
            start = process_time()
            work(item)
            best = min(best, process_time() - start)
        times.append(best * 1e6)
    return median(times)


def tell(what: str, took: float, unit: float, more: str = "") -> None:
    print(f"{what:58} {took:9.0f} us {took / unit:6.1f} x  {more}", flush=True)


def reworded(this: Fingerprint, chance: np.random.Generator) -> Fingerprint:
    """The fingerprint of an article that tells the same facts in other words under another headline."""
    runs = np.sort(chance.integers(0, 1 << 32 - this.runs.scale, len(this.runs.values), np.uint32))
    keys = np.concatenate((runs[:RUN_KEYS], this.keys[RUN_KEYS:-1], chance.integers(0, 1 << 32, 1, np.uint32)))
    text_key = chance.bytes(10).hex()
    return replace(this, text_key=text_key, title=int(keys[-1]), runs=Sample(runs, this.runs.scale), keys=keys)


def fill(database: Path, count: int, corpus: Sequence[Article], reader: Reader) -> None:
    """Give the database so many live stories of one article, without what the rest of Rasid keeps of them."""
    chance = np.random.default_rng(1)
    prints = [fingerprint(one.title, one.text, reader) for one in corpus]
    with closing(sqlite3.connect(database, isolation_level=None)) as connection:
        for first in range(0, count, BATCH):
            connection.execute("BEGIN")
            for number in range(first, min(first + BATCH, count)):
                this = reworded(prints[number % len(prints)], chance)
                seen = to_epoch(NOW - timedelta(hours=70) + timedelta(hours=70) * number / count)
                save(connection, StoryDecision(story_id=f"s{number}", joined=False, reason=""), f"b{number}", seen)
                row = connection.execute(
                    "INSERT INTO article (id, source, version, first_seen, changed, url_key, title_key, story)"
                    " VALUES (?, 'bench', 1, ?, ?, '', '', ?) RETURNING number",
                    (f"b{number}", seen, seen, f"s{number}"),
                ).fetchone()
                save_text(connection, f"s{number}", row[0], 1, seen, this.text_key, this)
            connection.execute("COMMIT")


def placed(store: Store, reader: Reader, one: Article) -> tuple[Fingerprint, StoryDecision]:
    this = fingerprint(one.title, one.text, reader)
    return this, place(one, this, store.like_articles([this])[0], NOW)


def among(store: Store, corpus: Sequence[Article], unit: float) -> None:
    """An article's whole way to its story, part by part."""
    reader = store.story_reader()
    prints = {one.id: fingerprint(one.title, one.text, reader) for one in corpus}
    found = {one.id: store.like_articles([prints[one.id]])[0] for one in corpus}
    joined = sum(place(one, prints[one.id], found[one.id], NOW).joined for one in corpus)
    words = sum(len(one.text.split()) for one in corpus) / len(corpus)
    print(f"{len(corpus)} articles of {words:.0f} words, {joined} of which join; "
          f"{sum(map(len, found.values())) / len(corpus):.1f} candidates each")  # fmt: skip
    tell("  fold", each(lambda one: fold(one.text), corpus), unit)
    fetches = [corpus[first : first + FETCH] for first in range(0, len(corpus), FETCH)]
    texts = [[(one.title, one.text) for one in fetch] for fetch in fetches]
    took = each(lambda some: list(fingerprints(some, reader)), texts) / FETCH
    tell(f"  fingerprint, of {FETCH} taken together", took, unit)
    for what, took in zip(("fingerprint, with folding", "candidates", "decision", "all of it"),
                          way(store, reader, corpus), strict=True):  # fmt: skip
        tell(f"  {what}", took, unit)
    took = each(lambda some: together(store, some), fetches) / FETCH
    tell(f"  all of it, of {FETCH} that come together", took, unit)


def together(store: Store, fetch: Sequence[Article]) -> None:
    """The whole way of the articles of one fetch, as ingest goes it."""
    texts = [(one.title, one.text) for one in fetch]
    for one, (this, like) in zip(fetch, store.fingerprints(texts), strict=True):
        place(one, this, like, NOW)


def way(store: Store, reader: Reader, corpus: Sequence[Article]) -> list[float]:
    """The median microseconds of each part of the whole way, and of all: parts measured by themselves find their
    tables in the processor's cache, where the other parts leave no room for them."""
    rows = []
    for one in corpus:
        tries = []
        for _ in range(5):
            start = process_time()
            this = fingerprint(one.title, one.text, reader)
            after_print = process_time()
            (found,) = store.like_articles([this])
            after_find = process_time()
            place(one, this, found, NOW)
            end = process_time()
            tries.append((after_print - start, after_find - after_print, end - after_find, end - start))
        rows.append([min(part) * 1e6 for part in zip(*tries, strict=True)])
    return [median(part) for part in zip(*rows, strict=True)]


def floods(reader: Reader, corpus: Sequence[Article], unit: float) -> None:
    """100,000 equal articles, 100,000 that differ in a number, and one article of 10 MB."""
    for what, text in (("equal articles", "{}"), ("articles that differ in a number", "{} Number {}.")):
        recent, times = Recent(), []
        for number in range(100_000):
            start = process_time()
            this = fingerprint("", text.format(corpus[0].text, number), reader)
            one = Article(id=f"a{number}", source="", title="", text="", seen=NOW)
            decision = place(one, this, recent.like(this), NOW)
            candidate = Candidate(
                story_id=decision.story_id, first_seen=NOW, article_id=one.id, seen=NOW, wire=decision.wire
            )
            recent.add(candidate, this, is_known=decision.is_known)
            times.append((process_time() - start) * 1e6)
        tell(f"the last 1,000 of 100,000 {what}", median(times[-1000:]), unit)
    huge = Article(id="huge", source="", title="", text=" ".join(one.text for one in corpus)[:5_000_000] * 2)
    tell("an article of 10 million letters", each(lambda one: fingerprint("", one.text, reader), [huge]), unit)


def main() -> None:
    """Print one line per measurement."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 200_000
    chance = random.Random(2)
    words = vocabulary(6_000, ARABIC, chance) + vocabulary(2_000, LATIN, chance)
    corpus = articles(1_000, words, chance)
    wire = [piece.article for piece in Newsroom(seed=3).pieces()[:1_000]]
    unit = each(lambda one: fold(one.text), corpus)
    with tempfile.TemporaryDirectory() as folder:
        database = Path(folder) / "rasid.db"
        with Store.open(database, write=True, now=NOW) as store:
            reader = store.story_reader()
            fill(database, count, corpus, reader)
            start = process_time()
            store.like_articles([fingerprint("", corpus[0].text, reader)])
            print(f"{count} live stories, {database.stat().st_size / 1e6:.0f} MB of file; "
                  f"index read back in {process_time() - start:.2f} s")  # fmt: skip
            for number, one in enumerate(wire[:500]):
                this, decision = placed(store, reader, one)
                with closing(sqlite3.connect(database)) as connection, connection:
                    seen = to_epoch(NOW)
                    save(connection, decision, one.id, seen)
                    connection.execute(
                        "INSERT INTO article (number, id, source, version, first_seen, changed, url_key, title_key,"
                        " story) VALUES (?, ?, 'bench', 1, ?, ?, '', '', ?)",
                        (count + number + 1, one.id, seen, seen, decision.story_id),
                    )
                    save_text(connection, decision.story_id, count + number + 1, 1, seen, this.text_key, this)
            among(store, articles(500, words, chance), unit)
            among(store, wire[500:], unit)
        floods(reader, corpus, unit)


if __name__ == "__main__":
    main()
