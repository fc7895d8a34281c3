"""`rasid sources add`: one more line in the configuration, and nothing else changed."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from monitor.config import load_config
from monitor.config.edit import add_source, entry
from tests.conftest import ROOT
from tests.flows.site import Site
from tests.http.servers import RawServer, answer, serving

URL = "https://feeds.news.example.co.uk/rss"
LINE = "new: {url: x}"

CASES = [
    pytest.param("sources:\n  a: {url: y}\n", "sources:\n  a: {url: y}\n  new: {url: x}\n", id="at-the-end"),
    pytest.param(
        "sources:\n    a:\n      url: y\n      tags:\n      - t\n\nchannels: {}\n",
        "sources:\n    a:\n      url: y\n      tags:\n      - t\n    new: {url: x}\n\nchannels: {}\n",
        id="its-own-indentation",
    ),
    pytest.param(
        "sources:  # all\n  a:  # one\n    url: y  # u\n    # every: 5m\n  # b: {url: z}\nops: {}\n",
        "sources:  # all\n  a:  # one\n    url: y  # u\n    # every: 5m\n  new: {url: x}\n  # b: {url: z}\nops: {}\n",
        id="behind-the-comments-of-the-last",
    ),
    pytest.param(
        "sources:\n  a:\n    url: |-\n      y\n\nops: {}\n",
        "sources:\n  a:\n    url: |-\n      y\n\n  new: {url: x}\nops: {}\n",
        id="a-block-of-text",
    ),
    pytest.param("sources: {a: {url: y}}\n", "sources: {a: {url: y}, new: {url: x}}\n", id="braces"),
    pytest.param(
        "sources: {\n  a: {url: y},  # one\n}\n",
        "sources: {\n  a: {url: y}, new: {url: x},  # one\n}\n",
        id="braces-over-lines",
    ),
    pytest.param("sources: {}\nops: {}\n", "sources: {new: {url: x}}\nops: {}\n", id="empty-braces"),
    pytest.param("sources:\nops: {}\n", "sources:\n  new: {url: x}\nops: {}\n", id="nothing-yet"),
    pytest.param("version: 1", "version: 1\nsources:\n  new: {url: x}\n", id="no-sources"),
    pytest.param("", "sources:\n  new: {url: x}\n", id="empty-file"),
    pytest.param("# only this\n", "# only this\nsources:\n  new: {url: x}\n", id="only-a-comment"),
    pytest.param("sources:\r\n  a: {url: y}\r\n", "sources:\r\n  a: {url: y}\r\n  new: {url: x}\r\n", id="windows"),
    pytest.param("sources:\n  a: {url: y}", "sources:\n  a: {url: y}\n  new: {url: x}\n", id="no-newline-at-the-end"),
    pytest.param("sources:\n  خبر: {url: y}\n", "sources:\n  خبر: {url: y}\n  new: {url: x}\n", id="arabic"),
]


@pytest.mark.parametrize(("before", "after"), CASES)
def test_the_entry_stands_at_the_end_of_sources_and_all_else_stays(before: str, after: str) -> None:
    assert add_source(before, LINE) == after


@pytest.mark.parametrize("text", ["{version: 1}", "- a\n", "sources: text\n", "sources: [a]\n"])
def test_where_there_is_no_place_for_it_that_is_said(text: str) -> None:
    with pytest.raises(ValueError, match="mapping"):
        add_source(text, LINE)


def test_an_entry_quotes_what_yaml_would_misread() -> None:
    made = entry("x", {"url": 'https://x.example/?a="b"#c', "tags": ["iraq", "عراق", "no"], "every": "5m"})
    assert made == 'x: {url: "https://x.example/?a=\\"b\\"#c", tags: [iraq, "عراق", "no"], every: 5m}'


def test_a_feed_is_added_with_a_name_of_its_own_and_loads(site: Site) -> None:
    before = site.config.read_text()
    site.config.write_text(before.replace("sources:", "sources:  # the wires"))
    site.config.chmod(0o640)

    result = site.rasid("sources", "add", URL, "--tags", "uk, tv", "--every", "5m")

    assert result.exit_code == 0, result.output
    assert "Added 'example'" in result.stdout and ":7. To try it: rasid sources test example" in result.stdout
    line = f'  example: {{url: "{URL}", tags: [uk, tv], every: 5m}}\n'
    assert site.config.read_text().replace(line, "").replace("  # the wires", "") == before
    assert site.config.stat().st_mode & 0o777 == 0o640
    spec = next(spec for spec in load_config(site.config).sources if spec.id == "example")
    assert (spec.tags, dict(spec.options)) == (("uk", "tv"), {"url": URL, "every": "5m"})
    assert [path.name for path in site.folder.iterdir() if path.name.startswith(".monitor")] == []


def test_a_second_feed_of_the_same_domain_gets_a_number(site: Site) -> None:
    for n in range(3):
        assert site.rasid("sources", "add", f"https://x{n}.example.com/rss").exit_code == 0
    assert site.rasid("sources", "add", "http://10.1.2.3/rss").exit_code == 0
    assert [spec.id for spec in load_config(site.config).sources][1:] == [
        "example", "example-2", "example-3", "feed-10-1-2-3",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "again", [URL, "http://feeds.news.example.co.uk/rss/", "HTTPS://FEEDS.news.example.co.uk:443/rss"]
)
def test_what_is_there_already_is_refused(site: Site, again: str) -> None:
    site.sources["uk"] = f"{{url: '{URL}', enabled: no}}"
    site.write()
    before = site.config.read_text()

    result = site.rasid("sources", "add", again)

    assert (result.exit_code, "source 'uk' has this address already" in result.stderr) == (1, True)
    assert site.config.read_text() == before


def test_a_name_that_is_taken_or_impossible_is_refused(site: Site) -> None:
    before = site.config.read_text()
    assert site.rasid("sources", "add", URL, "--id", "wire").exit_code == 1
    assert site.rasid("sources", "add", URL, "--id", "Wire One").exit_code == 2
    assert site.rasid("sources", "add", "ftp://x.example/").exit_code == 2
    assert site.config.read_text() == before


def test_an_option_that_does_not_load_leaves_the_file_as_it_was(site: Site) -> None:
    before = site.config.read_text()
    site.config.write_text(before.replace("version: 1", "version: 7"))
    assert site.rasid("sources", "add", URL).exit_code == 3
    assert site.config.read_text() == before.replace("version: 1", "version: 7")


def test_a_file_without_a_place_for_it_says_what_to_write(site: Site) -> None:
    site.config.write_text("{version: 1, database: rasid.db, rules: [], defaults: {notify: []}}")
    result = site.rasid("sources", "add", URL)
    assert result.exit_code == 1
    assert f"write this under 'sources:' yourself:\n  example: {{url: \"{URL}\"}}" in result.stderr


def test_a_configuration_behind_a_link_is_changed_where_it_lies(site: Site, tmp_path: Path) -> None:
    real = tmp_path / "real.yaml"
    site.config.rename(real)
    site.config.symlink_to(real)
    assert site.rasid("sources", "add", URL).exit_code == 0
    assert site.config.is_symlink() and URL in real.read_text()


def test_the_example_configuration_takes_one_more(tmp_path: Path) -> None:
    text = (ROOT / "config" / "monitor.yaml").read_text(encoding="utf-8")
    path = tmp_path / "monitor.yaml"
    path.write_text(add_source(text, entry("bbc", {"url": URL})).replace("../rules", str(ROOT / "rules")))
    assert {spec.id for spec in load_config(path, environment={}).sources} == {"wire", "bbc"}
    assert f'\n  bbc: {{url: "{URL}"}}\n  # rafidain:' in path.read_text()


# --- the feed of a site --------------------------------------------------------------------------------------------

PAGE = b"""<html><head><title>News</title>
<link rel="alternate" type="application/rss+xml" title="All" href="/all.rss">
<link rel="alternate" type="application/atom+xml" title="Sport" href="/sport.atom"></head></html>"""


def test_of_a_site_the_first_feed_of_its_page_is_added_and_all_are_named(site: Site) -> None:
    with serving(answer(PAGE, "Content-Type: text/html")) as server:
        result = site.rasid("sources", "add", "--find", "--id", "news", server.url)

    assert result.exit_code == 0, result.output
    assert f"Found RSS: {server.url}/all.rss (All)" in result.stdout
    assert f"Found Atom: {server.url}/sport.atom (Sport)" in result.stdout
    (spec,) = [spec for spec in load_config(site.config).sources if spec.id == "news"]
    assert spec.options == {"url": f"{server.url}/all.rss"}


def test_a_site_without_a_feed_or_out_of_reach_changes_nothing(site: Site) -> None:
    def nothing(server: RawServer, sock: socket.socket, head: bytes) -> None:
        is_page = head.startswith(b"GET / ")
        sock.sendall(answer(b"<html>x</html>") if is_page else answer(b"", status="404 Not Found"))

    before = site.config.read_text()
    with serving(nothing) as server:
        without = site.rasid("sources", "add", "--find", server.url)
    lost = site.rasid("sources", "add", "--find", server.url)

    assert (without.exit_code, "its page declares no feed" in without.stderr) == (1, True)
    assert (lost.exit_code, "cannot connect" in lost.stderr) == (4, True)
    assert site.config.read_text() == before
