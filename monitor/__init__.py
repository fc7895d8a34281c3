"""Rasid's public API: what a program that embeds the matching or reads the store may rely on.

    import monitor
    monitor.find("هجوم", "تعرض الموقع لهجوم ليلي")
    rules = monitor.load_rules("rules/")
    rules.match(monitor.Article(id="1", source="", title="...", text="..."))

Names are imported when first used, so that a worker process which needs one module does not load them all.
Nothing inside the package imports from here.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from monitor.config import load_config
    from monitor.errors import MonitorError
    from monitor.model import Article, Match, Span
    from monitor.rulefiles import load_rules
    from monitor.rules.engine import Ruleset
    from monitor.rules.terms import find
    from monitor.store import Store

__all__ = [
    "Article",
    "Match",
    "MonitorError",
    "Ruleset",
    "Span",
    "Store",
    "find",
    "load_config",
    "load_rules",
]

_HOMES = {
    "Article": "monitor.model",
    "Match": "monitor.model",
    "MonitorError": "monitor.errors",
    "Ruleset": "monitor.rules.engine",
    "Span": "monitor.model",
    "Store": "monitor.store",
    "find": "monitor.rules.terms",
    "load_config": "monitor.config",
    "load_rules": "monitor.rulefiles",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'monitor' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
