"""What options of channels hold beyond what all kinds share: networks, and the language of an alert's own words."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated

from pydantic import BeforeValidator

from monitor.alerting.wording import LANGUAGES
from monitor.errors import Problem
from monitor.http.guard import Network
from monitor.model import ChannelSpec
from monitor.options import Options, Read, read_options, wait
from monitor.options import Wait as Duration

__all__ = ["Duration", "Language", "Networks", "Options", "Waits", "read"]


def _networks(value: object) -> object:
    if isinstance(value, str):
        value = value.replace(",", " ").split()
    try:
        if not isinstance(value, list):
            raise ValueError
        return tuple(ipaddress.ip_network(item) for item in value)
    except ValueError:
        raise ValueError("is not a list of networks; write for example [127.0.0.0/8, 10.1.0.0/16]") from None


def _language(value: object) -> object:
    if value not in LANGUAGES:
        raise ValueError(f"must be one of {', '.join(LANGUAGES)}")
    return value


def _waits(value: object) -> object:
    texts = [value] if isinstance(value, str) else value
    if not isinstance(texts, list) or not texts:
        raise ValueError("must be a wait such as 30s, or several such as [5s, 5m, 1h]; the last goes on")
    return tuple(wait(text) for text in texts)


Waits = Annotated[tuple[timedelta, ...], BeforeValidator(_waits)]
"""The waits after the first, second ... failure; the last goes on."""

Networks = Annotated[tuple[Network, ...], BeforeValidator(_networks)]
Language = Annotated[str, BeforeValidator(_language)]


def read(model: type[Read], spec: ChannelSpec, idle: Mapping[str, str]) -> tuple[Read | None, tuple[Problem, ...]]:
    """The options of a channel, None when they hold an error, and every problem."""
    return read_options(model, spec.options, idle, about=f"channel {spec.name!r}", where=spec.where)
