"""How fast documents are prepared and a lexicon is searched, cold and warm, as the number of terms grows.

Run by hand: `python tests/bench/bench_matching.py`. Read the figures as ratios.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import TypeVar

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from monitor.model import Article
from monitor.rules.memo import Lexicon
from monitor.rules.terms import Term
from monitor.text.document import Document, prepare
from monitor.text.fold import fold

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


def lexicon(size: int, words: list[str], chance: random.Random) -> Lexicon:
    """Make up terms: two in three are single words, one in three a phrase of two; few of them occur."""
    rare = [word + "ق" for word in vocabulary(size, ARABIC, chance)]
    terms = [
        chance.choice(words) if number % 50 == 0 else f"{chance.choice(words)} {word}" if number % 3 == 0 else word
        for number, word in enumerate(rare)
    ]
    return Lexicon([Term(term) for term in terms])


Item = TypeVar("Item", Article, Document)


def each(work: Callable[[Item], object], items: list[Item]) -> float:
    """Return the median microseconds of `work` on one item."""
    times = []
    for item in items:
        start = perf_counter()
        work(item)
        times.append((perf_counter() - start) * 1e6)
    return median(times)


def main() -> None:
    """Print one line per measurement, with its ratio to folding alone."""
    chance = random.Random(2)
    words = vocabulary(6_000, ARABIC, chance) + vocabulary(2_000, LATIN, chance)
    corpus = articles(120, words, chance)
    unit = each(lambda article: fold(article.text), corpus)
    print(f"{'fold':34} {unit:9.0f} us  {1:6.1f} x")
    took = each(prepare, corpus)
    print(f"{'prepare (fold, mask, tokens)':34} {took:9.0f} us  {took / unit:6.1f} x")
    documents = [prepare(article) for article in corpus]
    for size in (100, 1_000, 10_000):
        start = perf_counter()
        built = lexicon(size, words, chance)
        seconds = perf_counter() - start
        cold = each(built.hits, documents)
        warm = each(built.hits, documents)
        print(f"{f'{size:,} terms: build':34} {seconds * 1e6 / size:9.1f} us a term")
        print(f"{f'{size:,} terms: hits, cold':34} {cold:9.0f} us  {cold / unit:6.1f} x")
        print(f"{f'{size:,} terms: hits, warm':34} {warm:9.0f} us  {warm / unit:6.1f} x")


if __name__ == "__main__":
    main()
