"""What Prometheus reads: every figure of a running Rasid with its name, its meaning and its labels.

Labels are ids of the configuration and words of fixed sets; never a URL, never article text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from prometheus_client import CollectorRegistry, GCCollector, PlatformCollector, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

CONTENT_TYPE = CONTENT_TYPE_LATEST

COUNTERS: Mapping[str, str] = {
    "polls": "Polls by result: new, unchanged, failed.",
    "gaps": "Documents of which no item was known, so that articles may have been missed.",
    "files": "Files of drop folders by result: taken, failed.",
    "articles": "Articles stored: new, edited.",
    "matches": "Matches found.",
    "alerts": "Alerts put into the outbox, by channel.",
    "deliveries": "Tries of deliveries by result: sent, retried, held, parked, dead.",
    "reloads": "Reloads by result: good, refused.",
    "troubles": "Faults of a loop that it went on from.",
}
"""Counters of `monitor.metrics` by name; here they are `rasid_NAME_total`."""

GAUGES: Mapping[str, str] = {
    "sources": "Sources by state: configured, failing, late, paused.",
    "rules": "Rules by state: active, inactive.",
    "reload_good": "1 while the last reload was taken, 0 while it was refused and the last good set goes on.",
    "offline": "1 while most hosts are out of reach, so that this machine seems to be offline.",
    "polls_under_way": "Sources being polled now.",
    "queue_fetches": "Fetches that wait to be judged.",
    "groups_waiting": "Groups with matches that wait to be told.",
    "outbox_deliveries": "Unfinished deliveries by channel and state: pending, leased, held, parked.",
    "outbox_oldest_seconds": "Age of the oldest delivery that is due or under way, 0 without one.",
    "channel_failing": "1 while a channel fails as a whole and is paused, by channel.",
    "silences": "Silences that hold now.",
    "loop_idle_seconds": "Time since a loop last came round.",
    "last_success_timestamp_seconds": "When something last went well: poll, article, alert, delivery.",
    "lag_seconds": "Lag of the last hour by step (published_to_stored, stored_to_outbox ...) and percentile.",
    "rule_matches": "Matches of the last day by rule, the 100 that matched most.",
    "rule_cost_seconds": "Processor time of a rule for an article on the average of the last day's, the 20 dearest.",
    "database_bytes": "Size of the database's files: database, wal.",
    "disk_free_bytes": "Free space where the database lies.",
    "start_timestamp_seconds": "When this process began to serve.",
}
"""Figures that are looked up when they are asked for; here they are `rasid_NAME`."""


@dataclass(frozen=True, slots=True)
class Gauge:
    """One figure: a name of GAUGES, a number, its labels."""

    name: str
    value: float
    labels: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


Counts = Mapping[tuple[str, tuple[tuple[str, str], ...]], int]


class Exposition:
    """Answers a scrape. `counts` gives the counters as `Metrics.snapshot` does, `gauges` what is looked up."""

    def __init__(self, counts: Callable[[], Counts], gauges: Callable[[], Iterable[Gauge]]) -> None:
        self._counts = counts
        self._gauges = gauges
        self._registry = CollectorRegistry()
        self._registry.register(self)
        for collector in (ProcessCollector, PlatformCollector, GCCollector):
            collector(registry=self._registry)

    def text(self) -> bytes:
        """Every figure as Prometheus reads it."""
        return generate_latest(self._registry)

    def describe(self) -> Iterable[Metric]:
        """Nothing beforehand: what there is is known when it is asked for."""
        return ()

    def collect(self) -> Iterator[Metric]:
        """Yield every family with its figures."""
        yield from _families(
            CounterMetricFamily,
            COUNTERS,
            ((name, number, dict(labels)) for (name, labels), number in self._counts().items()),
        )
        yield from _families(GaugeMetricFamily, GAUGES, ((g.name, g.value, g.labels) for g in self._gauges()))


Family = type[CounterMetricFamily] | type[GaugeMetricFamily]


def _families(
    kind: Family, known: Mapping[str, str], figures: Iterable[tuple[str, float, Mapping[str, str]]]
) -> Iterator[Metric]:
    """Figures by family, in the order of `known`; a family without figures is not shown."""
    found: dict[str, list[tuple[float, Mapping[str, str]]]] = {}
    for name, value, labels in figures:
        found.setdefault(name, []).append((value, labels))
    for name, meaning in known.items():
        if name not in found:
            continue
        names = tuple(found[name][0][1])
        family = kind(f"rasid_{name}", meaning, labels=names)
        for value, marks in found[name]:
            family.add_metric([marks[label] for label in names], value)
        yield family
