"""Kill a telling daemon many times, at random and once at every place of the way, and count what came of every match.

python -m tests.bench.kill --kills 200 --articles 500
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from tests.flows.crash import points
from tests.flows.kill import run


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--articles", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        report = run(Path(folder), kills=wanted.kills, articles=wanted.articles, seed=wanted.seed, places=points())
    print(report)
    return 1 if report.lost or report.strange or report.untold or report.unfinished or report.unowed else 0


if __name__ == "__main__":
    sys.exit(main())
