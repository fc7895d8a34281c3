"""TLS sessions are resumed against a real server, and only where a full verification would still hold."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from monitor.errors import HttpError
from monitor.http.session import Session
from monitor.http.tls import LONGEST, Tls
from tests.http.servers import RawServer, answer, certificate, issued, serving
from tests.http.test_session import session, trusting

VERSIONS = [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3]


@pytest.fixture
def server() -> Iterator[RawServer]:
    with serving(answer(b"ok"), tls=True) as found:
        yield found


def everything_is_here(host: str, port: int, **_: Any) -> Any:
    """A resolver by which every name is this machine."""
    return socket.getaddrinfo("127.0.0.1", port, type=socket.SOCK_STREAM)


def ask(tls: Tls, server: RawServer, name: str = "localhost") -> bool:
    """Ask once; whether the session was resumed."""
    with tls.wrap(socket.create_connection((server.host, server.port), timeout=30), name, server.port) as wrapped:
        wrapped.sendall(b"GET / HTTP/1.1\r\n\r\n")
        assert wrapped.recv(1000).endswith(b"ok")
        tls.keep(wrapped, name, server.port)
        return bool(wrapped.session_reused)


@pytest.mark.parametrize("version", VERSIONS)
def test_connection_after_the_first_resumes_its_session(version: ssl.TLSVersion, server: RawServer) -> None:
    context = trusting()
    context.maximum_version = version
    tls = Tls(context)

    assert [ask(tls, server) for _ in range(4)] == [False, True, True, True]


def test_requests_of_a_session_resume(server: RawServer) -> None:
    asking = session(context=trusting())

    bodies = [asking.get(server.url).body for _ in range(3)]

    assert bodies == [b"ok"] * 3
    assert server.resumed == [False, True, True]


def test_another_context_shares_no_session(server: RawServer) -> None:
    for _ in range(2):
        session(context=trusting()).get(server.url)

    assert server.resumed == [False, False]


def test_session_of_one_name_is_not_offered_under_another(server: RawServer) -> None:
    tls = Tls(trusting())

    assert [ask(tls, server, "localhost"), ask(tls, server, "feeds.test")] == [False, False]


def test_name_that_the_certificate_does_not_bear_is_refused_after_one_that_it_bears(server: RawServer) -> None:
    asking = session(context=trusting(), resolver=everything_is_here)
    asking.get(f"https://feeds.test:{server.port}/")

    with pytest.raises(HttpError, match="the certificate is not valid: Hostname mismatch"):
        asking.get(f"https://other.test:{server.port}/")


def test_server_that_begins_anew_with_a_certificate_nobody_knows_is_refused(
    server: RawServer, tmp_path: Path
) -> None:
    asking = session(context=trusting())
    asking.get(server.url)
    server.begin_anew(issued(tmp_path))

    with pytest.raises(HttpError, match=r"the certificate is not valid: self.signed"):
        asking.get(server.url)


def test_server_that_comes_back_with_an_expired_certificate_is_refused(tmp_path: Path) -> None:
    good, old = issued(tmp_path, name="good"), issued(tmp_path, name="old", ends="20200202000000Z")
    context = ssl.create_default_context(cafile=str(good))
    context.load_verify_locations(str(old))
    asking = session(context=context)

    with serving(answer(b"ok"), tls=True) as server:
        server.begin_anew(good)
        asking.get(server.url)
        server.begin_anew(old)
        with pytest.raises(HttpError, match="the certificate is not valid: certificate has expired"):
            asking.get(server.url)


@pytest.mark.parametrize(
    ("later", "is_resumed"),
    [
        (timedelta(minutes=59), True),
        (LONGEST, False),
        (-timedelta(seconds=1), False),
    ],
    ids=["within the hour", "after it", "the clock was set back"],
)
def test_certificate_is_verified_anew_after_an_hour(later: timedelta, is_resumed: bool, server: RawServer) -> None:
    now = datetime.now(UTC)
    tls = Tls(trusting(), lambda: now)
    ask(tls, server)

    now += later

    assert ask(tls, server) is is_resumed


def test_certificate_is_verified_anew_when_its_own_time_is_over(server: RawServer) -> None:
    (known,) = trusting().get_ca_certs()
    ends = datetime.fromtimestamp(ssl.cert_time_to_seconds(str(known["notAfter"])), UTC)
    now = ends - timedelta(minutes=2)
    tls = Tls(trusting(), lambda: now)
    resumed = [ask(tls, server), ask(tls, server)]

    now = ends

    assert [*resumed, ask(tls, server)] == [False, True, False]


def test_session_of_a_connection_that_was_not_verified_is_not_kept(server: RawServer) -> None:
    context = trusting()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    tls = Tls(context)

    assert [ask(tls, server), ask(tls, server)] == [False, False]


def test_server_that_gives_no_tickets_is_asked_in_full_each_time(server: RawServer) -> None:
    server.begin_anew(certificate(), tickets=0)
    asking = session(context=trusting())

    assert [asking.get(server.url).body for _ in range(2)] == [b"ok", b"ok"]
    assert server.resumed == [False, False]


def test_only_so_many_sessions_are_kept(monkeypatch: pytest.MonkeyPatch, server: RawServer) -> None:
    monkeypatch.setattr("monitor.http.tls.MOST_SESSIONS", 1)
    tls = Tls(trusting())
    ask(tls, server, "localhost")
    ask(tls, server, "feeds.test")

    assert [ask(tls, server, "feeds.test"), ask(tls, server, "localhost")] == [True, False]


def test_guard_judges_the_address_of_a_session_that_could_be_resumed(server: RawServer) -> None:
    where = ["127.0.0.1"]
    asking = Session(
        user_agent="x",
        private_networks=session().private_networks[:1],
        context=trusting(),
        resolver=lambda host, port, **_: socket.getaddrinfo(where[0], port, type=socket.SOCK_STREAM),
    )
    asking.get(f"https://feeds.test:{server.port}/")
    where[0] = "169.254.169.254"

    with pytest.raises(HttpError, match="address refused"):
        asking.get(f"https://feeds.test:{server.port}/")
