"""Whether we are offline: most of the hosts that could be reached lately can be reached no more. Knows no clock.

Only hosts that answered within a day have a vote, so that a list full of dead ones does not pass for a dead line.
"""

from __future__ import annotations

from dataclasses import dataclass

VOTES_S = 24 * 3600.0
"""How long an answer gives a host a vote."""

LATELY_S = 600.0
QUORUM = 3


@dataclass(slots=True)
class _Host:
    answered: float
    tried: float
    is_reached: bool


class Reach:
    """What became of the last request to each host. Times are monotonic seconds."""

    def __init__(self) -> None:
        self._hosts: dict[str, _Host] = {}
        self._judged = float("-inf")
        self._is_offline = False

    def answered(self, host: str, at: float) -> None:
        """A host answered, whatever it said."""
        self._hosts[host] = _Host(at, at, is_reached=True)

    def missed(self, host: str, at: float) -> None:
        """A host could not be reached. One that never answered has no vote."""
        known = self._hosts.get(host)
        if known is not None:
            known.tried, known.is_reached = at, False

    def is_offline(self, now: float) -> bool:
        """Whether more than half of the hosts tried lately, and at least three had a vote, were out of reach."""
        if now - self._judged >= 1.0:
            self._judged = now
            voters = [
                host
                for host in tuple(self._hosts.values())  # another thread may hear of a new one meanwhile
                if now - host.tried <= LATELY_S and now - host.answered <= VOTES_S
            ]
            missed = sum(not host.is_reached for host in voters)
            self._is_offline = len(voters) >= QUORUM and 2 * missed > len(voters)
        return self._is_offline
