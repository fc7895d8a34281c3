"""Content encodings undone: gzip, deflate, br and zstd, within a bound, and whether what was packed had ended.

A connection that is simply closed at the end of a body proves nothing of the body; what was packed says itself where
it ends. Pure.
"""

from __future__ import annotations

import sys
import zlib
from collections.abc import Callable, Sequence
from typing import Protocol

import brotli

from monitor.errors import HttpError

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

KNOWN = frozenset(["", "identity", "gzip", "x-gzip", "deflate", "br", "zstd"])
MOST = 2
"""Encodings of one body: more than one is rare, more than two is a bomb."""

MOST_MEMBERS = 200
"""Members of one packed body. Each costs a copy of all behind it; what is packed in blocks has 64 kB in each."""

_GZIP = b"\x1f\x8b"
_ZSTD = b"\x28\xb5\x2f\xfd"


class _Unpacker(Protocol):
    @property
    def eof(self) -> bool: ...

    @property
    def unused_data(self) -> bytes: ...

    def decompress(self, data: bytes, max_length: int, /) -> bytes: ...


def unpacked(body: bytes, encodings: Sequence[str], most: int) -> tuple[bytes, bool]:
    """The body without its encodings, which are named in the order in which they were applied, and whether it ended.

    `most` bounds the result and what lies between, in bytes. Raises HttpError.
    """
    has_ended = True
    for name in reversed(encodings):
        if body and name not in ("", "identity"):
            try:
                body, ends = _without(name, body, most + 1)
            except (zlib.error, brotli.error, zstd.ZstdError) as error:
                raise HttpError("truncated", "the compressed response is damaged") from error
            if not ends and name == "zstd":
                raise HttpError("truncated", "the compressed response broke off")
            has_ended = has_ended and ends
        if len(body) > most:
            raise HttpError("too-large", f"the response is larger than {most} bytes")
    return body, has_ended


def _without(name: str, body: bytes, most: int) -> tuple[bytes, bool]:
    if name == "br":
        unpacker = brotli.Decompressor()
        return unpacker.process(body, output_buffer_limit=most), unpacker.is_finished()
    if name == "zstd":
        return _members(zstd.ZstdDecompressor, _ZSTD, body, most)
    if name != "deflate":
        return _members(lambda: zlib.decompressobj(wbits=31), _GZIP, body, most)
    try:
        return _members(lambda: zlib.decompressobj(), b"", body, most)
    except zlib.error:  # many send the bare stream, without the header that the standard wants
        return _members(lambda: zlib.decompressobj(wbits=-15), b"", body, most)


def _members(begin: Callable[[], _Unpacker], mark: bytes, body: bytes, most: int) -> tuple[bytes, bool]:
    """What one or more members hold, one behind the other, each with `mark` at its start; what follows is no part."""
    found = b""
    for _ in range(MOST_MEMBERS):
        unpacker = begin()
        found += unpacker.decompress(body, most - len(found))
        if not unpacker.eof or len(found) >= most:
            return found, unpacker.eof
        body = unpacker.unused_data
        if not mark or not body.startswith(mark):
            return found, True
    raise HttpError("refused", f"the response is packed in more than {MOST_MEMBERS} parts")
