"""Which addresses may be connected to."""

from __future__ import annotations

from ipaddress import ip_address, ip_network

import pytest

from monitor.http.guard import refusal


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.255.255.254",
        "0.0.0.0",
        "10.1.2.3",
        "172.16.0.1",
        "172.31.255.255",
        "192.168.0.1",
        "169.254.169.254",
        "100.64.0.1",
        "100.100.100.200",
        "192.0.0.1",
        "192.0.0.9",
        "192.0.0.192",
        "192.0.2.1",
        "192.88.99.1",
        "198.18.0.1",
        "198.51.100.1",
        "203.0.113.1",
        "224.0.0.1",
        "239.255.255.255",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::127.0.0.1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "::ffff:0:127.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b::a00:1",
        "64:ff9b:1::7f00:1",
        "64:ff9b:1::808:808",
        "2002:7f00:1::",
        "2002:a00:1::",
        "2001:0:4136:e378:8000:63bf:80ff:fffe",
        "2001:0:7f00:1:8000:63bf:3fff:fdd2",
        "fe80::1",
        "fe80::1%lo",
        "fc00::1",
        "fd00:ec2::254",
        "fec0::1",
        "ff02::1",
        "ff0e::1",
        "100::1",
        "2001:db8::1",
        "3fff::1",
        "5f00::1",
        "4000::1",
        "2001:2::1",
        "2001:10::1",
    ],
)
def test_address_that_is_not_public_is_refused(address: str) -> None:
    assert refusal(ip_address(address)) != ""


@pytest.mark.parametrize(
    "address",
    [
        "8.8.8.8",
        "172.32.0.1",
        "100.128.0.1",
        "192.0.1.1",
        "::ffff:8.8.8.8",
        "2606:4700::1111",
        "64:ff9b::808:808",
        "2002:808:808::",
        "::8.8.8.8",
    ],
)
def test_public_address_is_fine(address: str) -> None:
    assert refusal(ip_address(address)) == ""


def test_refusal_names_the_address_inside_the_address() -> None:
    assert refusal(ip_address("::ffff:127.0.0.1")) == ("127.0.0.1 (inside ::ffff:7f00:1) is not a public address")


def test_listed_network_is_allowed_and_its_neighbour_is_not() -> None:
    networks = [ip_network("10.1.0.0/16"), ip_network("fd00::/64")]

    assert refusal(ip_address("10.1.2.3"), networks) == ""
    assert refusal(ip_address("::ffff:10.1.2.3"), networks) == ""
    assert refusal(ip_address("fd00::5"), networks) == ""
    assert refusal(ip_address("10.2.0.1"), networks) != ""
    assert refusal(ip_address("fd00:1::5"), networks) != ""


def test_teredo_address_is_refused_when_its_client_is_private() -> None:
    client_loopback = "2001:0:808:808:8000:63bf:80ff:fffe"  # server 8.8.8.8, client 127.0.0.1

    assert "127.0.0.1" in refusal(ip_address(client_loopback))
