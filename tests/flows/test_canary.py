"""Secrets stay where they are: real sends of every kind to receivers that fail and repeat what they were given."""

from __future__ import annotations

import base64
import logging
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from monitor import channels
from monitor.channels import smtp
from tests.flows.site import ATTACK, Site
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


def _site(folder: Path, host: str, port: int) -> Site:
    secrets = folder / "secrets"
    secrets.mkdir(mode=0o700)
    for name, secret in SECRETS.items():
        (secrets / name).write_text(secret)
        (secrets / name).chmod(0o600)
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
