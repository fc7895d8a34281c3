"""Run a `rasid` command in which one loop dies or hangs once a flag file appears.

    python -m tests.flows.wound writer-dies hurt.flag --config monitor.yaml run

The product knows nothing of it.
"""

from __future__ import annotations

import queue
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from apscheduler.schedulers.base import BaseScheduler

from monitor.cli import main
from monitor.daemon.lanes import Lanes
from monitor.daemon.loops import Loops
from monitor.store import writer


class Death(BaseException):
    """What ends a thread at once."""


def strike(kind: str, flag: Path) -> None:
    """Die or hang when the flag is there."""
    if flag.exists():
        if kind == "dies":
            raise Death
        threading.Event().wait()


def wound(what: str, flag: Path) -> None:
    """Wrap one step of the loop, so that it strikes there."""
    loop, _, kind = what.partition("-")
    if loop == "writer":

        class Jobs(queue.Queue[Any]):
            def get(self, block: bool = True, timeout: float | None = None) -> Any:
                item = super().get(block, timeout)
                if threading.current_thread().name == "store-writer" and not dying.is_set():
                    if flag.exists():
                        dying.set()
                        self.put(item)  # not begun: nobody may wait for it for ever
                    strike(kind, flag)
                return item

        dying = threading.Event()
        vars(writer)["queue"] = SimpleNamespace(SimpleQueue=Jobs)
        return
    owner, step = {
        "judge": (Loops, "_flush"),
        "deliver": (Lanes, "serve"),
        "scheduler": (BaseScheduler, "_process_jobs"),
    }[loop]
    original: Callable[..., Any] = getattr(owner, step)

    def struck(self: Any, *args: Any) -> Any:
        strike(kind, flag)
        return original(self, *args)

    setattr(owner, step, struck)


if __name__ == "__main__":
    wound(sys.argv[1], Path(sys.argv[2]))
    threading.excepthook = lambda args: None
    main(sys.argv[3:], prog_name="rasid")
