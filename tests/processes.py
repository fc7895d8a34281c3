"""What Linux says of running processes: whose children they are, their time of the processor, their memory."""

from __future__ import annotations

import os
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


def children(pid: int) -> frozenset[int]:
    """The processes that this one has started and not reaped."""
    while True:
        try:
            lists = [task.read_text() for task in Path(f"/proc/{pid}/task").glob("*/children")]
        except (FileNotFoundError, ProcessLookupError):  # a thread ended meanwhile; another has its children now
            continue
        return frozenset(int(number) for found in lists for number in found.split())


def cpu_s(pid: int) -> float:
    """Seconds of the processor that it has used so far, its children not counted."""
    fields = stat(pid)
    return (int(fields[11]) + int(fields[12])) / _TICKS


def stat(pid: int) -> list[str]:
    """What `/proc/PID/stat` says after the name: the state first."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def memory(pid: int) -> tuple[int, int]:
    """In bytes: the most it ever held in memory, and what it holds now."""
    lines = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    peak, now = (int(lines[name].split()[0]) * 1024 for name in ("VmHWM", "VmRSS"))
    return peak, now
