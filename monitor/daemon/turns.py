"""Whose turn it is: a line for each host, with so many requests in flight and so long between their starts.

Knows no clock and no thread: times are monotonic seconds, given by the caller. What has no host, as a folder, never
waits.
"""

from __future__ import annotations

import heapq
from collections import deque
from dataclasses import dataclass, field

BETWEEN_STARTS_S = 1.0


@dataclass(slots=True)
class _Line:
    host: str
    waiting: deque[str] = field(default_factory=deque)
    in_flight: int = 0
    free_at: float = float("-inf")
    is_queued: bool = False  # stands in the heap


class Turns:
    """Sources that wait for their turn, first come first served within a host."""

    def __init__(self, per_host: int = 1) -> None:
        self.per_host = per_host
        self._lines: dict[str, _Line] = {}
        self._heap: list[tuple[float, int, str]] = []
        self._number = 0
        self._free: deque[str] = deque()
        self._hosts: dict[str, str] = {}  # of sources taken and not yet done

    def put(self, source: str, host: str) -> None:
        """Let a source wait in the line of its host."""
        if not host:
            self._free.append(source)
            return
        line = self._lines.setdefault(host, _Line(host))
        line.waiting.append(source)
        self._queue(line)

    def take(self, now: float) -> str | None:
        """The source whose turn it is, None when nobody's is. It is in flight until `done`."""
        if self._free:
            return self._free.popleft()
        while self._heap and self._heap[0][0] <= now:
            line = self._lines[heapq.heappop(self._heap)[2]]
            line.is_queued = False
            if not line.waiting or line.in_flight >= self.per_host:
                continue
            source = line.waiting.popleft()
            self._hosts[source] = line.host
            line.in_flight += 1
            line.free_at = now + BETWEEN_STARTS_S
            self._queue(line)
            return source
        return None

    def done(self, source: str) -> None:
        """A source that was taken is in flight no more. One never taken is no error."""
        host = self._hosts.pop(source, "")
        if host:
            line = self._lines[host]
            line.in_flight -= 1
            self._queue(line)

    @property
    def next_at(self) -> float:
        """When somebody's turn may come next without another `put` or `done`; infinite when nobody's will."""
        if self._free:
            return float("-inf")
        return self._heap[0][0] if self._heap else float("inf")

    def __len__(self) -> int:
        """Sources that wait."""
        return len(self._free) + sum(len(line.waiting) for line in self._lines.values())

    def _queue(self, line: _Line) -> None:
        if line.waiting and line.in_flight < self.per_host and not line.is_queued:
            line.is_queued = True
            self._number += 1  # who has waited longer goes first
            heapq.heappush(self._heap, (line.free_at, self._number, line.host))
