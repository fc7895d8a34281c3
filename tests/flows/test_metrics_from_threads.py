"""Counters from many threads at once; apart from tests/ground, which is measured by a tracer that threads upset."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from monitor.metrics import Metrics


def test_no_count_is_lost_between_threads() -> None:
    metrics = Metrics()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: metrics.count("articles"), range(4000)))
    assert metrics.total("articles") == 4000
