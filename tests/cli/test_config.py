"""The configuration: every problem in one run with its place, secrets, paths, and what belongs to later releases."""

from __future__ import annotations

import hashlib
import re
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path
from textwrap import dedent

import pytest

from monitor.config import Config, inspect_config, load_config
from monitor.daemon import check_kinds
from monitor.errors import ConfigError
from tests.conftest import ROOT

SMALL = """
version: 1
database: var/rasid.db
sources:
  wire: {folder: drop, tags: [wire]}
channels:
  desk: {kind: webhook, url: "https://hooks.example/T0/B0/canary-in-a-path"}
"""


def write(folder: Path, text: str, name: str = "monitor.yaml") -> Path:
    path = folder / name
    path.write_text(dedent(text), encoding="utf-8")
    return path


def load(folder: Path, text: str, **environment: str) -> Config:
    return load_config(write(folder, text), environment=environment)


def faults(folder: Path, text: str, **environment: str) -> list[str]:
    """What is wrong with a configuration, one line each, without the folder's path."""
    with pytest.raises(ConfigError) as caught:
        load(folder, text, **environment)
    return [line.removeprefix(f"{folder}/") for line in str(caught.value).splitlines()]


def secret(folder: Path, name: str, value: str, mode: int = 0o600) -> None:
    (folder / "secrets").mkdir(exist_ok=True)
    (folder / "secrets" / name).write_text(value)
    (folder / "secrets" / name).chmod(mode)


def test_the_example_configuration_is_valid_and_says_that_its_channel_waits_for_a_secret() -> None:
    config = load_config(ROOT / "config" / "monitor.yaml", environment={})
    assert [(spec.id, spec.kind, spec.tags) for spec in config.sources] == [("wire", "folder", ("wire",))]
    assert [(off.what, off.name) for off in config.disabled] == [("channel", "desk")]
    assert config.channel_names == {"desk"}


def test_every_problem_is_told_in_one_run_with_its_place(tmp_path: Path) -> None:
    text = """
    version: 2
    timezone: Asia/Bagdad
    databse: x.db
    rules: [nowhere]
    defaults: {notify: [dekk]}
    fetch:
      timeout: 30
      max_size: 10 apples
      private_networks: [10.0.0.1/8]
      contcat: x
    sources:
      Wire: {folder: a}
      both: {folder: a, url: "https://x.example/"}
      none: {tags: [x]}
    channels:
      desk: {url: "https://x.example/"}
      other: {kind: webhook, url: "${secret}"}
    language: arabic
    """
    found = faults(tmp_path, text)
    expected = [
        r"monitor.yaml:2:\d+: version: '2' is not known; this Rasid reads version 1",
        r"monitor.yaml:3:\d+: timezone: 'Asia/Bagdad' is not a timezone.*",
        r"monitor.yaml:4:1: unknown key 'databse' \(did you mean 'database'\?\)",
        r"monitor.yaml:5:\d+: rules: there is no .*nowhere'; a path is relative to this file",
        r"monitor.yaml:6:\d+: unknown channel 'dekk' \(did you mean 'desk'\?\)",
        r"monitor.yaml:8:\d+: timeout: '30' is not a duration.*",
        r"monitor.yaml:9:\d+: max_size: '10 apples' is not a size.*",
        r"monitor.yaml:10:\d+: private_networks: '10.0.0.1/8' is not a network.*",
        r"monitor.yaml:11:3: unknown key 'contcat' \(did you mean 'contact'\?\)",
        r"monitor.yaml:13:3: source 'Wire': an id is made of small Latin letters.*",
        r"monitor.yaml:14:3: source 'both': 'url' and 'folder' together.*",
        r"monitor.yaml:15:3: source 'none': nothing to poll.*",
        r"monitor.yaml:17:3: channel 'desk': 'kind' is missing.*",
        r"monitor.yaml:18:\d+: '\$\{secret\}' names no secret; write \$\{env:SECRET\} or \$\{file:secret\}",
        r"monitor.yaml:19:\d+: language: 'arabic' is not known; write one of ar, en",
    ]
    assert len(found) == len(expected), "\n".join(found)
    for line, pattern in zip(found, expected, strict=True):
        assert re.fullmatch(pattern, line), (line, pattern)


def test_a_channel_name_in_defaults_gets_a_hint(tmp_path: Path) -> None:
    (line,) = faults(tmp_path, SMALL + "defaults: {notify: [dsk]}\n")
    assert line.endswith("unknown channel 'dsk' (did you mean 'desk'?)")


def test_a_broken_page_is_told_with_its_place(tmp_path: Path) -> None:
    (line, *_) = faults(tmp_path, "sources: {a: {folder: x}\nchannels: [\n")
    assert re.match(r"monitor.yaml:\d+:\d+: ", line)


@pytest.mark.parametrize(
    ("name", "reason"), [("missing.yaml", "no such file or directory"), ("folder", "is a directory")]
)
def test_an_unreadable_configuration_is_named(tmp_path: Path, name: str, reason: str) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(ConfigError, match=rf"{name}: cannot be read: {reason}"):
        load_config(tmp_path / name)


@pytest.mark.parametrize("section", ["sources", "channels", "fetch", "defaults"])
def test_a_section_that_is_no_mapping_is_an_error(tmp_path: Path, section: str) -> None:
    (line,) = faults(tmp_path, f"{section}: [a, b]\n")
    assert re.fullmatch(rf"monitor.yaml:1:\d+: {section} must be a mapping of keys, not a list", line)


def test_what_is_read_is_what_was_written(tmp_path: Path) -> None:
    (tmp_path / "rules").mkdir()
    text = """
    timezone: Asia/Baghdad
    database: rasid.db
    rules: rules
    defaults: {severity: high}
    fetch: {contact: desk@example.org, timeout: 5s, max_size: 2MiB, private_networks: [127.0.0.0/8, "::1"]}
    sources:
      feed-one: {url: "https://news.example/rss", tags: [a, b], since: 24h}
      off: {folder: x, enabled: no}
    channels:
      desk: {kind: webhook, url: "https://hooks.example/", headers: {X-Token: "${env:TOKEN}-suffix"}}
    """
    config = load(tmp_path, text, TOKEN="canary-token")
    (source,), (channel,) = config.sources, config.channels
    assert (config.timezone.key, config.database, config.rules) == (
        "Asia/Baghdad",
        tmp_path / "rasid.db",
        (tmp_path / "rules",),
    )
    assert (config.fetch.timeout, config.fetch.max_size) == (timedelta(seconds=5), 2 * 2**20)
    assert config.fetch.private_networks == (ip_network("127.0.0.0/8"), ip_network("::1"))
    assert (source.id, source.kind, source.tags) == ("feed-one", "feed", ("a", "b"))
    assert dict(source.options) == {"url": "https://news.example/rss", "since": "24h"}
    assert (source.where.line, source.where.column) == (8, 3)
    assert channel.options["headers"]["X-Token"] == "canary-token-suffix"
    assert [(off.name, off.is_wanted) for off in config.disabled] == [("off", False)]


# --- secrets -----------------------------------------------------------------------------------------------


def with_secret(reference: str) -> str:
    return SMALL + f"  cases: {{kind: webhook, url: 'https://x.example/{reference}'}}\n"


def test_secrets_come_from_the_environment_and_from_files(tmp_path: Path) -> None:
    secret(tmp_path, "token", "from-a-file\n")
    text = with_secret("${env:A_TOKEN}/${file:token}")
    config = load(tmp_path, text, A_TOKEN="from-env")
    assert config.channels[1].options["url"] == "https://x.example/from-env/from-a-file"


def test_systemd_credentials_come_first(tmp_path: Path) -> None:
    secret(tmp_path, "token", "beside-the-file")
    credentials = tmp_path / "credentials"
    credentials.mkdir()
    (credentials / "token").write_text("of-systemd")
    (credentials / "token").chmod(0o440)
    config = load(tmp_path, with_secret("${file:token}"), CREDENTIALS_DIRECTORY=str(credentials))
    assert config.channels[1].options["url"].endswith("/of-systemd")


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_a_secret_that_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    secret(tmp_path, "token", "canary-value", mode)
    config = load(tmp_path, with_secret("${file:token}"))
    (off,) = config.disabled
    assert (off.name, "can be read by others; type: chmod 600" in off.reason) == ("cases", True)
    assert "canary-value" not in off.reason


@pytest.mark.parametrize(
    ("reference", "reason"),
    [
        ("${env:NOT_SET}", "the environment has no NOT_SET"),
        ("${file:nothing}", "there is no .*secrets/nothing; write the secret there"),
        ("${file:empty}", "secrets/empty is empty"),
        ("${file:folder}", "secrets/folder cannot be read: Is a directory"),
        ("${file:bytes}", "secrets/bytes cannot be read: not UTF-8"),
    ],
)
def test_a_missing_secret_turns_its_channel_off_loudly(tmp_path: Path, reference: str, reason: str) -> None:
    secret(tmp_path, "empty", "\n")
    (tmp_path / "secrets" / "folder").mkdir(mode=0o700)
    secret(tmp_path, "bytes", "")
    (tmp_path / "secrets" / "bytes").write_bytes(b"\xff\xfe\xfd")
    config = load(tmp_path, with_secret(reference))
    (warning,) = config.warnings
    assert re.search(rf"monitor.yaml:8:3: warning: channel 'cases' is off: .*{reason}", str(warning))
    assert [spec.name for spec in config.channels] == ["desk"]
    assert config.channel_names == {"desk", "cases"}


@pytest.mark.parametrize(
    ("reference", "said"),
    [
        ("${desk_url}", "'${desk_url}' names no secret; write ${env:DESK_URL} or ${file:desk_url}"),
        ("${DESK_URL}", "'${DESK_URL}' names no secret; write ${env:DESK_URL} or ${file:DESK_URL}"),
        ("${env:}", "'${env:...}' names no secret; write ${env:NAME} or ${file:name}"),
        ("${file:../up}", "'${file:...}' names no secret; write ${env:NAME} or ${file:name}"),
        ("${env:OPEN", "'${' is not closed; write ${env:NAME} or ${file:name}"),
        ("${env:canary-horse-battery", "'${' is not closed; write ${env:NAME} or ${file:name}"),
        ("${https://x/canary-8s7df98s7df9", "'${' is not closed; write ${env:NAME} or ${file:name}"),
        ("${env:canary0pass!}", "'${env:...}' names no secret; write ${env:NAME} or ${file:name}"),
        ("${sk-canarysecretvalue}", "'${...}' names no secret; write ${env:NAME} or ${file:name}"),
        ("${canary7f98s7df98s7df}", "'${...}' names no secret; write ${env:NAME} or ${file:name}"),
        (f"${{canary{35 * 'x'}}}", "'${...}' names no secret; write ${env:NAME} or ${file:name}"),
        ("${canaryname:canaryword}", "'${...}' names no secret; write ${env:NAME} or ${file:name}"),
        ("${https://hooks.example/T0/B0/canary}", "'${...}' names no secret; write ${env:NAME} or ${file:name}"),
    ],
)
@pytest.mark.parametrize("url", ["{}", "https://hooks.example/canary-in-a-path/{}/canary-in-another"])
def test_a_faulty_reference_is_one_error_that_shows_a_name_and_nothing_that_may_be_a_secret(
    tmp_path: Path, reference: str, said: str, url: str
) -> None:
    path = write(tmp_path, f"channels: {{desk: {{kind: webhook, url: '{url.format(reference)}'}}}}\n")

    config, (problem, *others) = inspect_config(path, environment={})

    assert config is not None
    assert (config.redact(problem.message), others) == (said, [])
    assert "canary" not in config.redact(f"{url.format(reference)} was refused")


def test_no_secret_shows_in_the_repr_of_anything(tmp_path: Path) -> None:
    text = with_secret("${env:TOKEN}") + "    \n"
    config = load(tmp_path, text, TOKEN="canary-token")
    shown = repr(config) + str(config.channels[1].options) + repr(config.secrets) + f"{config.channels[0].options}"
    assert "canary" not in shown
    assert "url=***" in shown


def test_redaction_hides_secrets_webhook_urls_and_what_a_feed_url_carries(tmp_path: Path) -> None:
    text = """
    sources:
      paid: {url: "https://reader:canary-password@news.example:8443/rss?key=canary-query&page=2"}
    channels:
      desk: {kind: webhook, url: "https://hooks.example/T0/B0/canary-in-a-path"}
      cases: {kind: webhook, url: "https://x.example/", token: "${env:TOKEN}"}
    """
    config = load(tmp_path, text, TOKEN="canary/token ü")
    told = config.redact(
        "GET https://reader:canary-password@news.example:8443/rss?key=canary-query&page=2 failed; canary-password; "
        "canary-query; POST https://hooks.example/T0/B0/canary-in-a-path; url: /T0/B0/canary-in-a-path; "
        "canary/token ü; canary%2Ftoken%20%C3%BC; https://x.example/ is no secret"
    )
    assert "canary" not in told
    assert told.startswith("GET https://news.example:8443/rss failed; ***; ***; POST https://hooks.example/***;")
    assert told.endswith("https://x.example/ is no secret")


def test_a_configuration_without_secrets_redacts_nothing(tmp_path: Path) -> None:
    assert load(tmp_path, "version: 1\n").redact("as it was") == "as it was"


def test_a_url_that_is_none_is_hidden_whole(tmp_path: Path) -> None:
    config = load(tmp_path, "channels:\n  desk: {kind: webhook, url: 'http://[canary'}\n")
    assert config.redact("bad http://[canary!") == "bad ***!"


# --- paths -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "state", "expected"),
    [
        ("var/rasid.db", "", "{folder}/var/rasid.db"),
        ("../rasid.db", "", "{parent}/rasid.db"),
        ("/srv/rasid.db", "/var/lib/rasid", "/srv/rasid.db"),
        ("rasid.db", "/var/lib/rasid:/var/lib/other", "/var/lib/rasid/rasid.db"),
        ("../var/rasid.db", "/var/lib/rasid", "/var/lib/rasid/rasid.db"),
    ],
)
def test_the_database_lies_beside_the_file_or_in_the_state_folder(
    tmp_path: Path, text: str, state: str, expected: str
) -> None:
    config = load(tmp_path, f"database: {text}\n", STATE_DIRECTORY=state)
    assert str(config.database) == expected.format(folder=tmp_path, parent=tmp_path.parent)


def test_a_path_through_a_link_is_kept_as_written(tmp_path: Path) -> None:
    (tmp_path / "far" / "inner").mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / "far" / "inner")
    config = load(tmp_path, "database: link/../rasid.db\n")
    assert str(config.database) == f"{tmp_path}/link/../rasid.db"


# --- later -------------------------------------------------------------------------------------------------


def test_options_of_later_releases_are_read_with_a_warning_and_do_not_reach_the_kind(tmp_path: Path) -> None:
    text = """
    ops: {notify: [desk]}
    sources:
      wire: {folder: drop, every: 5m}
    channels:
      desk: {kind: webhook, url: "https://x.example/"}
    """
    config = load(tmp_path, text)
    told = [str(warning).removeprefix(f"{tmp_path}/monitor.yaml:") for warning in config.warnings]
    assert [line.partition(" warning: ")[2].split(";")[0] for line in told] == []
    assert set(config.channels[0].options) == {"url"}
    assert set(config.sources[0].options) == {"folder", "every"}


# --- lists of feeds ----------------------------------------------------------------------------------------

OPML = """<opml version="2.0"><body>
<outline text="Iraq"><outline text="TV"><outline text="One" xmlUrl="https://one.example/rss?key=canary-12345"/></outline>
<outline text="Two" xmlUrl="http://two.example/feed"/></outline>
<outline text="Two again" xmlUrl="http://two.example/feed"/>
<outline text="Three" xmlUrl="ftp://three.example/feed"/>
</body></opml>"""


def test_feeds_of_a_list_are_sources_with_its_options_and_folders_as_tags(tmp_path: Path) -> None:
    (tmp_path / "feeds.opml").write_text(OPML)
    config = load(tmp_path, "sources:\n  long: {opml: feeds.opml, tags: [tail], every: 1h}\n")

    one, two = config.sources
    address = "https://one.example/rss?key=canary-12345"
    assert one.id == f"long-{hashlib.sha256(address.encode()).hexdigest()[:8]}"
    assert (one.kind, dict(one.options)) == ("feed", {"url": address, "every": "1h"})
    assert (one.tags, two.tags) == (("tail", "Iraq", "TV", "long"), ("tail", "Iraq", "long"))
    assert config.source_tags[one.id] == one.tags
    assert config.redact(f"{address} canary-12345") == "https://one.example/rss ***"
    assert [str(warning).removeprefix(f"{tmp_path}/") for warning in config.warnings] == [
        "feeds.opml:5:1: warning: source 'long': skipped: an address that is neither http nor https"
    ]


def test_list_without_a_feed_is_a_warning_and_one_switched_off_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "feeds.opml").write_text("<opml><body/></opml>")
    config = load(tmp_path, "sources:\n  long: {opml: feeds.opml}\n  off: {opml: nowhere.opml, enabled: no}\n")

    assert config.sources == ()
    assert [warning.message for warning in config.warnings] == [
        f"source 'long': there is no feed in '{tmp_path}/feeds.opml'"
    ]
    assert [off.name for off in config.disabled] == ["off"]


def test_fault_of_a_lists_options_is_told_once(tmp_path: Path) -> None:
    (tmp_path / "feeds.opml").write_text(OPML)
    config = load(tmp_path, "sources:\n  long: {opml: feeds.opml, evry: 1h}\n")

    assert [str(problem) for problem in check_kinds(config)] == [
        f"{tmp_path}/monitor.yaml:2:34: source 'long': unknown option 'evry' (did you mean 'every'?)"
    ]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (None, "cannot be read: no such file or directory"),
        ("", "cannot be used: the file is empty"),
        ("<html/>", "cannot be used: not OPML: its root is <html>"),
        (
            "<!DOCTYPE opml [<!ENTITY a 'b'>]><opml/>",
            "cannot be used: refused: the document has",
        ),
    ],
)
def test_list_that_cannot_be_used_says_why(tmp_path: Path, body: str | None, reason: str) -> None:
    if body is not None:
        (tmp_path / "feeds.opml").write_text(body)
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, "sources:\n  long: {opml: feeds.opml}\n")

    assert str(caught.value).startswith(f"{tmp_path}/monitor.yaml:2:16: opml: '{tmp_path}/feeds.opml' {reason}")


def test_a_source_is_one_thing(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="'folder' and 'opml' together; write two sources"):
        load(tmp_path, "sources:\n  long: {opml: feeds.opml, folder: drop}\n")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("timezone: [a]", "timezone: expected one value, not a list"),
        ("timezone: ''", "timezone: the value is empty"),
        ("timezone: Baghdad", "timezone: 'Baghdad' is not a timezone (did you mean 'Asia/Baghdad'?)"),
        ("timezone: Asia/Bagdad", "timezone: 'Asia/Bagdad' is not a timezone (did you mean 'Asia/Baghdad'?)"),
        ("timezone: GMT+3", "timezone: 'GMT+3' is not a timezone; write a name such as Asia/Baghdad or UTC"),
        ("timezone: xyzzy", "timezone: 'xyzzy' is not a timezone; write a name such as Asia/Baghdad or UTC"),
        ("fetch: {private_networks: [127.0.0.1/8]}", "'127.0.0.1/8' is not a network; write one such as 127.0.0.0/8"),
        ("fetch: {private_networks: [here]}", "'here' is not a network; write one such as 10.0.0.0/8"),
        ("sources: {a: {folder: x, tags: [عراق، شام]}}", "'عراق، شام' is one item: '،' separates nothing"),
        ("ops: {notify: [desk]}", "unknown channel 'desk'; there is none yet"),
        ("rules: {a: b}", "rules: expected a list, not a mapping"),
        ("fetch: {timeout: 0s}", "timeout: must be longer than nothing"),
        ("fetch: {max_size: 0}", "max_size: '0' is not a size"),
        ("sources: {a: {folder: x, enabled: maybe}}", "enabled: 'maybe' is neither yes nor no"),
    ],
)
def test_a_value_of_the_wrong_sort_says_what_was_expected(tmp_path: Path, line: str, message: str) -> None:
    found = faults(tmp_path, line + "\n")
    assert any(message in each for each in found), found
