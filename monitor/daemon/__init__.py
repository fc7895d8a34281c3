"""Wire everything together: configuration, rules, sources, queue, store, channels. The only composition root.

`run_once` takes the article's way and the alert's way once; `serve` does it until it is told to stop. Neither decides
anything about articles or alerts: the flows do the steps, the rooms below decide.
"""

from __future__ import annotations

from monitor.daemon.keeper import limits
from monitor.daemon.once import RunReport, run_once
from monitor.daemon.reload import reasons, rules_in_use, try_start
from monitor.daemon.service import serve
from monitor.daemon.setbacks import Setback, goes_on
from monitor.daemon.wiring import (
    OFF,
    check_kinds,
    load_configured_pack,
    load_configured_rules,
    open_session,
    pace,
    pack_loader,
)

__all__ = [
    "OFF",
    "RunReport",
    "Setback",
    "check_kinds",
    "goes_on",
    "limits",
    "load_configured_pack",
    "load_configured_rules",
    "open_session",
    "pace",
    "pack_loader",
    "reasons",
    "rules_in_use",
    "run_once",
    "serve",
    "try_start",
]
