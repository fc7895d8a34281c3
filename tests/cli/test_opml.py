"""`rasid opml`: a list of feeds comes in, and goes out again."""

from __future__ import annotations

import stat

import pytest

from monitor.config import load_config
from monitor.xmltext import opml
from tests.flows.site import Site

LIST = b"""<opml version="2.0"><body>
<outline text="Iraq"><outline text="One" xmlUrl="https://one.example/rss"/></outline>
<outline text="Two" xmlUrl="https://two.example/rss?key=canary-12345"/>
<outline text="Program" xmlUrl="|fetch"/></body></opml>"""


def test_list_is_copied_beside_the_configuration_and_named_in_it(site: Site) -> None:
    before = site.config.read_text()
    (site.folder / "My Feeds.opml").write_bytes(LIST)

    result = site.rasid("opml", "import", str(site.folder / "My Feeds.opml"))

    assert result.exit_code == 0, result.output
    assert "2 feeds" in result.stdout and "'my-feeds'" in result.stdout
    assert "My Feeds.opml:4: left out: a program instead of an address" in result.stderr
    assert site.config.read_text() == before.replace(
        "  wire: {folder: drop, settle: 50ms}\n",
        "  wire: {folder: drop, settle: 50ms}\n  my-feeds: {opml: my-feeds.opml}\n",
    )
    assert stat.S_IMODE((site.folder / "my-feeds.opml").stat().st_mode) == 0o600
    sources = load_config(site.config).sources
    assert [spec.tags for spec in sources[1:]] == [("my-feeds",), ("Iraq", "my-feeds")]


def test_list_comes_from_stdin_under_a_name_of_choice(site: Site) -> None:
    assert site.rasid("opml", "import", "-", "--as", "tail", stdin=LIST).exit_code == 0

    assert len(load_config(site.config).sources) == 3
    again = site.rasid("opml", "import", "-", "--as", "tail", stdin=LIST)
    assert (again.exit_code, "choose another name with --as ID" in again.stderr) == (1, True)


@pytest.mark.parametrize(
    ("body", "arguments", "code", "reason"),
    [
        (b"", ["-"], 1, "-: the file is empty"),
        (b"<html/>", ["-"], 1, "-: not OPML: its root is <html>"),
        (b"<opml><body/></opml>", ["-"], 1, "-: there is no feed in it"),
        (b"<!DOCTYPE opml [<!ENTITY a 'b'>]><opml/>", ["-"], 1, "refused: the document has an internal DTD subset"),
        (LIST, ["-", "--as", "No Id"], 2, "small Latin letters"),
        (LIST, ["-", "--as", "wire"], 1, "there is a source or file 'wire' already"),
        (LIST, ["nowhere.opml"], 1, "nowhere.opml: no such file or directory"),
    ],
)
def test_list_that_cannot_be_taken_changes_nothing(
    site: Site, body: bytes, arguments: list[str], code: int, reason: str
) -> None:
    before = {path: path.read_bytes() for path in site.folder.iterdir() if path.is_file()}

    result = site.rasid("opml", "import", *arguments, stdin=body)

    assert result.exit_code == code
    assert reason in result.stderr
    assert {path: path.read_bytes() for path in site.folder.iterdir() if path.is_file()} == before


HEAD = "version: 1\ndatabase: rasid.db\nrules: [rules.yaml]\ndefaults: {notify: []}\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", "sources:\n  tail: {opml: tail.opml}\n"),
        ("sources:\n", "sources:\n  tail: {opml: tail.opml}\n"),
        (
            "sources: # all\n    wire:\n        folder: drop\n\n# x\ntimezone: UTC\n",
            "sources: # all\n    wire:\n        folder: drop\n    tail: {opml: tail.opml}\n\n# x\ntimezone: UTC\n",
        ),
        ("sources:\n  wire: {folder: drop}", "sources:\n  wire: {folder: drop}\n  tail: {opml: tail.opml}\n"),
    ],
)
def test_source_is_added_where_people_would_write_it(site: Site, before: str, after: str) -> None:
    site.config.write_text(HEAD + before)

    result = site.rasid("opml", "import", "-", "--as", "tail", stdin=LIST)

    assert result.exit_code == 0, result.output
    assert site.config.read_text() == HEAD + after


def test_configuration_without_a_place_for_a_line_is_left_as_it_is(site: Site) -> None:
    before = "{version: 1, database: rasid.db, sources: {wire: {folder: drop}}}\n"
    site.config.write_text(before)

    result = site.rasid("opml", "import", "-", "--as", "tail", stdin=LIST)

    assert result.exit_code == 1
    assert "write this under 'sources:' yourself: tail: {opml: " in result.stderr
    assert site.config.read_text() == before
    assert sorted(path.name for path in site.folder.iterdir()) == ["drop", "monitor.yaml", "rules.yaml"]


def test_exported_list_has_every_feed_but_those_with_secrets(site: Site) -> None:
    site.sources["two"] = "{url: 'https://two.example/rss', tags: [iraq, tv], publisher: Two & Co}"
    site.sources["key"] = "{url: 'https://key.example/rss?key=canary-12345'}"
    site.write()

    result = site.rasid("opml", "export")
    whole = site.rasid("opml", "export", "--with-secrets")

    (two,) = opml.read(result.stdout.encode()).feeds
    assert (two.url, two.title, two.folders) == ("https://two.example/rss", "Two & Co", ("iraq",))
    assert "canary" not in result.output
    assert result.stderr == "1 feed left out: their addresses hold secrets; --with-secrets writes them\n"
    assert {feed.url for feed in opml.read(whole.stdout.encode()).feeds} == {
        "https://two.example/rss",
        "https://key.example/rss?key=canary-12345",
    }


def test_exported_list_is_imported_again(site: Site) -> None:
    site.sources["two"] = "{url: 'https://two.example/rss', tags: [iraq]}"
    site.write()
    exported = site.rasid("opml", "export").stdout.encode()

    assert site.rasid("opml", "import", "-", "--as", "tail", stdin=exported).exit_code == 0
    assert [spec.tags for spec in load_config(site.config).sources if spec.listed] == [("iraq", "tail")]
