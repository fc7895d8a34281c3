"""What a rule asks of an article besides its words: source, language, publisher, and the days on which the rule
holds.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from monitor.model import Article
from monitor.text.language import detect


@dataclass(frozen=True, slots=True)
class Wanted:
    """One filter: some of `any` (None: no such demand), every one of `all`, and nothing of `none`."""

    any: tuple[str, ...] | None = None
    all: tuple[str, ...] = ()
    none: tuple[str, ...] = ()

    def admits(self, own: Collection[str]) -> bool:
        """Whether something that carries the words `own` passes."""
        return (
            (self.any is None or not set(self.any).isdisjoint(own))
            and set(self.all).issubset(own)
            and set(self.none).isdisjoint(own)
        )

    def __str__(self) -> str:
        parts = [f"{' or '.join(self.any) or 'nothing'}"] if self.any is not None else []
        parts += [f"all of {', '.join(self.all)}"] if self.all else []
        parts += [f"not {' or '.join(self.none)}"] if self.none else []
        return ", ".join(parts)

    def plain(self) -> object:
        """Values that JSON can write, the same for the same filter."""
        return [None if self.any is None else sorted(self.any), sorted(self.all), sorted(self.none)]


@dataclass(frozen=True, slots=True)
class Filters:
    """All filters of a rule: an article passes when each of them admits it."""

    sources: tuple[Wanted, ...] = ()
    languages: tuple[Wanted, ...] = ()
    publishers: tuple[Wanted, ...] = ()
    starts: datetime | None = None
    ends: datetime | None = None

    def refusals(self, article: Article, tags: Mapping[str, Collection[str]] | None) -> Iterator[tuple[str, str]]:
        """The filters that refuse an article, each with the reason. What is not known is never refused.

        `tags` are those of every configured source: articles of other sources, or of none, pass the source filter.
        With None the article's own tags count. The days are those on which the article was seen.
        """
        if self.sources and article.source and (tags is None or article.source in tags):
            own = {article.source, *(article.tags if tags is None else tags[article.source])}
            yield from _refusals("sources", article.source, self.sources, own)
        if self.languages:
            language = detect(f"{article.title}\n{article.text}", article.language)
            if language:
                yield from _refusals("languages", language, self.languages, {language, article.language.lower()})
        if self.publishers and article.publisher:
            yield from _refusals("publishers", article.publisher, self.publishers, _publisher(article.publisher))
        if self.starts and article.seen and article.seen < self.starts:
            yield "from", f"the rule holds from {self.starts:%Y-%m-%d %H:%M} UTC"
        if self.ends and article.seen and article.seen >= self.ends:
            yield "until", f"the rule held until {self.ends:%Y-%m-%d %H:%M} UTC"

    def plain(self) -> object:
        """Values that JSON can write, the same for the same filters."""
        wanted = [[one.plain() for one in some] for some in (self.sources, self.languages, self.publishers)]
        days = [moment and moment.isoformat() for moment in (self.starts, self.ends)]
        return [*(some[0] if len(some) == 1 else some or None for some in wanted), *days]


def _refusals(kind: str, name: str, filters: Iterable[Wanted], own: Collection[str]) -> Iterator[tuple[str, str]]:
    for wanted in filters:
        if not wanted.admits(own):
            yield kind, f"{kind[:-1]} {name} is not wanted ({wanted})"


def _publisher(publisher: str) -> set[str]:
    """The names under which a publisher is filtered: lower case, and for a domain each parent domain of it."""
    name = publisher.strip().lower()
    parts = name.split(".")
    return {name, *(".".join(parts[index:]) for index in range(len(parts) - 1))} if " " not in name else {name}
