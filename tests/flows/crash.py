"""Run a `rasid` command that is killed (SIGKILL) before or after one named step of the way.

    python -m tests.flows.crash after:commit --config monitor.yaml run --once

The steps are functions of the product, wrapped here; the product knows nothing of it. `after:` a step that runs
inside a transaction is a kill before COMMIT.
"""

from __future__ import annotations

import functools
import os
import signal
import sys
from collections.abc import Callable
from importlib import import_module
from typing import Any

STEPS = {
    # an article's way
    "fetch": "monitor.sources.feed:Feed.fetch",
    "scan": "monitor.sources.folder:Folder.fetch",
    "read": "monitor.sources.dropbox:Dropbox.read",
    "parse": "monitor.sources.parser:Parser.file",
    "put": "monitor.queues.memory:MemoryQueue.put",
    "take": "monitor.queues.memory:MemoryQueue.take",
    "identify": "monitor.ingest:decide_all",
    "match": "monitor.rules.engine:Ruleset.match",
    "place": "monitor.stories.placing:place",
    "collect": "monitor.ingest:collect",
    "ask": "monitor.sources.asking:question",
    "cursor": "monitor.store.writes:save_ingested",  # inside the transaction
    "write": "monitor.store.writes:commit_ingest",  # inside the transaction
    "commit": "monitor.store:Store.commit",
    "ingested": "monitor.daemon.book:Book.ingested",
    "book": "monitor.daemon.book:Book.settle",
    "write-polls": "monitor.store.polling:record",  # inside the transaction
    "record": "monitor.store:Store.record",
    "done": "monitor.queues.memory:MemoryQueue.done",
    "move": "monitor.sources.dropbox:Dropbox.move",
    "rename": "monitor.sources.dropbox:os.rename",
    # an alert's way
    "flush": "monitor.tell:flush",
    "write-alert": "monitor.store.outbox:save_alert",  # inside the transaction
    "commit-alert": "monitor.store:Store.commit_alert_soon",
    "tell": "monitor.tell:_Round.take",
    "claim": "monitor.store:Store.claim",
    "send": "monitor.channels.posting:Poster.send",
    "settle": "monitor.store:Store.settle_soon",
    "write-settled": "monitor.store.settling:settle",  # inside the transaction
}


def die() -> None:
    """End this process as a power cut would: no handler runs, nothing is flushed."""
    os.kill(os.getpid(), signal.SIGKILL)


def arm(when: str, step: str) -> None:
    """Wrap the step so that its first call kills the process before or after it."""
    module_name, _, path = STEPS[step].partition(":")
    owner: Any = import_module(module_name)
    *holders, name = path.split(".")
    for holder in holders:
        owner = getattr(owner, holder)
    original: Callable[..., Any] = getattr(owner, name)

    @functools.wraps(original)
    def armed(*args: Any, **kwargs: Any) -> Any:
        if when == "before":
            die()
        result = original(*args, **kwargs)
        die()
        return result

    setattr(owner, name, armed)


def points() -> tuple[str, ...]:
    """Every place at which a process can be killed: before and after each step."""
    return tuple(f"{when}:{step}" for step in STEPS for when in ("before", "after"))


if __name__ == "__main__":
    when, _, step = sys.argv[1].partition(":")
    arm(when, step)
    from monitor.cli import main

    main(sys.argv[2:], prog_name="rasid")
