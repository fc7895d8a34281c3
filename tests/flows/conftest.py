"""Fixtures of flows: a receiver, and a site whose channel `desk` is that receiver."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from monitor.store import Store
from tests.alerting.samples import NOON
from tests.flows.newsroom import Newsroom
from tests.flows.receiver import Receiver
from tests.flows.site import Site
from tests.receiver import Receiver as Answering


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as made:
        yield made


@pytest.fixture
def site(tmp_path: Path, receiver: Receiver) -> Site:
    return Site(folder=tmp_path, channels={"desk": f"{{kind: webhook, url: '{receiver.url}', retry: 1ms}}"})


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Newsroom]:
    path = tmp_path / "rasid.db"
    with Answering() as receiver, Store.open(path, write=True, now=NOON) as store:
        newsroom = Newsroom(store=store, path=path, receiver=receiver)
        newsroom.webhook()
        yield newsroom
