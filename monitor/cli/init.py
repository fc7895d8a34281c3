"""`rasid init`: three questions, a folder of commented files, and a first try of everything in them.

Overwrites nothing. What fails in the first try is said in a line that helps; the files stay.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click

from monitor import channels
from monitor.cli import _init_files, _screen, check
from monitor.cli._app import FAILED, App, pass_app
from monitor.cli._first_try import find_feed, read_source, send_greeting
from monitor.cli._init_files import CHANNEL, Answers
from monitor.cli._init_words import WORDS
from monitor.errors import Level, MonitorError
from monitor.http.session import public_url
from monitor.model import ChannelSpec
from monitor.rules.terms import Mode, Term, term_problems

FORMS: Mapping[str, Sequence[str]] = {
    "stdout": (),
    "slack": ("url",),
    "discord": ("url",),
    "mattermost": ("url",),
    "teams": ("url",),
    "email": ("to", "from", "server", "password"),
    "telegram": ("token", "to"),
    "ntfy": ("topic",),
    "webhook": ("url",),
    "file": ("path",),
}
"""The kinds that can be asked for, and the options each needs."""

NTFY = "https://ntfy.sh"
HOSTS = {"hooks.slack.com": "slack", "discord.com": "discord"}
"""The kinds that an address tells."""

OPTIONAL = ("password",)
HIDDEN = ("password", "token")
FILE = "../alerts.ndjson"
"""Where the kind `file` writes unless somebody says otherwise, seen from `config/`."""

LANGUAGES = ("en", "ar")


@click.command()
@click.argument("folder", type=click.Path(path_type=Path), default=Path())
@click.option("--language", type=click.Choice(LANGUAGES), help="Of the files, the questions and the alerts.")
@click.option("--feed", help="Address of one feed; '' for a drop folder.")
@click.option("--words", help="What to watch for, with commas between.")
@click.option("--channel", "kind", help=f"Kind of the channel: {', '.join(FORMS)}.")
@click.option("--url", envvar="RASID_INIT_URL", help="Of a channel that has one; better in RASID_INIT_URL.")
@click.option("--to", help="Who gets the alerts of an email channel; the chat of a telegram channel.")
@click.option("--from", "from_", help="Sender of an email channel.")
@click.option("--server", help="Mail server of an email channel: smtps://user@host or smtp://host:25.")
@click.option("--password", envvar="RASID_INIT_PASSWORD", help="Its password; better in RASID_INIT_PASSWORD.")
@click.option("--token", envvar="RASID_INIT_TOKEN", help="Of a telegram channel's bot; better in RASID_INIT_TOKEN.")
@click.option("--topic", envvar="RASID_INIT_TOPIC", help="Of an ntfy channel; better in RASID_INIT_TOPIC.")
@click.option("--path", help=f"Of a file channel, seen from config/; {FILE} by default.")
@click.option("--yes", is_flag=True, help="Ask nothing: take the options, and the defaults for the rest.")
@pass_app
def command(
    app: App,
    folder: Path,
    language: str | None,
    feed: str | None,
    words: str | None,
    kind: str | None,
    url: str | None,
    to: str | None,
    from_: str | None,
    server: str | None,
    password: str | None,
    token: str | None,
    topic: str | None,
    path: str | None,
    yes: bool,
) -> None:
    """Write a first configuration and rule into FOLDER (here), and try them.

    Asks for a feed (or takes a folder of files), for words, and for a channel; options answer beforehand. Then it
    checks the files, reads the source once and sends a test message. Existing files are never overwritten.

    Example: rasid init my-desk
    """
    refuse_existing(app, folder)
    ask = _Asker(app, language, yes=yes)
    if not yes:
        app.say(ask.words["hello"])
    given = {"url": url, "to": to, "from": from_, "server": server, "password": password}
    given |= {"token": token, "topic": topic, "path": path}
    answers = ask.all(feed, words, kind, given)
    if answers.feed and (found := find_feed(answers.feed, _init_files.networks(answers))) != answers.feed:
        app.say(ask.words["feed_found"].format(feed=public_url(found)))
        answers = replace(answers, feed=found)
    texts = _init_files.files(answers)
    for line in write(folder, texts, ask.words):
        app.say(line)
    if networks := _init_files.networks(answers):
        app.say(ask.words["private"].format(networks=", ".join(networks)))
    is_fine = first_try(App(folder / "config" / "monitor.yaml"), ask.words, answers)
    app.say(f"\n{ask.words['next']}")
    for line in next_commands(folder, ask.words):
        app.say(f"  {line}")
    if not is_fine:
        raise click.exceptions.Exit(FAILED)


class _Asker:
    """Gets each answer from its option, else by a question, else (--yes) by its default."""

    def __init__(self, app: App, language: str | None, *, yes: bool) -> None:
        self.app = app
        self.yes = yes
        default = "ar" if os.environ.get("LANG", "").startswith("ar") else "en"
        if language is None and not yes:
            language = click.prompt("Language / اللغة", type=click.Choice(LANGUAGES), default=default)
        self.language = language or default
        self.words = WORDS[self.language]

    def all(self, feed: str | None, words: str | None, kind: str | None, given: Mapping[str, str | None]) -> Answers:
        """Every answer, each valid."""
        address = self._valid("--feed", feed, "feed", "", self._feed)
        chosen = self._valid("--words", words, "words", self.words["words_default"], self._words)
        offered = [name for name in FORMS if name in channels.kinds()]
        kind, found = self._valid("--channel", kind, "kind", offered[0], lambda text: kind_of(text, offered))
        given = {**given, **found}
        return Answers(
            language=self.language,
            feed=address,
            words=chosen,
            kind=kind,
            options=self._options(kind, given),
            timezone=local_zone(),
        )

    def _valid(self, option: str, given: str | None, question: str, default: str, read: Callable[[str], Any]) -> Any:
        """An answer that `read` takes; a wrong option ends, a wrong answer is asked again."""
        while True:
            text = given
            if text is None:
                text = (
                    default
                    if self.yes
                    else click.prompt(self.words[question], default=default, show_default=bool(default))
                )
            try:
                return read(text)
            except ValueError as error:
                if given is not None:
                    raise click.BadParameter(str(error), param_hint=option) from error
                self.app.say(f"   {error}")

    def _feed(self, text: str) -> str:
        text = text.strip()
        if not text:
            return ""
        if "://" not in text:
            text = f"https://{text}"
        try:
            parts = urlsplit(text)
            is_web = parts.scheme in ("http", "https") and bool(parts.hostname) and not re.search(r"\s", text)
        except ValueError:
            is_web = False
        if not is_web:
            raise ValueError(self.words["feed_bad"])
        return text

    def _words(self, text: str) -> tuple[str, ...]:
        found = tuple(
            dict.fromkeys(word for part in re.split("[,،;؛\n]", text) if (word := part.strip(" \t\"'«»“”")))
        )
        for word in found:
            reasons = term_problems(Term(word, mode=Mode.WORD))
            if not reasons and not word[0].isalnum():
                reasons = ("a letter or digit comes first",)
            if not reasons and not _init_files.is_found(self.language, word):
                reasons = ("Rasid looks for words, not for addresses",)
            if reasons:
                raise ValueError(self.words["words_bad"].format(word=word, reason=reasons[0]))
        if not found:
            return self._words(self.words["words_default"])
        if not _init_files.has_neutral_sentence(self.language, found):
            raise ValueError(self.words["words_all"])
        return found

    def _options(self, kind: str, given: Mapping[str, str | None]) -> dict[str, Any]:
        while True:
            options: dict[str, Any] = {}
            for name in FORMS[kind]:
                value = given[name]
                if value is None and not self.yes:
                    usual = {"from": options.get("to"), "path": FILE}.get(name)
                    default = "" if name in OPTIONAL else usual
                    value = click.prompt(
                        self.words.get(f"{kind}_{name}", self.words.get(name, "")).format(kind=kind),
                        default=default,
                        show_default=bool(default),
                        hide_input=name in HIDDEN,
                    )
                if name == "path":
                    value = value or FILE
                if value is None and name not in OPTIONAL:
                    raise click.UsageError(f"--channel {kind} needs --{name}")
                options[name] = (value or "").strip()
            present = {name: value for name, value in options.items() if value}
            if kind == "email":
                present["to"] = re.split(r"[,;،\s]+", present["to"])
            if _is_plain_and_local(present.get("server", "")):
                present["starttls"] = "off"
            spec = ChannelSpec(name=CHANNEL, kind=kind, options=present)
            errors = [problem.message for problem in channels.check(spec) if problem.level is Level.ERROR]
            if not errors:
                return present
            reason = "; ".join(error.removeprefix(f"channel {CHANNEL!r}: ") for error in errors)
            if self.yes or all(given[name] is not None for name in FORMS[kind] if name not in OPTIONAL):
                raise click.UsageError(f"--channel {kind}: {reason}")
            self.app.say(self.words["option_bad"].format(reason=reason))


def _is_plain_and_local(server: str) -> bool:
    """Whether a mail server is one on this very machine, which seldom offers encryption and does not need it."""
    try:
        parts = urlsplit(server)
        host = parts.hostname or ""
    except ValueError:
        return False
    return parts.scheme == "smtp" and not parts.username and (host == "localhost" or host.startswith("127."))


def refuse_existing(app: App, folder: Path) -> None:
    """Raise MonitorError when something that would be written is there already."""
    there = [folder / name for name in ("config/monitor.yaml", "rules/first.yaml") if (folder / name).exists()]
    if there:
        names = " and ".join(map(str, there))
        raise MonitorError(
            f"{names} is there already, and nothing was written; name another folder: rasid init my-desk"
        )


def write(folder: Path, texts: Mapping[str, str], words: Mapping[str, str]) -> list[str]:
    """Write the files, secrets readable by their owner alone; returns a line for each. Raises MonitorError."""
    lines = [f"{words['wrote']}:"]
    try:
        for name, text in texts.items():
            path = folder / name
            is_secret = path.parent.name == "secrets"
            path.parent.mkdir(parents=True, exist_ok=True)
            if is_secret:
                path.parent.chmod(0o700)
            with os.fdopen(
                os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600 if is_secret else 0o644), "w"
            ) as file:
                file.write(text)
            lines.append(f"  {path}{words['secret'] if is_secret else ''}")
    except OSError as error:
        raise MonitorError(
            f"{error.filename} cannot be written: {(error.strerror or 'unwritable').lower()}"
        ) from error
    return lines


def first_try(app: App, words: Mapping[str, str], answers: Answers) -> bool:
    """Check the files, read the source, send a message; says what came of each and returns whether all is well."""
    app.say(f"\n{words['checking']}")
    with click.Context(check.command, info_name="check", obj=app) as context:
        try:
            context.invoke(check.command, strict=False, as_json=False)
        except click.exceptions.Exit as stop:
            return stop.exit_code == 0
    config = app.config()
    app.say(f"\n{words['source']}")
    seen = read_source(config)
    if seen.reason:
        app.say(words["source_failed"].format(reason=seen.reason))
    elif not seen.number:
        app.say(words["source_empty"])
    else:
        articles = _screen.count(seen.number, "article")
        app.say(words["source_ok"].format(articles=articles, number=seen.number, title=_screen.plain(seen.newest)))
        app.say(words["source_matches" if seen.matching else "source_none"].format(number=seen.matching))
    app.say(f"\n{words['channel']}")
    outcome = send_greeting(config, CHANNEL, answers.language)
    if outcome.reason:
        where = f"config/secrets/{CHANNEL}-url" if "url" in answers.options else "config/monitor.yaml"
        app.say(words["channel_failed"].format(reason=outcome.reason, where=where))
    else:
        said = "channel_here" if answers.kind == "stdout" else "channel_ok"
        app.say(words[said].format(kind=answers.kind, receipt=outcome.receipt))
    return not (seen.reason or outcome.reason)


def next_commands(folder: Path, words: Mapping[str, str]) -> list[str]:
    """What to type next, each with what it does."""
    rasid = program()
    steps = [("run --once", words["next_once"])]
    known = _commands()
    if "reload" in known:  # the daemon is there
        steps.append(("run", words["next_run"]))
    steps.append(("matches", words["next_matches"]))
    if "send-test" in known:
        steps.append((f"send-test {CHANNEL}", words["next_test"]))
    steps.append(("install-service", words["next_service"]))
    width = max(len(step) for step, _ in steps)
    lines = [f"{rasid} {step:<{width}}   # {why}" for step, why in steps]
    here = [] if folder.resolve() == Path.cwd() else [f"cd {shlex.quote(str(folder))}"]
    return [*here, *lines]


def program() -> str:
    """How the user can call this program: by its name where the shell finds it, else by its path."""
    beside = Path(sys.executable).absolute().with_name("rasid")
    found = shutil.which("rasid")
    return "rasid" if found and Path(found).resolve() == beside.resolve() else shlex.quote(str(beside))


def _commands() -> list[str]:
    root = click.get_current_context().find_root().command
    return root.list_commands(click.get_current_context()) if isinstance(root, click.Group) else []


def local_zone() -> str:
    """The name of this machine's time zone; UTC when it has none."""
    try:
        target = str(Path("/etc/localtime").readlink())
    except OSError:
        return "UTC"
    name = target.partition("zoneinfo/")[2].removeprefix("posix/")
    return name if name and name not in ("Etc/UTC", "Universal", "Zulu") else "UTC"


def kind_of(text: str, offered: Sequence[str]) -> tuple[str, dict[str, str]]:
    """The kind that was named, or that an address tells, with the address. Raises ValueError."""
    text = text.strip()
    if text in offered:
        return text, {}
    if text.startswith(f"{NTFY}/"):
        return "ntfy", {"topic": text.removeprefix(f"{NTFY}/")}
    if text.startswith(("http://", "https://")):
        return HOSTS.get(urlsplit(text).hostname or "", "webhook"), {"url": text}
    if "@" in text:
        return "email", {"to": text}
    raise ValueError(f"{text!r} is neither one of {', '.join(offered)} nor an address")
