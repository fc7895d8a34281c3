"""Live through compressed days with faults of every kind, and print what became of every article.

    python -m tests.bench.soak --hours 12                                 # as the suite does
    python -m tests.bench.soak --hours 720 --sources 2000 --rules 5000 --every 6h --kills 10 --rounds 10    # a month

Exit 1 and a line for each account that does not add up.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from tests.flows.soak import Size, Soak


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    usual = Size(hours=12)
    parser.add_argument("--hours", type=float, default=usual.hours, help="of the compressed world")
    parser.add_argument("--speed", type=float, default=usual.speed, help="times faster than ours")
    parser.add_argument("--sources", type=int, default=usual.sources)
    parser.add_argument("--rules", type=int, default=usual.rules)
    parser.add_argument("--a-day", type=float, default=usual.a_day, help="articles a compressed day")
    parser.add_argument("--every", default=usual.every, help="between two polls of a source")
    parser.add_argument("--longest-fault", type=float, default=usual.longest_fault, help="hours a source fails")
    parser.add_argument("--rounds", type=int, default=usual.rounds, help="of everything that happens")
    parser.add_argument("--kills", type=int, default=usual.kills)
    parser.add_argument("--seed", type=int, default=usual.seed)
    with tempfile.TemporaryDirectory() as folder:
        account = Soak(Path(folder), Size(**vars(parser.parse_args())), lambda line: print(line, flush=True)).run()
    for name, value in account.figures.items():
        print(f"{name:36} {value}")
    for problem in account.problems:
        print(f"DOES NOT ADD UP: {problem}")
    if not account.problems:
        print("everything adds up")
    return 1 if account.problems else 0


if __name__ == "__main__":
    sys.exit(main())
