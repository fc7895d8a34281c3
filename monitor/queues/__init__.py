"""The hand-off between poll and ingest: messages with a stable key, delivered at least once, in any order.

A queue is two verbs, `put` and `take`, plus `done` for what has been dealt with. What is taken and not done comes
again. Uniqueness is the store's business, never the queue's.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """A message in the taker's hands until it says `done`, or the lease runs out and it comes again."""

    key: str
    message: bytes
    token: int


class Queue(Protocol):
    """The contract of every queue; `tests/queues/contract.py` is its test."""

    def put(self, key: str, message: bytes) -> None:
        """Hand over a message. Returns once the queue answers for it. The same key twice may be delivered once."""

    def take(self, timeout: timedelta = timedelta(0)) -> Lease | None:
        """Any waiting message, or None when none came in time."""

    def done(self, lease: Lease) -> None:
        """The message has been dealt with; a lease that ran out meanwhile is no error."""
