"""The guarded session against real servers: whole responses, and everything that is not one."""

from __future__ import annotations

import contextlib
import gzip
import re
import resource
import socket
import ssl
import sys
import threading
import time
import zlib
from collections.abc import Iterator
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import brotli
import pytest

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

from monitor.errors import HttpError
from monitor.http.deadline import Deadline
from monitor.http.session import Session, public_url
from tests.http.servers import RawServer, answer, certificate, dripping, serving

LOOPBACK = [ip_network("127.0.0.0/8"), ip_network("::1/128")]
_connections: list[Any] = []
_counting = False


def _count(event: str, arguments: tuple[Any, ...]) -> None:
    if _counting and event == "socket.connect":
        _connections.append(arguments[1])


sys.addaudithook(_count)


@pytest.fixture
def connections() -> Iterator[list[Any]]:
    """Every address that this process connects to during the test."""
    global _counting
    _connections.clear()
    _counting = True
    yield _connections
    _counting = False


def session(**options: Any) -> Session:
    defaults: dict[str, Any] = {
        "user_agent": "rasid-test",
        "private_networks": LOOPBACK,
        "timeout": timedelta(seconds=30),
    }
    return Session(**(defaults | options))


def trusting() -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(certificate()))


# --- whole responses ---------------------------------------------------------------------------------------


def test_response_has_status_headers_of_any_case_body_and_url() -> None:
    with serving(answer(b"hello", "X-Mark: yes", status="404 Not Found")) as server:
        response = session().get(f"{server.url}/a?b=c")

    assert (response.status, response.headers["x-mark"], response.body) == (404, "yes", b"hello")
    assert response.url == f"{server.url}/a?b=c"
    assert server.heads[0].startswith(b"GET /a?b=c HTTP/1.1\r\n")
    assert b"User-Agent: rasid-test\r\n" in server.heads[0]


def test_own_headers_replace_the_sessions() -> None:
    with serving(answer(b"")) as server:
        session().get(server.url, headers={"user-agent": "other", "If-None-Match": '"x"'})

    assert server.heads[0].lower().count(b"user-agent:") == 1
    assert b'If-None-Match: "x"' in server.heads[0]


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("gzip", gzip.compress(b"text" * 1000, mtime=0)),
        ("deflate", zlib.compress(b"text" * 1000)),
        ("br", brotli.compress(b"text" * 1000)),
        ("zstd", zstd.compress(b"text" * 1000)),
        ("gzip, br", brotli.compress(gzip.compress(b"text" * 1000, mtime=0))),
    ],
)
def test_compressed_body_is_decoded(encoding: str, body: bytes) -> None:
    with serving(answer(body, f"Content-Encoding: {encoding}")) as server:
        assert session().get(server.url).body == b"text" * 1000


def test_user_info_of_the_url_becomes_basic_authorization() -> None:
    with serving(answer(b"")) as server:
        response = session().get(f"http://us%40er:pass@127.0.0.1:{server.port}/")

    assert b"Authorization: Basic dXNAZXI6cGFzcw==" in server.heads[0]  # us@er:pass
    assert server.heads[0].count(b"us%40er") == 0
    assert response.status == 200


def test_post_sends_the_body_and_returns_a_redirect_unfollowed() -> None:
    with serving(answer(b"", "Location: /elsewhere", status="302 Found")) as server:
        response = session().post(f"{server.url}/hook", b'{"a": 1}', headers={"Content-Type": "application/json"})

    assert response.status == 302
    assert len(server.heads) == 1
    assert server.heads[0].startswith(b"POST /hook HTTP/1.1\r\n")
    assert b"Content-Length: 8\r\n" in server.heads[0]


def test_tls_is_spoken_to_the_name_and_judged_by_the_address() -> None:
    def resolver(host: str, port: int, **_: Any) -> Any:
        assert host == "feeds.test"
        return socket.getaddrinfo("127.0.0.1", port, type=socket.SOCK_STREAM)

    with serving(answer(b"secret"), tls=True) as server:
        response = session(context=trusting(), resolver=resolver).get(f"https://feeds.test:{server.port}/")

    assert response.body == b"secret"


def test_proxy_of_the_environment_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    with serving(answer(b"direct")) as server:
        assert session().get(server.url).body == b"direct"


# --- the guard ---------------------------------------------------------------------------------------------


def test_no_attack_url_opens_a_connection(corpora: Path, connections: list[Any]) -> None:
    urls = (corpora / "attacks" / "ssrf_urls.txt").read_text("utf-8").splitlines()
    default = Session(user_agent="x", timeout=timedelta(seconds=30))

    for url in urls:
        with pytest.raises(HttpError) as caught:
            default.get(url)
        assert caught.value.kind in ("refused", "network"), url

    assert len(urls) == 40
    assert connections == []


def test_allowed_network_works_and_others_stay_refused(connections: list[Any]) -> None:
    only = session(private_networks=[ip_network("127.0.0.1/32")])
    with serving(answer(b"ok")) as server:
        assert only.get(server.url).body == b"ok"
        for host in ("127.0.0.2", "10.0.0.1", "[::1]"):
            with pytest.raises(HttpError, match="not a public address"):
                only.get(f"http://{host}:{server.port}/")

    assert next(address[0] for address in connections if address[1] == server.port) == "127.0.0.1"
    assert {address[0] for address in connections} == {"127.0.0.1"}


def test_one_private_address_among_public_ones_refuses_the_name(connections: list[Any]) -> None:
    def resolver(host: str, port: int, **_: Any) -> Any:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, port)) for ip in ("8.8.8.8", "127.0.0.1")]

    with pytest.raises(HttpError) as caught:
        session(private_networks=[], resolver=resolver).get("http://news.example/")

    assert (caught.value.kind, connections) == ("refused", [])


def test_name_is_resolved_once_so_that_rebinding_changes_nothing() -> None:
    answers = iter(["127.0.0.2", "127.0.0.1", "127.0.0.1"])
    asked: list[str] = []

    def rebinding(host: str, port: int, **_: Any) -> Any:
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(answers), port))]

    with serving(answer(b"judged"), host="127.0.0.2") as server:
        only = session(private_networks=[ip_network("127.0.0.2/32")], resolver=rebinding)
        assert only.get(f"http://news.example:{server.port}/").body == b"judged"
        with pytest.raises(HttpError, match=r"127.0.0.1 is not a public address"):
            only.get(f"http://news.example:{server.port}/")

    assert asked == ["news.example", "news.example"]


def test_post_may_have_networks_of_its_own() -> None:
    with serving(answer(b"ok")) as server:
        strict = session(private_networks=[])
        assert strict.post(server.url, b"", headers={}, private_networks=LOOPBACK).status == 200
        with pytest.raises(HttpError, match="not a public address"):
            strict.post(server.url, b"", headers={})


# --- redirects ---------------------------------------------------------------------------------------------


def test_redirect_is_followed_to_where_it_leads() -> None:
    def script(server: RawServer, sock: socket.socket, head: bytes) -> None:
        moved = head.startswith(b"GET /old")
        sock.sendall(answer(b"", "Location: /new path?x=1", status="301 Moved") if moved else answer(b"here"))

    with serving(script) as server:
        response = session().get(f"{server.url}/old")

    assert (response.body, response.url) == (b"here", f"{server.url}/new%20path?x=1")


@pytest.mark.parametrize(
    ("statuses", "moved"),
    [
        ((301,), "/1"),
        ((308, 301), "/2"),
        ((302,), ""),
        ((301, 302), "/1"),
        ((302, 301), ""),
        ((), ""),
    ],
)
def test_only_permanent_redirects_from_the_start_say_where_it_moved(statuses: tuple[int, ...], moved: str) -> None:
    def script(server: RawServer, sock: socket.socket, head: bytes) -> None:
        step = int(re.match(rb"GET /(\d)", head)[1])  # type: ignore[index]
        if step == len(statuses):
            sock.sendall(answer(b"here"))
        else:
            sock.sendall(answer(b"", f"Location: /{step + 1}", status=f"{statuses[step]} Moved"))

    with serving(script) as server:
        response = session().get(f"{server.url}/0")

    assert response.moved_to == (f"{server.url}{moved}" if moved else "")
    assert (response.body, response.host) == (b"here", "127.0.0.1")


def test_redirect_to_a_private_address_is_refused_without_a_connection(connections: list[Any]) -> None:
    with (
        serving(answer(b"", "Location: http://169.254.169.254/latest/meta-data/", status="302 Found")) as server,
        pytest.raises(HttpError, match=r"169.254.169.254 is not a public address"),
    ):
        session().get(server.url)

    assert {address[0] for address in connections} == {"127.0.0.1"}


@pytest.mark.parametrize("location", ["file:///etc/passwd", "gopher://x/", "http://[::1", "//", "http://a b\\c/"])
def test_redirect_to_something_else_than_the_web_is_refused(location: str) -> None:
    with (
        serving(answer(b"", f"Location: {location}", status="302 Found")) as server,
        pytest.raises(HttpError) as caught,
    ):
        session().get(server.url)

    assert caught.value.kind == "refused"


def test_sixth_redirect_is_refused() -> None:
    with serving(answer(b"", "Location: /again", status="302 Found")) as server:  # noqa: SIM117
        with pytest.raises(HttpError, match="more than 5 redirects"):
            session().get(server.url)

    assert len(server.heads) == 6


def test_credentials_stay_at_the_first_host_and_stay_with_it() -> None:
    with serving(answer(b"arrived"), host="127.0.0.2") as second:

        def script(server: RawServer, sock: socket.socket, head: bytes) -> None:
            where = "/same" if head.startswith(b"GET /start") else f"{second.url}/"
            sock.sendall(answer(b"", f"Location: {where}", status="307 Temporary Redirect"))

        with serving(script) as first:
            session().get(
                f"http://user:pass@127.0.0.1:{first.port}/start",
                headers={"X-Api-Key": "key", "Cookie": "a=b", "If-None-Match": '"e"'},
            )

    assert all(b"Authorization: Basic" in head and b"X-Api-Key: key" in head for head in first.heads)
    assert len(first.heads) == 2
    arrived = second.heads[0]
    assert b"Authorization" not in arrived and b"X-Api-Key" not in arrived and b"Cookie" not in arrived
    assert b'If-None-Match: "e"' in arrived


# --- the deadline ------------------------------------------------------------------------------------------


def dripping_everywhere() -> list[Any]:
    return [
        pytest.param(dripping(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", b"x"), id="body"),
        pytest.param(dripping(b"HTTP/1.1 200 OK\r\n\r\n", b"x"), id="body-without-length"),
        pytest.param(dripping(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"), id="chunks"),
        pytest.param(dripping(b"HTTP/1.1 200 OK\r\nX: ", b"x"), id="header"),
        pytest.param(dripping(b"HTTP/1.1 200 OK\r\n", b"X: y\r\n"), id="headers"),
        pytest.param(dripping(b"", b"HTTP/1.1 100 Continue\r\n\r\n"), id="continues"),
        pytest.param(dripping(b"", b""), id="silence"),
    ]


@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
@pytest.mark.parametrize("script", dripping_everywhere())
def test_dripping_server_is_cut_at_the_deadline(script: Any, tls: bool) -> None:
    with serving(script, tls=tls) as server:
        started = time.monotonic()
        with pytest.raises(HttpError) as caught:
            session(timeout=timedelta(seconds=0.4), context=trusting()).get(server.url)

    assert (caught.value.kind, time.monotonic() - started < 30) == ("deadline", True)


def test_server_that_never_answers_the_tls_greeting_is_cut() -> None:
    with serving(dripping(b"", b""), reads=False) as server, pytest.raises(HttpError) as caught:
        session(timeout=timedelta(seconds=0.4)).get(server.url.replace("http:", "https:"))

    assert caught.value.kind == "deadline"


def test_slow_resolver_is_not_waited_for() -> None:
    with serving(dripping(b"", b"")) as server:

        def resolver(host: str, port: int, **_: Any) -> Any:
            server.stop.wait(5)
            raise OSError

        with pytest.raises(HttpError) as caught:
            session(timeout=timedelta(seconds=0.2), resolver=resolver).get("http://news.example/")

    assert (caught.value.kind, str(caught.value)) == (
        "deadline",
        "http://news.example/: the name was not resolved before the deadline",
    )


def test_many_deadlines_share_one_thread_and_each_is_kept() -> None:
    def watchers() -> int:
        return sum(thread.name == "http-deadline" for thread in threading.enumerate())

    with Deadline(timedelta(seconds=60)), serving(dripping(b"", b"")) as server:
        for seconds in (0.3, 0.1):  # a later one that is due sooner
            with pytest.raises(HttpError, match="not finished within"):
                session(timeout=timedelta(seconds=seconds)).get(server.url)
        assert watchers() == 1


def test_a_host_whose_first_address_does_not_answer_is_reached_at_the_second(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("monitor.http.connection.FIRST_TRIES_S", 0.1)
    with serving(answer(b"second")) as server, socket.socket() as full:
        full.bind(("127.0.0.3", server.port))
        full.listen(0)
        with contextlib.suppress(BlockingIOError):  # its queue is full: more connections are never answered
            waiting = [socket.socket() for _ in range(4)]
            for sock in waiting:
                sock.setblocking(False)
                with contextlib.suppress(BlockingIOError):
                    sock.connect(("127.0.0.3", server.port))

        def both(host: str, port: int, **_: Any) -> Any:
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, port)) for ip in ("127.0.0.3", "127.0.0.1")]

        assert session(resolver=both).get(f"http://feeds.test:{server.port}/").body == b"second"
        for sock in waiting:
            sock.close()


def test_a_name_in_arabic_letters_is_a_name() -> None:
    asked: list[str] = []

    def resolver(host: str, port: int, **_: Any) -> Any:
        asked.append(host)
        return socket.getaddrinfo("127.0.0.1", port, type=socket.SOCK_STREAM)

    with serving(answer(b"here")) as server:
        session(resolver=resolver).get(f"http://موقع.example:{server.port}/خبر")

    assert asked == ["xn--4gbrim.example"]
    assert server.heads[0].startswith(b"GET /%D8%AE%D8%A8%D8%B1 HTTP/1.1\r\n")


def test_redirects_share_one_deadline() -> None:
    def script(server: RawServer, sock: socket.socket, head: bytes) -> None:
        server.stop.wait(0.25)
        sock.sendall(answer(b"", "Location: /again", status="302 Found"))

    with serving(script) as server, pytest.raises(HttpError) as caught:
        session(timeout=timedelta(seconds=0.4)).get(server.url)

    assert caught.value.kind == "deadline"


# --- what is not whole -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        pytest.param(answer(b"half", length=100), "truncated", id="short-body"),
        pytest.param(
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n", "truncated", id="no-last-chunk"
        ),
        pytest.param(
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nhalf", "truncated", id="short-chunk"
        ),
        pytest.param(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhalf", "truncated", id="bad-chunk"),
        pytest.param(answer(b"not gzip", "Content-Encoding: gzip"), "truncated", id="not-gzip"),
        pytest.param(b"", "truncated", id="nothing"),
        pytest.param(b"HTTP/1.1 200 OK\r\n", "truncated", id="no-headers"),
        pytest.param(b"HTTP/1.1 200 OK\r\nX: y\r\n", "truncated", id="headers-without-end"),
        pytest.param(b"HTTP/1.1 304 Not Modified\r\nETag: x", "truncated", id="header-without-end"),
        pytest.param(b"\x00\x01\x02 rubbish\r\n\r\n", "truncated", id="rubbish"),
        pytest.param(b"HTTP/1.1 200 OK\r\nX: " + b"x" * 100_000 + b"\r\n\r\n", "truncated", id="long-header"),
        pytest.param(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200 + b"\r\n", "truncated", id="many-headers"),
        pytest.param(answer(b"x", "Content-Encoding: compress"), "refused", id="unknown-encoding"),
        pytest.param(answer(b"x", f"Content-Encoding: {', '.join(['gzip'] * 20)}"), "refused", id="many-encodings"),
    ],
)
def test_response_that_is_not_whole_is_an_error(reply: bytes, kind: str) -> None:
    with serving(reply) as server, pytest.raises(HttpError) as caught:
        session().get(f"{server.url}/x?key=canary")

    assert caught.value.kind == kind
    assert "canary" not in str(caught.value)


NEWS = b"".join(b"<item>News no. %d</item>" % number for number in range(500))
PACKED = {
    "gzip": gzip.compress(NEWS),
    "deflate": zlib.compress(NEWS),
    "br": brotli.compress(NEWS),
    "zstd": zstd.compress(NEWS),
    "gzip, br": brotli.compress(gzip.compress(NEWS)),
}


def until_closed(encoding: str, body: bytes) -> bytes:
    """A response whose body ends with the connection."""
    return f"HTTP/1.1 200 OK\r\nContent-Encoding: {encoding}\r\n\r\n".encode() + body


@pytest.mark.parametrize("share", [1, 2, 3])
@pytest.mark.parametrize("encoding", PACKED)
def test_connection_cut_within_a_compressed_body_is_no_shorter_body(encoding: str, share: int) -> None:
    packed = PACKED[encoding]
    with (
        serving(until_closed(encoding, packed[: len(packed) * share // 4])) as server,
        pytest.raises(HttpError, match="the compressed response broke off") as caught,
    ):
        session().get(server.url)

    assert caught.value.kind == "truncated"


@pytest.mark.parametrize("encoding", PACKED)
def test_compressed_body_may_end_with_the_connection(encoding: str) -> None:
    with serving(until_closed(encoding, PACKED[encoding])) as server:
        assert session().get(server.url).body == NEWS


def test_compressed_body_that_is_whole_by_its_length_need_not_say_where_it_ends() -> None:
    packer = zlib.compressobj(wbits=31)
    unended = packer.compress(NEWS) + packer.flush(zlib.Z_SYNC_FLUSH)

    with serving(answer(unended, "Content-Encoding: gzip")) as server:
        assert session().get(server.url).body == NEWS


def test_compressed_body_of_which_nothing_came_is_not_an_empty_one() -> None:
    with (
        serving(answer(PACKED["gzip"][:10], "Content-Encoding: gzip")) as server,
        pytest.raises(HttpError, match="the compressed response broke off"),
    ):
        session().get(server.url)


@pytest.mark.parametrize(
    ("packed", "encoding"),
    [
        (PACKED["gzip"] + PACKED["gzip"], "gzip"),
        (PACKED["zstd"] + PACKED["zstd"], "zstd"),
    ],
    ids=["gzip", "zstd"],
)
def test_members_one_behind_the_other_are_one_body_and_rubbish_behind_them_is_none(
    packed: bytes, encoding: str
) -> None:
    with serving(answer(packed + b"rubbish", f"Content-Encoding: {encoding}")) as server:
        assert session().get(server.url).body == NEWS + NEWS


def test_a_body_of_a_multitude_of_members_is_refused() -> None:
    """Each costs a copy of what follows: ten megabytes of empty ones would take minutes."""
    with (
        serving(answer(PACKED["gzip"] + gzip.compress(b"") * 1000, "Content-Encoding: gzip")) as server,
        pytest.raises(HttpError, match="the response is packed in more than 200 parts"),
    ):
        session().get(server.url)


def test_refused_connection_says_so() -> None:
    with serving(b"") as server:
        port = server.port
    with pytest.raises(HttpError, match="Connection refused") as caught:
        session().get(f"http://127.0.0.1:{port}/")

    assert caught.value.kind == "network"


def test_unknown_certificate_says_so() -> None:
    with (
        serving(answer(b""), tls=True) as server,
        pytest.raises(HttpError, match=r"the certificate is not valid: self.signed") as caught,
    ):
        session().get(server.url)

    assert caught.value.kind == "tls"


def test_connections_share_one_tls_context_and_load_no_certificates_of_their_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = session(context=trusting())

    def refuse(*arguments: Any, **more: Any) -> None:
        raise AssertionError("certificates were loaded for one connection")

    with serving(answer(b"ok"), tls=True) as server:
        for name in ("load_default_certs", "load_verify_locations"):
            monkeypatch.setattr(ssl.SSLContext, name, refuse)
        assert [made.get(server.url).body for _ in range(2)] == [b"ok", b"ok"]


def test_https_to_a_server_without_tls_says_so() -> None:
    with serving(b"220 hello\r\n", reads=False) as server, pytest.raises(HttpError) as caught:
        session().get(server.url.replace("http:", "https:"))

    assert caught.value.kind == "tls"


# --- size --------------------------------------------------------------------------------------------------


def test_body_over_the_cap_is_refused() -> None:
    with serving(answer(b"x" * 1001)) as server, pytest.raises(HttpError) as caught:
        session(max_size=1000).get(server.url)

    assert (caught.value.kind, "larger than 1000 bytes" in str(caught.value)) == ("too-large", True)


def test_body_at_the_cap_is_fine() -> None:
    with serving(answer(b"x" * 1000)) as server:
        assert len(session(max_size=1000).get(server.url).body) == 1000


def test_bomb_stops_at_the_cap_without_filling_memory(corpora: Path) -> None:
    bomb = (corpora / "attacks" / "bomb_50MB.xml.gz").read_bytes()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with serving(answer(bomb, "Content-Encoding: gzip")) as server, pytest.raises(HttpError) as caught:
        session().get(server.url)

    assert caught.value.kind == "too-large"
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 60_000


def test_bomb_within_bombs_is_refused(corpora: Path) -> None:
    bomb = (corpora / "attacks" / "bomb_gzip_x20.xml.gz").read_bytes()
    with (
        serving(answer(bomb, f"Content-Encoding: {', '.join(['gzip'] * 20)}")) as server,
        pytest.raises(HttpError, match="Content-Encoding"),
    ):
        session().get(server.url)


# --- secrets -----------------------------------------------------------------------------------------------


def test_public_url_shows_scheme_host_and_path_only() -> None:
    assert public_url("https://user:pw@news.example:8443/a/b?token=x#y") == "https://news.example:8443/a/b"
    assert public_url("http://[") == "the URL"


def test_no_log_line_holds_a_secret(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    broken = b"HTTP/1.1 200 OK\r\nno colon here\r\nContent-Length: 0\r\n\r\n"
    with serving(broken) as server:
        session().get(f"http://u:canary@127.0.0.1:{server.port}/?key=canary")

    assert "canary" not in caplog.text
