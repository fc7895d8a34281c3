"""What is made to break a monitor, served for real to the real daemon: it stays up, and goes on with the rest."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.flows.daemon import Daemon, until
from tests.flows.feeds import FeedServer, rss
from tests.flows.site import Site
from tests.processes import children, memory

MOST_MEMORY = 200_000_000  # bytes that one feed may cost, beyond what the process takes anyway
FAILS = {  # what the source's error says; all others bring their titles
    "xml_laughs_1e5_oneline.xml": "an internal DTD subset",
    "xml_laughs_1e9_oneline.xml": "an internal DTD subset",
    "xml_laughs_1e9_utf16.xml": "an internal DTD subset",
    "xml_quadratic_loose_150MB.xml": "an internal DTD subset",
    "xml_entity_chain_40000_segv.xml": "an internal DTD subset",
    "xml_xxe_file.xml": "an internal DTD subset",
    "xml_xxe_param.xml": "an internal DTD subset",
    "raise_surrogate_charref.xml": "refers to a character that does not exist",
    "raise_huge_charref.xml": "refers to a character that does not exist",
    "html_login_page.xml": "not a feed: an HTML page",
    "bomb_50MB.xml.gz": "larger than 10000000 bytes",
    "bomb_gzip_x20.xml.gz": "a Content-Encoding that is not understood",
    "zip_slip.zip": "not a feed",
}
TITLES = {
    "xml_netscape_doctype_ok.xml": ["Still parsed"],
    "xml_attrs_16000_slow.xml": ["x"],
    "nul_in_title.xml": ["Quake in Testland"],
    "bare_lt_truncated.xml": ["Quake in Testland"],
    "raise_punycode_encoding.xml": [],
}
PACKED = {"bomb_50MB.xml.gz": "gzip", "bomb_gzip_x20.xml.gz": ", ".join(["gzip"] * 20)}


def test_daemon_outlives_every_attack_and_goes_on_with_the_others(corpora: Path, tmp_path: Path) -> None:
    folder = corpora / "attacks"
    expected = json.loads((folder / "EXPECT.json").read_text())
    feeds = {name for name in expected if name.endswith((".xml", ".gz", ".zip"))}
    assert feeds == set(FAILS) | set(TITLES)
    bodies = {f"/{name}": (folder / name).read_bytes() for name in feeds}
    headers = {f"/{name}": {"Content-Encoding": coding} for name, coding in PACKED.items()}
    with FeedServer(bodies | {"/good": rss([("1", "Good", "News.")])}, headers=headers) as server:
        sources = {f"s{number}": f'{{url: "{server.url(f"/{name}")}"}}' for number, name in enumerate(sorted(feeds))}
        names = dict(zip(sources, sorted(feeds), strict=True))
        site = Site(tmp_path, sources=sources | {"good": f'{{url: "{server.url("/good")}", every: 1s}}'})
        with Daemon(site.config) as daemon:
            before, _ = memory(daemon.process.pid)
            until(lambda: asked(site) >= set(names), 180, "for every source to be polled")
            polled = server.statuses["/good", 304]
            until(lambda: server.statuses["/good", 304] > polled, 90, "for the good source to be polled again")
            peak, _ = memory(daemon.process.pid)
            peaks = [memory(child)[0] for child in children(daemon.process.pid)]
            assert daemon.process.poll() is None
            rows = {row["id"]: row for row in site.json("sources")}
            assert daemon.stop() == 0

    assert peak - before < MOST_MEMORY
    assert peaks and max(peaks) < MOST_MEMORY + 100_000_000  # a parser process takes some 100 MB by itself
    for source, name in names.items():
        assert FAILS.get(name, "") in rows[source]["last_error"], name
        assert bool(rows[source]["failures"]) == (name in FAILS), (name, rows[source])
        assert titles(site, source) == TITLES.get(name, []), name
    assert cursor(site, names, "bare_lt_truncated.xml").keys().isdisjoint({"etag", "modified", "sha256"})
    stored = b"".join(path.read_bytes() for path in tmp_path.glob("rasid.db*"))
    assert b"root:x:0:0" not in stored
    assert {path for path, _ in server.statuses} == {*bodies, "/good"}  # nothing that a document names was fetched


def rows_of(site: Site, query: str, *values: str) -> list[tuple[object, ...]]:
    with sqlite3.connect(f"file:{site.database}?mode=ro", uri=True) as connection:
        return connection.execute(query, values).fetchall()


def asked(site: Site) -> set[object]:
    """Sources whose first poll is on record."""
    query = "SELECT id FROM source WHERE last_success IS NOT NULL OR last_error <> ''"
    return {row[0] for row in rows_of(site, query)}


def titles(site: Site, source: str) -> list[object]:
    query = "SELECT title FROM version v JOIN article a ON a.number = v.article WHERE a.source = ?"
    return [row[0] for row in rows_of(site, query, source)]


def cursor(site: Site, names: dict[str, str], wanted: str) -> dict[str, object]:
    (source,) = (source for source, name in names.items() if name == wanted)
    found: dict[str, object] = json.loads(str(rows_of(site, "SELECT cursor FROM source WHERE id = ?", source)[0][0]))
    return found


def test_zip_in_a_drop_folder_is_not_unpacked(corpora: Path, tmp_path: Path) -> None:
    site = Site(tmp_path)
    (site.drop / "a.zip").write_bytes((corpora / "attacks" / "zip_slip.zip").read_bytes())
    before = set(tmp_path.rglob("*"))

    result = site.rasid("run", "--once")

    assert result.exit_code == 1
    assert "unknown kind of file '.zip'" in result.output
    moved = {
        path.relative_to(tmp_path).as_posix()
        for path in set(tmp_path.rglob("*")) - before
        if "rasid" not in path.name
    }
    assert moved <= {"drop/failed", "drop/failed/a.zip", "drop/failed/a.zip.reason.txt"}


HOSTILE = "alias_bomb bigint dup_keys latin1 merge_bomb nested python_tag recursive surrogate tab two_docs"


@pytest.mark.parametrize("name", HOSTILE.split())
def test_hostile_yaml_is_refused_by_line_and_column(name: str, corpora: Path, tmp_path: Path) -> None:
    path = corpora / "attacks" / "yaml" / f"{name}.yaml"
    site = Site(tmp_path, rules=path.read_bytes().decode("latin-1"))
    (tmp_path / "rules.yaml").write_bytes(path.read_bytes())
    started = time.process_time()

    result = site.rasid("check")

    assert result.exit_code == 3, result.output
    assert f"{tmp_path}/rules.yaml:" in result.output
    assert "Traceback" not in result.output
    assert time.process_time() - started < 5


def test_words_that_yaml_takes_for_values_stay_text(corpora: Path, tmp_path: Path) -> None:
    from monitor.yamltext import parse

    located, problems = parse((corpora / "attacks" / "yaml" / "norway.yaml").read_bytes(), "norway.yaml")

    assert located is not None and problems == ()
    assert all(isinstance(leaf, str) for leaf in leaves(located.data))


def leaves(data: object) -> Iterator[object]:
    if isinstance(data, dict):
        data = list(data.values())
    if isinstance(data, list):
        for item in data:
            yield from leaves(item)
    else:
        yield data
