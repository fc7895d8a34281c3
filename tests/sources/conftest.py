"""What the tests of sources share: one pool of parser processes, a session that may talk to loopback, builders."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network

import pytest

from monitor.http.session import Session
from monitor.sources import Tools
from monitor.sources.parser import Parser

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


@pytest.fixture(scope="package")
def parser() -> Iterator[Parser]:
    """One pool for all tests: starting a worker costs half a second."""
    with Parser(workers=1) as pool:
        yield pool


@pytest.fixture
def tools(parser: Parser) -> Tools:
    """A session that may talk to 127.0.0.1, and the pool."""
    session = Session(
        user_agent="rasid-test", private_networks=[ip_network("127.0.0.0/8")], timeout=timedelta(seconds=60)
    )
    return Tools(session=session, parser=parser)
