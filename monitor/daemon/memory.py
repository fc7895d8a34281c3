"""Keep the allocator from holding what one thread, or one moment, once needed.

glibc gives threads up to eight arenas per core, and what a thread frees stays in its arena: of a daemon of 45 threads
37 MB after three compressed days, 7 MB with two arenas. Python's own lock lets one thread allocate at a time, so that
more arenas gain nothing.

Large blocks are mapped each by itself and go back when they are freed. But the first of 16 MiB that is freed (the
table of what tokens mean to rules that were replaced) tells glibc to take the next ones from the heap, where they
leave holes: 57 of 120 MB after the first edits of a rule file. Nothing that a sheet of articles needs is as large as
`MAPPED`.

Free pages between what is still used stay with the process whatever happens: 25 of 80 MB after three compressed days.
They are given back now and then.
"""

from __future__ import annotations

import ctypes

ARENAS = 2
MAPPED = 4 << 20
"""Bytes from which on a block is mapped by itself."""

KEPT = 2 * MAPPED
"""Bytes at the end of the heap that are kept for what comes next, as glibc keeps twice what it does not map."""

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD, _M_ARENA_MAX = -1, -3, -8
"""Of `mallopt`, from glibc's malloc.h."""


def settle_allocator() -> bool:
    """Let all threads that start from now on share `ARENAS` arenas, and large blocks go back to the system for good;
    False where the C library has nothing of the kind.
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, TypeError, AttributeError):
        return False
    wanted = (_M_ARENA_MAX, ARENAS), (_M_MMAP_THRESHOLD, MAPPED), (_M_TRIM_THRESHOLD, KEPT)
    return all(bool(mallopt(what, value)) for what, value in wanted)


def give_back() -> bool:
    """Give the system all free pages of the heap; False where there are none, or the C library has nothing of the
    kind. Takes some milliseconds, in which other threads may have to wait for memory.
    """
    try:
        return bool(ctypes.CDLL(None).malloc_trim(0))
    except (OSError, TypeError, AttributeError):
        return False
