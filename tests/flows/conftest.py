"""Fixtures of flows: a receiver, and a site whose channel `desk` is that receiver."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.flows.receiver import Receiver
from tests.flows.site import Site


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as made:
        yield made


@pytest.fixture
def site(tmp_path: Path, receiver: Receiver) -> Site:
    return Site(folder=tmp_path, channels={"desk": f"{{kind: webhook, url: '{receiver.url}', retry: 1ms}}"})
