"""How every source stands, for listings: the rows of the store with the plan that a running Rasid follows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from monitor.config import Config
from monitor.daemon import open_session, pace
from monitor.http.domains import registrable
from monitor.model import Pause, SourceState
from monitor.rhythm.pauses import scopes
from monitor.rhythm.plan import draw, plan
from monitor.rhythm.states import is_gone, median_gap
from monitor.rhythm.troubles import Trouble
from monitor.sources import Source, Tools, build
from monitor.sources.parser import Parser
from monitor.store import Store

Row = dict[str, Any]
_COUNTS: Row = {"articles": 0, "matches": 0, "files": 0, "failed_files": 0}
_KEPT = ("last_success", "last_article", "first_parsed", "last_error_at", "not_before", "failing_since")


def built(config: Config, parser: Parser) -> Mapping[str, Source]:
    """Every configured source. Raises ConfigError."""
    tools = Tools(session=open_session(config), parser=parser)
    return {spec.id: build(spec, tools) for spec in config.sources}


def rows(config: Config, store: Store | None, now: datetime) -> Iterator[Row]:
    """A row for each source that is configured, off, or was once fetched; keys as `docs/commands.md` lists them."""
    with Parser() as parser:
        sources = built(config, parser)
    counts = {row["id"]: row for row in store.sources()} if store else {}
    states = store.source_states() if store else {}
    pauses = store.pauses() if store else {}
    troubles = store.troubles() if store else {}
    off = {one.name: one.reason for one in config.disabled if one.what == "source"}
    tags = {spec.id: list(spec.tags) for spec in config.sources}
    for name in (*sources, *off, *sorted(states.keys() - sources.keys() - off.keys())):
        state = states.get(name) or SourceState(id=name)
        source = sources.get(name)
        row: Row = {"id": name, "kind": source.kind if source else "", "tags": tags.get(name, [])}
        row |= {key: counts.get(name, _COUNTS)[key] for key in _COUNTS}
        row |= _standing(state, troubles.get(name, {}))
        row |= {"off": off.get(name, ""), "next_poll": None, "why": ""}
        if source is None:
            row["state"] = "off" if name in off else "not configured"
        else:
            row |= _planned(source, state, pauses, config, now)
        yield row


def _standing(state: SourceState, troubles: Mapping[Trouble, datetime]) -> Row:
    gap = median_gap(state.appeared)
    return {
        "state": _word(state, troubles),
        "failures": state.failures,
        "last_error": state.last_error,
        **{key: iso(getattr(state, key)) for key in _KEPT},
        "median_gap": None if gap is None else round(gap.total_seconds()),
        "moved_to": state.moved_to,
        "paused": state.paused_by,
        "troubles": {trouble.value: iso(since) for trouble, since in troubles.items()},
    }


def _word(state: SourceState, troubles: Mapping[Trouble, datetime]) -> str:
    if state.paused_at is not None:
        return "paused"
    if is_gone(state):
        return "gone"
    if state.failures:
        return "failing"
    if Trouble.SILENT in troubles:
        return "silent"
    return "fine" if state.last_success else "never polled"


def _planned(source: Source, state: SourceState, pauses: Mapping[str, Pause], config: Config, now: datetime) -> Row:
    names = scopes(source.id, source.host, registrable(source.host))
    held = [pauses[name] for name in names if name in pauses]
    found = plan(state, pace(source, config.fetch), now, jitter=draw(state), pauses=held)
    return {"next_poll": iso(found.at), "why": found.reason}


def iso(moment: datetime | None) -> str | None:
    """ISO 8601 in UTC with milliseconds and Z, or None."""
    return None if moment is None else moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
