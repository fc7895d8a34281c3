"""How long a daemon takes from its process's start to READY and to its first poll: with nothing cached, then cached.

    python -m tests.bench.start [--rules 5000] [--sources 2000] [--times 3]

Each start is a process of its own on the same database; it is stopped by SIGTERM once a file that it finds in its
drop folder has been judged. CPU is that of the process and of its children, in user and in system mode.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tests.bench.corpus import World
from tests.flows.daemon import Daemon, Manager, until

TICKS = os.sysconf("SC_CLK_TCK")
PATIENCE_S = 300.0
SOURCE = '  s{number}: {{url: "http://127.0.0.1:9/{number}", every: 6h}}'


def prepare(folder: Path, rules: int, sources: int) -> Path:
    """Rules, and a configuration with one drop folder and feeds that nobody serves."""
    World().rules(rules, folder / "rules")
    (folder / "drop").mkdir()
    lines = [
        "version: 1",
        "database: rasid.db",
        "rules: [rules]",
        "fetch: {private_networks: [127.0.0.0/8]}",
        "channels: {desk: {kind: file, path: alerts.ndjson}}",
        "sources:",
        "  wire: {folder: drop, settle: 50ms}",
        *(SOURCE.format(number=number) for number in range(sources - 1)),
    ]
    path = folder / "monitor.yaml"
    path.write_text("\n".join(lines) + "\n")
    return path


def cpu_s(pid: int) -> float:
    """Processor time of a process and of its children that have ended."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) / TICKS


def start(config: Path, number: int) -> dict[str, float]:
    """Start a daemon, have it judge a file, stop it; seconds to each point, of wall and of CPU."""
    folder = config.parent
    (folder / "drop" / f"{number}.json").write_text(f'{{"title": "Start {number}", "text": "Nothing."}}')
    figures: dict[str, float] = {}
    with Manager(str(folder / f"notify-{number}")) as manager:
        begun = time.monotonic()
        daemon = Daemon(config, environment={**manager.environment, "XDG_CACHE_HOME": str(folder / "cache")})
        try:
            for name, is_there in (
                ("READY", lambda: bool(manager.said("READY"))),
                ("first judged", lambda: any("event=ingested" in line for line in daemon.lines)),
            ):
                until(_alive(daemon, is_there), PATIENCE_S, name)
                figures[f"{name}, s"] = time.monotonic() - begun
                figures[f"{name}, s of CPU"] = cpu_s(daemon.process.pid)
            assert daemon.stop() == 0, daemon.lines
        finally:
            daemon.kill()
    return figures


def _alive(daemon: Daemon, holds: Callable[[], bool]) -> Callable[[], bool]:
    def check() -> bool:
        if daemon.process.poll() is not None:
            raise SystemExit("\n".join(daemon.lines[-20:]))
        return holds()

    return check


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rules", type=int, default=5_000)
    parser.add_argument("--sources", type=int, default=2_000)
    parser.add_argument("--times", type=int, default=3, help="cached starts after the first")
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="rasid-bench-") as made:
        config = prepare(Path(made), wanted.rules, wanted.sources)
        for number in range(wanted.times + 1):
            name = "nothing cached" if not number else "cached"
            figures = start(config, number)
            print(f"{name + ':':16}", ", ".join(f"{what} {value:.2f}" for what, value in figures.items()), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
