"""Build what a configuration asks for: rules, sources, channels, each checked before anything is touched.

The result is one frozen set; a running daemon replaces it whole. Nothing is opened here but what sources and channels
share.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Callable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from importlib.metadata import version
from pathlib import Path
from types import MappingProxyType
from typing import TypeVar, cast

from monitor import channels as channel_kinds
from monitor import sources as source_kinds
from monitor.alerting.drill import source_of
from monitor.channels import Channel
from monitor.config import Config
from monitor.config.fetch import Fetch
from monitor.daemon import drills
from monitor.errors import ConfigError, Level, Problem, RuleError
from monitor.http.session import Session
from monitor.ingest import SourceTraits
from monitor.model import ChannelSpec, RuleCard
from monitor.rhythm.plan import Pace
from monitor.rulefiles import Pack, load_pack, load_rules
from monitor.rules.engine import Ruleset
from monitor.rules.faults import Fault
from monitor.sources import Source
from monitor.sources.parser import Parser

R = TypeVar("R")

OFF = "its status is off"
"""Why a rule is inactive that nobody wants otherwise."""


TAKEN = "this id is Rasid's own, for its drills; choose another"


@dataclass(frozen=True, slots=True, kw_only=True)
class Installed:
    """What one configuration came to: good as a whole, replaced as a whole.

    `sources` has those of drills as well; `drills` are the rules that alone judge what they bring, by source.
    """

    config: Config
    rules: Ruleset
    sources: Mapping[str, Source]
    channels: Mapping[str, Channel]
    channel_specs: Mapping[str, ChannelSpec]
    drills: Mapping[str, Ruleset] = field(default_factory=dict)
    drill_cards: Mapping[str, RuleCard] = field(default_factory=dict)

    @property
    def cards(self) -> Mapping[str, RuleCard]:
        """What telling needs to know of every active rule, those of drills among them."""
        both = (self.drill_cards, self.rules.cards)
        return ChainMap(*(cast(MutableMapping[str, RuleCard], cards) for cards in both))

    def rules_of(self, source: str) -> Ruleset:
        """The rules that judge what a source brings."""
        return self.drills.get(source, self.rules)

    def traits(self, source: str) -> SourceTraits:
        """What ingest must know of a source. Raises KeyError for one that is not configured."""
        made = self.sources[source]
        return SourceTraits(has_baseline=made.has_baseline, since=made.since, is_drill=source in self.drills)


def pace(source: Source, fetch: Fetch) -> Pace:
    """How often a source may and should be polled."""
    return Pace(
        every=source.every,
        max_delay=source.max_delay,
        fastest=fetch.fastest,
        slowest=fetch.slowest,
        is_local=not source.host,
    )


def check_kinds(config: Config) -> tuple[Problem, ...]:
    """What the kinds of sources and channels say about their options: errors and warnings."""
    found = [problem for spec in config.sources for problem in source_kinds.check(spec)]
    found += [problem for spec in config.channels for problem in channel_kinds.check(spec)]
    return tuple(sorted(set(found)))  # the feeds of a list share its faults


def load_configured_rules(config: Config, *, strict_examples: bool) -> Ruleset:
    """The rules that a configuration names, held against its channels and sources. Raises RuleError."""
    rules = _loader(load_rules, config, strict_examples)()
    if drills.RULE_IDS.isdisjoint((*rules.rules, *rules.inactive, *rules.entities)):
        return rules
    return load_configured_pack(config, strict_examples=strict_examples).ruleset  # which says where it stands


def load_configured_pack(config: Config, *, strict_examples: bool) -> Pack:
    """Those rules, and what they were made of. Raises RuleError."""
    pack = pack_loader(config, strict_examples=strict_examples)()
    if taken := sorted(drills.RULE_IDS & pack.catalog.entries.keys()):
        entries = [(id, pack.catalog.entries[id]) for id in taken]
        raise RuleError([pack.problem(entry.file, Fault(entry.path, f"{id!r}: {TAKEN}")) for id, entry in entries])
    return pack


def pack_loader(
    config: Config,
    *more: Path,
    strict_examples: bool,
    texts: Mapping[str, bytes] = MappingProxyType({}),
) -> Callable[[], Pack]:
    """What loads those rules, with `more` files, and `texts` instead of files; fit to be sent to another process."""
    return _loader(load_pack, config, strict_examples, more, texts)


def _loader(
    load: Callable[..., R],
    config: Config,
    strict_examples: bool,
    more: Sequence[Path] = (),
    texts: Mapping[str, bytes] = MappingProxyType({}),
) -> Callable[[], R]:
    return partial(
        load,
        *(path for path in config.rules if path.exists()),  # the configuration says what is not there
        *more,
        defaults=dict(config.defaults),
        channels=frozenset(config.channel_names),
        sources={source: tuple(tags) for source, tags in config.source_tags.items()},
        strict_examples=strict_examples,
        timezone=config.timezone,
        texts=dict(texts),
    )


def open_session(config: Config) -> Session:
    """The guarded session of a configuration."""
    return Session(
        user_agent=f"rasid/{version('rasid')}" + (f" (+{config.fetch.contact})" if config.fetch.contact else ""),
        private_networks=config.fetch.private_networks,
        timeout=config.fetch.timeout,
        max_size=config.fetch.max_size,
        proxy=config.fetch.proxy,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Doors:
    """The sources and channels that one configuration came to."""

    config: Config
    sources: Mapping[str, Source]
    channels: Mapping[str, Channel]

    def with_rules(self, rules: Ruleset) -> Installed:
        """All of it. A rule that took the id of a drill's is not active."""
        taken = dict.fromkeys(drills.RULE_IDS & rules.cards.keys(), TAKEN)
        drill_rules = drills.rules()
        return Installed(
            config=self.config,
            rules=rules.without(taken) if taken else rules,
            sources=self.sources,
            channels=self.channels,
            channel_specs={spec.name: spec for spec in self.config.channels},
            drills={source_of(channel): drills.rules_for(channel, drill_rules) for channel in self.config.drills},
            drill_cards=drill_rules.cards,
        )


def install(config: Config, parser: Parser) -> Installed:
    """Build what a configuration asks for.

    Raises ConfigError with every fault of every source and channel, else RuleError. Touches nothing.
    """
    return build_doors(config, parser).with_rules(load_configured_rules(config, strict_examples=False))


def build_doors(config: Config, parser: Parser, old: Installed | None = None) -> Doors:
    """Build sources and channels. What is specified as in `old` goes on as it is.

    Raises ConfigError with every fault of all of them. Touches nothing.
    """
    session = open_session(config)
    source_tools = source_kinds.Tools(session=session, parser=parser)
    channel_tools = channel_kinds.Tools(session=session, language=config.language, timezone=config.timezone)
    kept = old if old is not None and _shared(old.config) == _shared(config) else None
    sources: dict[str, Source] = {}
    channels: dict[str, Channel] = {}
    faults: list[Problem] = []
    for spec in (*config.sources, *drills.sources(config)):
        if kept is not None and spec.id in kept.sources and kept.sources[spec.id].spec == spec:
            sources[spec.id] = kept.sources[spec.id]
            continue
        try:
            sources[spec.id] = source_kinds.build(spec, source_tools)
        except ConfigError as error:
            faults.extend(error.problems)
    for made in config.channels:
        if kept is not None and kept.channel_specs.get(made.name) == made:
            channels[made.name] = kept.channels[made.name]
            continue
        try:
            channels[made.name] = channel_kinds.build(made, channel_tools)
        except ConfigError as error:
            faults.extend(error.problems)
    if errors := [problem for problem in faults if problem.level is Level.ERROR]:
        raise ConfigError(errors)
    return Doors(config=config, sources=sources, channels=channels)


def _shared(config: Config) -> tuple[object, ...]:
    """What every channel of a configuration depends on beside its own options."""
    return config.fetch, config.language, config.timezone
