"""Through a proxy: who looks names up, what is judged all the same, and what never gets out."""

from __future__ import annotations

import socket
from datetime import timedelta
from ipaddress import ip_network
from typing import Any

import pytest

from monitor.errors import HttpError
from monitor.http.proxy import Proxy, read_proxy
from monitor.http.session import Session
from tests.http.proxies import proxying
from tests.http.servers import answer, serving
from tests.http.test_session import trusting


def session(url: str, **options: Any) -> Session:
    defaults: dict[str, Any] = {"user_agent": "x", "timeout": timedelta(seconds=5), "proxy": read_proxy(url)}
    return Session(**(defaults | options))


def public(host: str, port: int, **_: Any) -> Any:
    """A resolver that finds a public address for every name, and 127.0.0.1 for the proxy."""
    address = "127.0.0.1" if host == "127.0.0.1" else "8.8.8.8"
    return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]


def nobody(host: str, port: int, **_: Any) -> Any:
    """A resolver that knows the proxy alone."""
    if host != "127.0.0.1":
        raise OSError("no such name")
    return public(host, port)


@pytest.mark.parametrize(
    ("kind", "asked"),
    [("socks5", "8.8.8.8:80"), ("socks5h", "news.example:80"), ("http", "http://news.example/a?b=c")],
)
def test_a_feed_is_fetched_through_the_proxy(kind: str, asked: str) -> None:
    resolver = public if kind == "socks5" else nobody
    with serving(answer(b"through")) as server, proxying(kind, server.port) as proxy:
        response = session(proxy.url, resolver=resolver).get("http://news.example/a?b=c")

    assert (response.body, response.url, proxy.asked) == (b"through", "http://news.example/a?b=c", [asked])
    assert b"\r\nHost: news.example\r\n" in server.heads[0]


@pytest.mark.parametrize("kind", ["socks5h", "http"])
def test_tls_goes_through_a_tunnel_to_the_name(kind: str) -> None:
    with serving(answer(b"secret"), tls=True) as server, proxying(kind, server.port) as proxy:
        response = session(proxy.url, resolver=nobody, context=trusting()).get("https://feeds.test/x")

    assert (response.body, proxy.asked) == (b"secret", ["feeds.test:443"])


def test_user_and_password_go_to_the_proxy_alone() -> None:
    with (
        serving(answer(b"")) as server,
        proxying("socks5h", server.port) as socks,
        proxying("http", server.port) as http,
    ):
        session(socks.url, resolver=nobody).get("http://news.example/")
        session(http.url, resolver=nobody).get("http://news.example/")

    assert socks.heads == [b"us@er:pass"]
    assert b"Proxy-Authorization: Basic dXNAZXI6cGFzcw==" in http.heads[0]
    assert "pass" not in repr(read_proxy(http.url))


@pytest.mark.parametrize("kind", ["socks5", "socks5h", "http"])
@pytest.mark.parametrize(
    "host",
    [
        *("127.0.0.1", "127.0.0.1.", "127.1", "2130706433", "0x7f000001", "10.0.0.1", "[::1]", "[::ffff:10.0.0.1]"),
        "localhost",
    ],
)
def test_private_addresses_are_refused_before_the_proxy_hears_of_them(kind: str, host: str) -> None:
    with serving(answer(b"")) as server, proxying(kind, server.port) as proxy:
        made = session(proxy.url, resolver=nobody if host != "localhost" or kind != "socks5" else socket.getaddrinfo)
        with pytest.raises(HttpError) as caught:
            made.get(f"http://{host}/")

    assert (caught.value.kind, proxy.asked) == ("refused", [])


def test_a_name_with_a_private_address_is_refused_where_we_look_it_up() -> None:
    def private(host: str, port: int, **_: Any) -> Any:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("10.0.0.1", port))]

    with (
        serving(answer(b"")) as server,
        proxying("socks5", server.port) as proxy,
        pytest.raises(HttpError, match=r"10.0.0.1 is not a public address"),
    ):
        session(proxy.url, resolver=private).get("http://news.example/")

    assert proxy.asked == []


def test_an_address_on_an_allowed_network_is_reached_without_the_proxy() -> None:
    with serving(answer(b"direct")) as server, proxying("http", 9) as proxy:
        made = session(proxy.url, private_networks=[ip_network("127.0.0.0/8")])
        assert made.get(server.url).body == b"direct"

    assert proxy.asked == []


@pytest.mark.parametrize("kind", ["socks5h", "http"])
def test_a_proxy_that_refuses_says_so_without_its_password(kind: str) -> None:
    with (
        serving(answer(b""), tls=True) as server,
        proxying(kind, server.port, refuses=True) as proxy,
        pytest.raises(HttpError) as caught,
    ):
        session(proxy.url, resolver=nobody).get("https://news.example/?key=canary")

    assert (caught.value.kind, str(caught.value)) == (
        "network",
        "https://news.example/: the proxy 127.0.0.1 gives no connection",
    )


def test_a_proxy_that_is_not_there_says_so() -> None:
    with serving(b"") as server:
        port = server.port
    with pytest.raises(HttpError, match=r"the proxy 127.0.0.1 gives no connection"):
        session(f"socks5h://127.0.0.1:{port}").get("http://news.example/")


def test_a_proxy_is_written_with_its_port() -> None:
    assert read_proxy("socks5h://proxy.example:1080") == Proxy(kind="socks5h", host="proxy.example", port=1080)
    for text in ("proxy.example:1080", "socks5://proxy.example", "ftp://x:1", "http://x:1/path", "http://[::1:80"):
        with pytest.raises(ValueError, match=r"must be http://HOST:PORT|is not a URL"):
            read_proxy(text)
