"""The threads of a daemon share the allocator's arenas."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ARENAS = """
import ctypes, sys, threading
from monitor.daemon.memory import share_arenas

if sys.argv[1] == "shared" and not share_arenas():
    sys.exit(3)
library = ctypes.CDLL(None)
if not hasattr(library, "malloc_info"):
    sys.exit(3)
begun = threading.Barrier(9)
kept = []


def work():
    begun.wait()
    kept.append([bytearray(5_000) for _ in range(100)])
    begun.wait()


for _ in range(8):
    threading.Thread(target=work, daemon=True).start()
begun.wait()
begun.wait()
library.fopen.restype = ctypes.c_void_p
out = ctypes.c_void_p(library.fopen(sys.argv[2].encode(), b"w"))
library.malloc_info(0, out)
library.fclose(out)
"""


def _arenas(tmp_path: Path, how: str) -> int:
    told = tmp_path / how
    done = subprocess.run([sys.executable, "-c", ARENAS, how, str(told)], check=False, timeout=60)
    if done.returncode == 3:
        pytest.skip("the C library has no arenas")
    assert done.returncode == 0
    return told.read_text().count("<heap nr=")


def test_threads_share_two_arenas(tmp_path: Path) -> None:
    assert _arenas(tmp_path, "own") > 3
    assert _arenas(tmp_path, "shared") <= 3  # those that were there before stay
