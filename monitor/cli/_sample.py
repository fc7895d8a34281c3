"""The articles on which rules are tried when nobody names any: the archive if it holds enough, else Rasid's own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from monitor import timing
from monitor.cli._app import App
from monitor.config import Config
from monitor.model import Article
from monitor.rules.breadth import ENOUGH
from monitor.sources import read_file
from monitor.sources.parser import Parser

SEEDS = Path(__file__).resolve().parents[2] / "seeds" / "folder"
MOST = 2_000
SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Sample:
    """Articles, and what they are called."""

    name: str
    articles: Sequence[Article]

    def in_time(self) -> Iterator[Article]:
        """The articles, as many as can be judged in ten seconds."""
        end = timing.monotonic() + SECONDS
        for article in self.articles:
            if timing.monotonic() > end:
                return
            yield article


def sample(app: App, config: Config | None) -> Sample:
    """At most 2,000 articles of the configured archive, or the sample articles of a checkout when it is too small."""
    if config is not None and config.database.exists():
        with app.store(config) as store:
            total, articles = store.sample(MOST)
        if len(articles) >= ENOUGH:
            return Sample(
                "the archive" if total == len(articles) else f"the archive (a sample of {total:,})", articles
            )
    return Sample("the sample articles in seeds/", seeds())


def seeds() -> tuple[Article, ...]:
    """The articles that come with a checkout of Rasid; () without one."""
    found: list[Article] = []
    if SEEDS.is_dir():
        with Parser() as parser:
            for path in sorted(SEEDS.iterdir()):
                found += read_file(path.name, path.read_bytes(), source="", parser=parser, now=timing.now())
    return tuple(found)
