"""A burst of matches: no channel gets more messages than it takes, and every match is accounted for."""

from __future__ import annotations

from tests.flows.burst import run
from tests.flows.newsroom import Newsroom


def test_a_burst_is_told_in_as_many_messages_as_a_channel_takes_and_one_more(room: Newsroom) -> None:
    report = run(room, matches=500, at_most=20)

    assert report.first_hour == {"desk": 20, "duty": 20}
    assert report.all == {"desk": 21, "duty": 21}
    assert report.told == {"desk": 500, "duty": 500}
    assert (report.matches, report.expected) == (500, 1000)
    assert report.dispositions == {"alerted": 1000}
