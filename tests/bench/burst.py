"""What a burst of matches costs and what it is told as.

python -m tests.bench.burst --matches 10000 --at-most 20
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from monitor.store import Store
from tests.alerting.samples import NOON
from tests.flows.burst import run
from tests.flows.newsroom import Newsroom
from tests.receiver import Receiver


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--matches", type=int, default=10_000)
    parser.add_argument("--at-most", type=int, default=20)
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, Receiver() as receiver:
        path = Path(folder) / "rasid.db"
        with Store.open(path, write=True, now=NOON) as store:
            room = Newsroom(store=store, path=path, receiver=receiver)
            report = run(room, matches=wanted.matches, at_most=wanted.at_most)
    print(f"matches {report.matches}, on each of two channels at most {wanted.at_most} messages an hour")
    print(f"messages in the first hour {dict(report.first_hour)}, with the digest after it {dict(report.all)}")
    print(f"alerts that they tell {dict(report.told)}")
    print(f"dispositions {dict(report.dispositions)} of {report.expected}")
    print("seconds", {what: round(took, 1) for what, took in report.seconds.items()})
    is_bounded = max(report.first_hour.values()) <= wanted.at_most
    return 0 if is_bounded and sum(report.dispositions.values()) == report.expected else 1


if __name__ == "__main__":
    sys.exit(main())
