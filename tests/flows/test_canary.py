"""Secrets stay where they are: real polls, and sends of every kind, to servers that fail and repeat the secrets."""

from __future__ import annotations

import base64
import logging
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from monitor import channels
from monitor.channels import smtp
from tests.flows.daemon import Daemon, until
from tests.flows.site import ATTACK, Site
from tests.flows.test_daemon_window import ask, port_of
from tests.http.servers import certificate
from tests.mailbox import Mailbox
from tests.receiver import Receiver, status

SECRETS = {
    "webhook-user": "c4nary-webhook-user",
    "webhook-word": "c4nary-webhook-word",
    "webhook-path": "c4nary-webhook-path",
    "webhook-query": "c4nary-webhook-query",
    "webhook-header": "c4nary-webhook-header",
    "signing-old": "whsec_" + base64.b64encode(b"c4nary-signing-old-secret").decode(),
    "signing-new": "whsec_" + base64.b64encode(b"c4nary-signing-new-secret").decode(),
    "slack-path": "c4nary-slack-path",
    "slack-token": "xoxb-c4nary-slack-token",
    "discord-path": "c4nary-discord-path",
    "mattermost-path": "c4nary-mattermost-path",
    "teams-query": "c4nary-teams-query",
    "telegram-token": "1234567:c4nary-telegram-token",
    "ntfy-topic": "c4nary-ntfy-topic",
    "ntfy-token": "tk_c4nary-ntfy-token",
    "smtp-password": "c4nary-smtp-password",
    "apprise-word": "c4nary-apprise-word",
}
"""By the name of its file."""

CHANNELS = {
    "webhook": (
        '{{kind: webhook, url: "http://${{file:webhook-user}}:${{file:webhook-word}}@{host}/${{file:webhook-path}}'
        '?key=${{file:webhook-query}}", headers: {{X-Key: "${{file:webhook-header}}"}},'
        ' signing_secret: ["${{file:signing-old}}", "${{file:signing-new}}"]}}'
    ),
    "slack": '{{kind: slack, url: "http://{host}/${{file:slack-path}}"}}',
    "slack-bot": '{{kind: slack, server: "http://{host}", token: "${{file:slack-token}}", to: C1}}',
    "discord": '{{kind: discord, url: "http://{host}/${{file:discord-path}}"}}',
    "mattermost": '{{kind: mattermost, url: "http://{host}/${{file:mattermost-path}}"}}',
    "teams": '{{kind: teams, url: "http://{host}/?sig=${{file:teams-query}}"}}',
    "telegram": '{{kind: telegram, server: "http://{host}", token: "${{file:telegram-token}}", to: "1"}}',
    "ntfy": '{{kind: ntfy, server: "http://{host}", topic: "${{file:ntfy-topic}}", token: "${{file:ntfy-token}}"}}',
    "email": (
        '{{kind: email, to: a@example.org, from: b@example.org, server: "smtps://user@127.0.0.1:{port}",'
        ' password: "${{file:smtp-password}}"}}'
    ),
    "apprise": '{{kind: apprise, url: "json://user:${{file:apprise-word}}@{host}"}}',
    "file": "{{kind: file, path: no-such-folder/alerts}}",
    "stdout": "{{kind: stdout}}",
}
COMMANDS = (
    ("check",),
    ("status",),
    ("deliveries",),
    ("deliveries", "--json"),
    ("matches", "--json"),
    ("send-test",),
)


@pytest.fixture(autouse=True)
def _trusted(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate()))
    smtp._context.cache_clear()
    yield
    smtp._context.cache_clear()


def _keep(folder: Path, kept: Mapping[str, str]) -> None:
    """Write secrets, each into its file."""
    secrets = folder / "secrets"
    secrets.mkdir(mode=0o700)
    for name, secret in kept.items():
        (secrets / name).write_text(secret)
        (secrets / name).chmod(0o600)


def _site(folder: Path, host: str, port: int) -> Site:
    _keep(folder, SECRETS)
    made = {name: options.format(host=host, port=port) for name, options in CHANNELS.items()}
    return Site(folder=folder, channels=made)


def test_every_kind_is_here() -> None:
    kinds = {options.split("kind: ")[1].split(",")[0].rstrip("}") for options in CHANNELS.values()}
    assert kinds == set(channels.kinds())


# aiosmtpd lets go of a connection under TLS that the other side broke off.
@pytest.mark.filterwarnings("ignore:Exception ignored in. <socket:pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("code", [500, 400, 401, 307])
def test_no_secret_is_in_a_log_a_screen_a_page_of_the_database_or_its_wal(
    code: int, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    echo = " ".join(SECRETS.values())
    refusals = {step: 9 * [f"550 {echo}"] for step in ("recipient", "message")}
    shown = []
    with (
        Receiver(script=[status(code, body=echo.encode(), Location=f"/{SECRETS['webhook-path']}")]) as receiver,
        Mailbox(refusals, login=("user", SECRETS["smtp-password"]), tls="implicit") as box,
    ):
        site = _site(tmp_path, receiver.url.removeprefix("http://"), box.port)
        assert site.rasid("run", "--once").exit_code == 0
        site.put("one.json", ATTACK)
        with closing(sqlite3.connect(site.database)) as holding, caplog.at_level(logging.DEBUG):
            holding.execute("BEGIN")
            holding.execute("SELECT count(*) FROM sqlite_master").fetchone()  # keeps the WAL from being put away
            shown.append(site.rasid("run", "--once").output)
            shown += [site.rasid(*command).output for command in COMMANDS]
            stored = b"".join(path.read_bytes() for path in tmp_path.glob("rasid.db*"))
            assert (tmp_path / "rasid.db-wal").stat().st_size > 0

    logged = "\n".join(f"{record.getMessage()} {vars(record)}" for record in caplog.records)
    places = {"screen": "\n".join(shown).encode(), "log": logged.encode(), "database": stored}
    assert f"HTTP {code}".encode() in stored  # the reason is there, so what it must not hold could be
    assert b"a delivery failed" in places["log"]
    assert [(place, name) for place, text in places.items() for name, secret in SECRETS.items()
            if secret.encode() in text or secret.removeprefix("whsec_").encode() in text] == []  # fmt: skip


FETCHED = {
    "feed-user": "c4nary-feed-user",
    "feed-word": "c4nary-feed-word",
    "feed-query": "c4nary-feed-query",
    "feed-header": "c4nary-feed-header",
    "proxy-word": "c4nary-proxy-word",
    "beat-path": "c4nary-beat-path",
}
"""The secrets of what is asked for, by the name of their file."""

SOURCE = (
    '{{url: "http://${{file:feed-user}}:${{file:feed-word}}@{host}/rss?key=${{file:feed-query}}",'
    ' headers: {{X-Key: "${{file:feed-header}}"}}, every: 1s}}'
)
SCREENS = (
    ("check",),
    ("status",),
    ("status", "--json"),
    ("sources",),
    ("sources", "--json"),
    ("sources", "errors"),
    ("sources", "test", "failing"),
    ("doctor",),
    ("doctor", "--json"),
)


def test_no_secret_of_what_is_polled_is_in_a_log_a_screen_a_figure_or_the_database(tmp_path: Path) -> None:
    echo = f"<html><title>{' '.join(FETCHED.values())}</title></html>".encode()
    moved = f"/rss?key={FETCHED['feed-query']}"
    answers = {
        "failing": status(500, body=echo),
        "locked": status(401, body=echo, WWW_Authenticate=f'Basic realm="{FETCHED["feed-word"]}"'),
        "moved": status(301, Location=moved),
        "page": status(200, body=echo),
        "abroad": status(407, body=echo),  # the proxy, past which goes what is near
    }
    with ExitStack() as stack:
        made = {name: stack.enter_context(Receiver(script=[answer])) for name, answer in answers.items()}
        hosts = {name: one.url.removeprefix("http://") for name, one in made.items()}
        site = Site(
            folder=tmp_path,
            sources={name: SOURCE.format(host=host) for name, host in {**hosts, "abroad": "news.invalid"}.items()},
            extra=f'heartbeat: {{url: "{made["failing"].url}/${{file:beat-path}}", every: 1s}}\n'
            'web: {listen: "127.0.0.1:0"}',
        )
        _keep(tmp_path, FETCHED)
        proxy = f'proxy: "http://user:${{file:proxy-word}}@{hosts.pop("abroad")}"'
        site.config.write_text(site.config.read_text().replace("fetch: {", f"fetch: {{{proxy}, "))
        with Daemon(site.config) as daemon, closing(sqlite3.connect(site.database)) as holding:
            holding.execute("BEGIN")
            holding.execute("SELECT count(*) FROM sqlite_master").fetchone()  # keeps the WAL from being put away
            until(lambda: all(row["last_error"] for row in site.json("sources")))
            until(lambda: any(FETCHED["beat-path"] in one.path for one in made["failing"].received))
            shown = [site.rasid(*command).output for command in SCREENS]
            shown += [ask(port_of(daemon), path)[1] for path in ("/metrics", "/healthz", "/readyz")]
            assert daemon.stop() == 0
            stored = b"".join(path.read_bytes() for path in tmp_path.glob("rasid.db*"))

    places = {"screen": "\n".join(shown).encode(), "log": "\n".join(daemon.lines).encode(), "database": stored}
    sent = repr([(one.path, one.headers) for receiver in made.values() for one in receiver.received])
    assert [name for name in ("feed-query", "feed-header", "beat-path") if FETCHED[name] not in sent] == []
    assert made["abroad"].received[0].path.startswith("http://news.invalid/")
    assert [(place, name) for place, text in places.items() for name, secret in FETCHED.items()
            if secret.encode() in text] == []  # fmt: skip
