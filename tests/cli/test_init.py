"""`rasid init`: questions or options, commented files, one try of everything; then the first alert."""

from __future__ import annotations

import json
import re
import stat
from collections.abc import Callable
from email.utils import format_datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from pytest_httpserver import HTTPServer

from monitor import channels, load_config, timing
from monitor.cli import main
from monitor.cli._demo_servers import mail
from monitor.cli._init_files import Answers, files
from monitor.cli._init_words import WORDS
from monitor.cli.init import FORMS, kind_of, write
from tests.flows.receiver import Receiver

Rasid = Callable[..., Result]


@pytest.fixture
def rasid(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Rasid:
    monkeypatch.chdir(tmp_path)
    for name in ("RASID_CONFIG", "RASID_INIT_URL", "RASID_INIT_PASSWORD", "LANG", "CREDENTIALS_DIRECTORY"):
        monkeypatch.delenv(name, raising=False)

    def run(*arguments: str, typed: str = "") -> Result:
        return CliRunner().invoke(main, arguments, input=typed, prog_name="rasid")

    return run


@pytest.fixture
def feed(httpserver: HTTPServer) -> str:
    date = format_datetime(timing.now())
    items = [("هجوم على مطار", "تعرض المطار لهجوم فجرا."), ("افتتاح معرض", "افتتح المعرض اليوم.")]
    body = "".join(
        f"<item><title>{title}</title><guid>{title}</guid><link>https://x.example/{number}</link>"
        f"<pubDate>{date}</pubDate><description>{text}</description></item>"
        for number, (title, text) in enumerate(items)
    )
    httpserver.expect_request("/rss").respond_with_data(
        f'<rss version="2.0"><channel><title>t</title>{body}</channel></rss>', content_type="application/rss+xml"
    )
    httpserver.expect_request("/page").respond_with_data("<html><p>news</p></html>", content_type="text/html")
    return httpserver.url_for("/rss")


def test_questions_in_arabic_lead_from_nothing_to_the_first_alert(
    rasid: Rasid, feed: str, receiver: Receiver, tmp_path: Path
) -> None:
    done = rasid("init", typed=f"ar\n{feed}\nهجوم، انفجار\nwebhook\n{receiver.url}\n")
    assert done.exit_code == 0, done.output
    assert "١. عنوان مصدر أخبار" in done.stdout
    assert "عدد ما ورد فيه شيء من كلماتك: 1" in done.stdout
    assert "أحدثها:\n  هجوم على مطار" in done.stdout
    assert [body["code"] for body in receiver.bodies] == ["TEST"]
    config = load_config(tmp_path / "config" / "monitor.yaml")
    assert (config.language, config.warnings) == ("ar", ())
    once = rasid("run", "--once")
    assert once.exit_code == 0, once.output
    assert [article["title"] for article in receiver.bodies[1]["articles"]] == ["هجوم على مطار"]


def test_options_answer_everything_for_scripts(rasid: Rasid, feed: str, receiver: Receiver, tmp_path: Path) -> None:
    words = "attack, هجوم"
    given = ["--language", "en", "--feed", feed, "--words", words, "--channel", "webhook", "--url", receiver.url]
    done = rasid("init", "my desk", *given, "--yes")
    assert done.exit_code == 0, done.output
    assert "read 2 articles; the newest: هجوم على مطار" in done.stdout
    assert "cd 'my desk'" in done.stdout
    assert "all fine: 1 rule, 3 examples, 1 source, 1 channel" in done.stdout
    assert len(receiver.bodies) == 1


def test_without_a_feed_an_example_lies_in_a_drop_folder(rasid: Rasid, tmp_path: Path) -> None:
    done = rasid("init", "--yes", "--channel", "stdout")
    assert done.exit_code == 0, done.output
    once = rasid("run", "--once")
    assert once.exit_code == 0, once.output
    assert '"title":"Rasid\'s first article: attack"' in once.stdout
    assert (tmp_path / "drop" / "processed").is_dir()


def test_secrets_lie_in_files_of_their_own_that_only_their_owner_reads(
    rasid: Rasid, receiver: Receiver, tmp_path: Path
) -> None:
    rasid("init", "--yes", "--channel", "webhook", "--url", f"{receiver.url}/a-long-secret-path")
    secret = tmp_path / "config" / "secrets" / "desk-url"
    assert secret.read_text() == f"{receiver.url}/a-long-secret-path\n"
    assert [stat.S_IMODE(path.stat().st_mode) for path in (secret, secret.parent)] == [0o600, 0o700]
    assert "a-long-secret-path" not in (tmp_path / "config" / "monitor.yaml").read_text()


def test_the_user_and_password_of_a_feed_are_a_secret_too(rasid: Rasid, tmp_path: Path) -> None:
    done = rasid("init", "--yes", "--channel", "stdout", "--feed", "http://me:canary-77@127.0.0.1:9/rss")
    assert "canary-77" not in (tmp_path / "config" / "monitor.yaml").read_text() + done.output
    assert (tmp_path / "config" / "secrets" / "first-url").read_text() == "http://me:canary-77@127.0.0.1:9/rss\n"


def test_a_mail_server_on_this_machine_gets_the_test_message_and_the_first_alert(rasid: Rasid) -> None:
    with mail() as post:
        server = f"smtp://127.0.0.1:{post.port}"
        done = rasid("init", typed=f"en\n\nraid\nemail\nduty@desk.example\n\n{server}\n\n")
        assert done.exit_code == 0, done.output
        assert rasid("run", "--once").exit_code == 0
        assert [message["To"] for message in post.received] == ["duty@desk.example"] * 2
        assert "raid" in post.received[1]["Subject"]


def test_a_password_lies_in_a_file_of_its_own(rasid: Rasid, tmp_path: Path) -> None:
    channel = ["--channel", "email", "--to", "a@desk.example", "--from", "b@desk.example"]
    done = rasid("init", "--yes", *channel, "--server", "smtps://b@127.0.0.1:9", "--password", "canary-78")
    assert (done.exit_code, "not taken: " in done.stdout) == (1, True)
    assert "canary-78" not in (tmp_path / "config" / "monitor.yaml").read_text() + done.output
    assert (tmp_path / "config" / "secrets" / "desk-password").read_text() == "canary-78\n"


def test_what_is_there_is_never_overwritten(rasid: Rasid, tmp_path: Path) -> None:
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "first.yaml").write_text("mine")
    done = rasid("init", "--yes", "--channel", "stdout")
    assert (done.exit_code, "rules/first.yaml is there already" in done.stderr) == (1, True)
    assert [path.name for path in tmp_path.iterdir()] == ["rules"]
    assert (tmp_path / "rules" / "first.yaml").read_text() == "mine"


def test_the_address_of_a_site_leads_to_its_feed(
    rasid: Rasid, feed: str, receiver: Receiver, httpserver: HTTPServer, tmp_path: Path
) -> None:
    link = '<link rel="alternate" type="application/rss+xml" href="/rss">'
    httpserver.expect_request("/").respond_with_data(f"<html>{link}<p>news</p></html>", content_type="text/html")
    address = feed.removesuffix("rss")
    done = rasid("init", "--yes", "--feed", address, "--words", "هجوم", "--channel", "webhook", "--url", receiver.url)
    assert done.exit_code == 0, done.output
    assert f"That address is a page; its feed is {feed}" in done.stdout
    assert f'url: "{feed}"' in (tmp_path / "config" / "monitor.yaml").read_text()


def test_a_source_that_cannot_be_read_is_a_friendly_note(rasid: Rasid, feed: str, receiver: Receiver) -> None:
    address = feed.replace("/rss", "/absent")
    done = rasid("init", "--yes", "--feed", address, "--channel", "webhook", "--url", receiver.url)
    assert (done.exit_code, "Traceback" in done.output) == (1, False)
    assert "it could not be read: " in done.stdout
    assert "Mend the address in config/monitor.yaml, then: rasid run --once" in done.stdout
    assert len(receiver.bodies) == 1


def test_a_channel_that_takes_nothing_is_a_friendly_note(rasid: Rasid) -> None:
    with Receiver(answers=lambda _: 404) as refusing:
        done = rasid("init", "--yes", "--channel", "webhook", "--url", refusing.url)
    assert done.exit_code == 1
    assert re.search(r"not taken: .*404.*\n  Mend config/secrets/desk-url and send it again", done.stdout)


def test_an_address_tells_its_kind_and_is_not_asked_for_again(
    rasid: Rasid, receiver: Receiver, tmp_path: Path
) -> None:
    done = rasid("init", typed=f"en\n\nraid\n{receiver.url}\n")
    assert done.exit_code == 0, done.output
    assert "kind: webhook" in (tmp_path / "config" / "monitor.yaml").read_text()
    assert "Address that takes them" not in done.output
    assert len(receiver.bodies) == 1


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        ("https://hooks.slack.com/services/T0/B0/x", ("slack", {"url": "https://hooks.slack.com/services/T0/B0/x"})),
        ("https://discord.com/api/webhooks/1/x", ("discord", {"url": "https://discord.com/api/webhooks/1/x"})),
        ("https://cases.example/hook", ("webhook", {"url": "https://cases.example/hook"})),
        ("https://ntfy.sh/desk-9f2c", ("ntfy", {"topic": "desk-9f2c"})),
        ("duty@desk.example ", ("email", {"to": "duty@desk.example"})),
        (" slack", ("slack", {})),
    ],
)
def test_the_kind_of_a_channel_is_read_from_its_address(answer: str, found: tuple[str, dict[str, str]]) -> None:
    assert kind_of(answer, tuple(FORMS)) == found


def test_a_file_gets_the_greeting_and_then_the_first_alert(rasid: Rasid, feed: str, tmp_path: Path) -> None:
    done = rasid("init", "--yes", "--channel", "file", "--feed", feed, "--words", "هجوم")
    assert done.exit_code == 0, done.output
    assert rasid("run", "--once").exit_code == 0

    lines = [json.loads(line) for line in (tmp_path / "alerts.ndjson").read_text("utf-8").splitlines()]
    titles = [line["articles"][0]["title"] for line in lines]
    assert titles == ["[DRILL] This is a test message: nothing happened", "هجوم على مطار"]


@pytest.mark.parametrize("language", ["en", "ar"])
@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("telegram", {"token": "1:canary-secret", "to": "@desk_alerts"}),
        ("ntfy", {"topic": "canary-secret"}),
        ("file", {"path": "../alerts.ndjson"}),
    ],
)
def test_what_is_written_for_every_kind_loads_and_holds_no_secret(
    tmp_path: Path, kind: str, options: dict[str, str], language: str
) -> None:
    texts = files(Answers(language=language, words=("attack",), kind=kind, options=options))
    write(tmp_path, texts, WORDS[language])

    (spec,) = load_config(tmp_path / "config" / "monitor.yaml").channels
    assert {**spec.options} == options
    assert channels.check(spec) == ()
    assert "canary" not in texts["config/monitor.yaml"]


def test_the_chat_of_a_bot_is_asked_for_in_its_own_words(rasid: Rasid, tmp_path: Path) -> None:
    done = rasid("init", "--token", "nonsense", typed="en\n\nraid\ntelegram\n@desk_alerts\n")

    assert "Chat that gets them: its number, or @channel" in done.output
    assert "'token': must be" in done.output
    assert list(tmp_path.iterdir()) == []


def test_a_wrong_answer_is_asked_again(rasid: Rasid, feed: str, receiver: Receiver) -> None:
    typed = f"en\nnot an address\n{feed}\nhttps://a.example/\nhe\nهجوم\nfax\nwebhook\nx\n{receiver.url}\n"
    done = rasid("init", typed=typed)
    assert done.exit_code == 0, done.output
    for line in ("That is not an address", "not for addresses", "'fax' is neither one of", "That does not do: 'url'"):
        assert line in done.output


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--channel", "webhook"], "--channel webhook needs --url"),
        (["--channel", "fax"], "'fax' is neither one of stdout"),
        (["--channel", "webhook", "--url", "nowhere"], "must begin with http:// or https://"),
        (["--feed", "ftp://x"], "That is not an address"),
        (["--words", "$attack"], "a letter or digit comes first"),
        (["--words", "museum, rain, bread"], "choose rarer ones"),
    ],
)
def test_a_wrong_option_ends_with_a_line_and_no_file(
    rasid: Rasid, options: list[str], said: str, tmp_path: Path
) -> None:
    done = rasid("init", "--yes", *options)
    assert (done.exit_code, list(tmp_path.iterdir())) == (2, [])
    assert said in " ".join(done.stderr.replace("│", " ").split())


def test_both_languages_say_the_same_things_and_all_but_the_rarer_kinds_can_be_asked_for() -> None:
    assert set(WORDS["en"]) == set(WORDS["ar"])
    fields = {key: set(re.findall(r"{(\w+)", text)) for key, text in WORDS["en"].items()}
    assert {
        key for key, text in WORDS["ar"].items() if not set(re.findall(r"{(\w+)", text)) <= fields[key] | {"number"}
    } == set()
    assert set(channels.kinds()) - set(FORMS) == {"apprise"}
    assert all(kind in WORDS[language]["kind"] for kind in FORMS for language in WORDS)
