"""What listings share: `--since`, `--limit`, `--json`, and how a row's times and headline are shown."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, tzinfo
from typing import Any, TypeVar

import click

from monitor import timing
from monitor.cli import _screen

F = TypeVar("F", bound=Callable[..., Any])


def ago(ctx: click.Context, param: click.Parameter, value: str | None) -> datetime | None:
    """The moment that long ago."""
    if value is None:
        return None
    try:
        return timing.now() - timing.parse_duration(value)
    except ValueError as error:
        raise click.BadParameter(str(error), ctx, param) from error


def listing(limit: int) -> Callable[[F], F]:
    """The options of every listing."""

    def add(function: F) -> F:
        function = click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")(function)
        function = click.option("--limit", default=limit, show_default=True, type=click.IntRange(1))(function)
        return click.option("--since", callback=ago, metavar="DURATION", help="Only the last 2h, 7d ...")(function)

    return add


def shown_time(iso: str | None, zone: tzinfo, now: datetime) -> str:
    """A row's ISO time for a person."""
    return _screen.clock(datetime.fromisoformat(iso) if iso else None, zone, now)
