"""The worker process: reads one document at a time from stdin, parses it, writes what it found to stdout.

Run as `python -m monitor.sources.parsing.worker MEMORY` by `sources.parser`, which kills it when it takes too long.
It imports parsers only and limits its own memory after importing them. What breaks it breaks nothing else.

A request is a line of JSON `{"do", "size", ...}`, the rest of it arguments, and `size` bytes; an answer is a line
with the size of a JSON object: `{"parsed": ...}` or `{"error": reason}`.
"""

from __future__ import annotations

import contextlib
import json
import os
import resource
import sys
from collections.abc import Callable
from typing import IO, Any

from monitor.errors import SourceError
from monitor.sources.parsing import files, items, page, syndication

MAX_ANSWER = 64_000_000


def main(memory: int) -> None:
    """Answer requests until stdin ends. `memory` is the limit of the address space in bytes."""
    limit(memory)
    requests = sys.stdin.buffer
    # Whatever a library prints must not end up between the answers.
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    answers.write(b"ready\n")
    answers.flush()
    while line := requests.readline():
        _answer(answers, _parse(json.loads(line), requests))


def limit(memory: int) -> None:
    """Bound this process: its address space, and no core files."""
    for name, value in ((resource.RLIMIT_AS, memory), (resource.RLIMIT_CORE, 0)):
        with contextlib.suppress(ValueError, OSError):  # macOS refuses RLIMIT_AS
            resource.setrlimit(name, (value, value))


def _parse(request: dict[str, Any], requests: IO[bytes]) -> bytes:
    body = requests.read(request.pop("size"))
    try:
        parsed = _DO[request.pop("do")](body, **request)
        answer = json.dumps({"parsed": items.to_json(parsed)}).encode()
    except SourceError as error:
        return _failed(error.reason)
    except MemoryError:
        return _failed("the parser ran out of memory on this document")
    except RecursionError:
        return _failed("refused: nested too deeply")
    except Exception as error:  # a parse boundary: whatever hostile bytes make a library do is this document's fault
        return _failed(f"the parser gave up on this document ({type(error).__name__})")
    return answer if len(answer) <= MAX_ANSWER else _failed("refused: the document grows beyond all measure")


def _file(body: bytes, name: str, max_size: int) -> items.Parsed:
    return files.parse_file(name, body, max_size)


_DO: dict[str, Callable[..., items.Parsed]] = {
    "feed": syndication.parse_feed,
    "page": page.parse_page,
    "file": _file,
}


def _failed(reason: str) -> bytes:
    return json.dumps({"error": reason}).encode()


def _answer(answers: IO[bytes], answer: bytes) -> None:
    answers.write(b"%d\n" % len(answer))
    answers.write(answer)
    answers.flush()


if __name__ == "__main__":
    main(int(sys.argv[1]))
