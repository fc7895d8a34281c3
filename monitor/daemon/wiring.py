"""Build what a configuration asks for: rules, sources, channels, each checked before anything is touched.

The result is one frozen set; a running daemon replaces it whole. Nothing is opened here but what sources and channels
share.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from typing import TypeVar

from monitor import channels as channel_kinds
from monitor import sources as source_kinds
from monitor.channels import Channel
from monitor.config import Config
from monitor.config.fetch import Fetch
from monitor.errors import ConfigError, Level, Problem
from monitor.http.session import Session
from monitor.ingest import SourceTraits
from monitor.model import ChannelSpec
from monitor.rhythm.plan import Pace
from monitor.rulefiles import Pack, load_pack, load_rules
from monitor.rules.engine import Ruleset
from monitor.sources import Source
from monitor.sources.parser import Parser

R = TypeVar("R")

OFF = "its status is off"
"""Why a rule is inactive that nobody wants otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Installed:
    """What one configuration came to: good as a whole, replaced as a whole."""

    config: Config
    rules: Ruleset
    sources: Mapping[str, Source]
    channels: Mapping[str, Channel]
    channel_specs: Mapping[str, ChannelSpec]

    def traits(self, source: str) -> SourceTraits:
        """What ingest must know of a source. Raises KeyError for one that is not configured."""
        made = self.sources[source]
        return SourceTraits(has_baseline=made.has_baseline, since=made.since)


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
    return _loaded(load_rules, config, strict_examples)


def load_configured_pack(config: Config, *, strict_examples: bool) -> Pack:
    """Those rules, and what they were made of. Raises RuleError."""
    return _loaded(load_pack, config, strict_examples)


def _loaded(load: Callable[..., R], config: Config, strict_examples: bool) -> R:
    return load(
        *(path for path in config.rules if path.exists()),  # the configuration says what is not there
        defaults=config.defaults,
        channels=config.channel_names,
        sources=config.source_tags,
        strict_examples=strict_examples,
        timezone=config.timezone,
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
        """All of it."""
        return Installed(
            config=self.config,
            rules=rules,
            sources=self.sources,
            channels=self.channels,
            channel_specs={spec.name: spec for spec in self.config.channels},
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
    for spec in config.sources:
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
