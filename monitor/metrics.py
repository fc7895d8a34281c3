"""Own counters and gauges: a name, a few labels, a number. Exported by the console, summed up by `run`.

Labels are ids from the configuration or words of a fixed set, never URLs or article text.
"""

from __future__ import annotations

import threading
from collections import Counter

Key = tuple[str, tuple[tuple[str, str], ...]]


class Metrics:
    """A set of counters safe to use from every thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: Counter[Key] = Counter()

    def count(self, name: str, amount: int = 1, **labels: str) -> None:
        """Add `amount` to the counter `name` with these labels."""
        with self._lock:
            self._counts[name, tuple(sorted(labels.items()))] += amount

    def total(self, name: str, **labels: str) -> int:
        """The sum of all counters `name` that carry at least these labels."""
        wanted = set(labels.items())
        with self._lock:
            return sum(n for (key, marks), n in self._counts.items() if key == name and wanted <= set(marks))

    def snapshot(self) -> dict[Key, int]:
        """All counters as they stand."""
        with self._lock:
            return dict(self._counts)

    def shown(self) -> dict[str, int]:
        """All counters by name, labels in braces: `polls{result=failed}`; sorted."""
        return {
            name + (f"{{{','.join(f'{key}={value}' for key, value in labels)}}}" if labels else ""): number
            for (name, labels), number in sorted(self.snapshot().items())
        }
