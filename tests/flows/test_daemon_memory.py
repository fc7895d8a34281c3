"""What a daemon's allocator keeps: threads share its arenas, and large blocks go back."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

BEGIN = """
import ctypes, sys, threading
from monitor.daemon.memory import settle_allocator

library = ctypes.CDLL(None)
if not hasattr(library, "malloc_info") or sys.argv[1] == "settled" and not settle_allocator():
    sys.exit(3)
"""
ARENAS = """
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
"""
BLOCKS = """
for _ in range(2):  # the first that is freed says where the next is put
    block = None
    block = bytearray(16 << 20)
"""
END = """
library.fopen.restype = ctypes.c_void_p
out = ctypes.c_void_p(library.fopen(sys.argv[2].encode(), b"w"))
library.malloc_info(0, out)
library.fclose(out)
"""


def _told(tmp_path: Path, what: str, how: str) -> str:
    """What the allocator of a process says of itself."""
    told = tmp_path / how
    done = subprocess.run([sys.executable, "-c", BEGIN + what + END, how, str(told)], check=False, timeout=60)
    if done.returncode == 3:
        pytest.skip("the C library has no such allocator")
    assert done.returncode == 0
    return told.read_text()


def test_threads_share_two_arenas(tmp_path: Path) -> None:
    assert _told(tmp_path, ARENAS, "as it is").count("<heap nr=") > 3
    assert _told(tmp_path, ARENAS, "settled").count("<heap nr=") <= 3  # those that were there before stay


def test_large_blocks_are_mapped_each_by_itself_also_the_second_time(tmp_path: Path) -> None:
    assert _mapped(_told(tmp_path, BLOCKS, "settled")) > 16 << 20
    assert _mapped(_told(tmp_path, BLOCKS, "as it is")) < 16 << 20


HOLES = """
import ctypes, sys
from monitor.daemon.memory import give_back

def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1])

kept = [bytearray(5_000) for _ in range(10_000)]
kept = [block for at, block in enumerate(kept) if at % 50 == 0 or at > 9_950]
full = resident()
if not hasattr(ctypes.CDLL(None), "malloc_trim"):
    sys.exit(3)
give_back()
print(full, resident())
"""


def test_free_pages_in_the_middle_go_back_to_the_system() -> None:
    done = subprocess.run([sys.executable, "-c", HOLES], check=False, timeout=60, capture_output=True, text=True)
    if done.returncode == 3:
        pytest.skip("the C library has no such allocator")
    full, after = map(int, done.stdout.split())
    assert after < 0.7 * full


def _mapped(told: str) -> int:
    """The bytes that are mapped by themselves."""
    return int(re.findall(r'<total type="mmap" count="\d+" size="(\d+)"', told)[-1])
