"""`rasid sources add`: write a feed into the configuration, which otherwise stays as it is."""

from __future__ import annotations

import contextlib
import os
import re
from pathlib import Path

import click
from urllib3.util import parse_url

from monitor.cli._app import DEFAULT, App, pass_app
from monitor.cli._test_source import UNREACHABLE
from monitor.config import Config, inspect_config
from monitor.config.edit import add_source, entry
from monitor.config.page import ID
from monitor.daemon import open_session
from monitor.errors import Level, MonitorError, SourceError
from monitor.http.domains import registrable
from monitor.http.session import url_problem
from monitor.sources.discovery import discover
from monitor.yamltext import parse


@click.command()
@click.option("--id", "name", metavar="ID", help="Its name; made of the address by default.")
@click.option("--tags", metavar="TAG,...", default="", help="Tags, with commas between them.")
@click.option("--every", metavar="DURATION", help="Polled so often; by its own rhythm by default.")
@click.option("--language", metavar="CODE", help="The language, where the feed does not say it.")
@click.option("--find", is_flag=True, help="URL is a site's: add the first feed that its page declares.")
@click.argument("url")
@pass_app
def add(app: App, url: str, name: str | None, tags: str, every: str | None, language: str | None, find: bool) -> None:
    """Add the feed at URL to the configuration. Comments and everything else in the file stay as they are.

    Example: rasid sources add --find https://news.example/ --tags iraq,tv
    """
    path = (app.config_path or DEFAULT).resolve()
    config = app.config()
    if fault := url_problem(url):
        raise click.UsageError(f"{url}: {fault}")
    url = _found(app, config, url) if find else url
    known = _known(path)
    for other, address in known.items():
        if address and _same(address) == _same(url):
            raise MonitorError(f"source {other!r} has this address already")
    if name is not None and not ID.fullmatch(name):
        raise click.UsageError(f"{name!r}: an id is made of small Latin letters, digits and '-', a letter first")
    if name in known:
        raise MonitorError(f"there is a source {name!r} already; name this one with --id")
    chosen = name or _name(url, known)
    labels = [tag.strip() for tag in tags.split(",") if tag.strip()]
    more = {"tags": labels, "every": every, "language": language}
    line = entry(chosen, {"url": url} | {key: value for key, value in more.items() if value})
    written = _write(path, line, config)
    app.say(f"Added {chosen!r} to {path}:{written}. To try it: rasid sources test {chosen}")
    app.say("A running Rasid takes it with: rasid reload")


def _found(app: App, config: Config, site: str) -> str:
    """The address of a site's first feed; names the others."""
    try:
        found = discover(site, open_session(config))
    except SourceError as error:
        app.say(f"{site}: {error.reason}", err=True)
        raise click.exceptions.Exit(UNREACHABLE) from error
    if not found:
        raise MonitorError(f"{site}: its page declares no feed, and none lies where feeds usually lie")
    for one in found:
        app.say(f"Found {one.kind}: {one.url}" + (f" ({one.title})" if one.title else ""))
    return found[0].url


def _known(path: Path) -> dict[str, str]:
    """Every source of the file, also those that are off, with its address as written."""
    located, _ = parse(path.read_bytes(), str(path))
    sources = located.data.get("sources") if located is not None and isinstance(located.data, dict) else None
    found = sources if isinstance(sources, dict) else {}
    return {name: str(options.get("url", "")) if isinstance(options, dict) else "" for name, options in found.items()}


def _same(url: str) -> tuple[str, ...]:
    """What two addresses of the same feed have in common: http or https, with or without a slash at the end."""
    try:
        parts = parse_url(url)
    except ValueError:  # a reference to a secret where a URL does not allow it
        return (url,)
    port = "" if parts.port in (None, 80, 443) else str(parts.port)
    return (parts.host or "", port, (parts.path or "/").rstrip("/"), parts.query or "")


def _name(url: str, known: dict[str, str]) -> str:
    """A name of the address's registrable domain that is not taken yet: `bbc` of `https://feeds.bbc.co.uk/`."""
    host = registrable((parse_url(url).host or "").strip("[]").lower())
    is_name = ":" not in host and any(sign.isalpha() for sign in host)
    word = re.sub(r"[^a-z0-9]+", "-", host.split(".")[0] if is_name else host).strip("-")
    word = word if word[:1].isalpha() else f"feed-{word}"
    return next(name for name in (word, *(f"{word}-{n}" for n in range(2, 100_000))) if name not in known)


def _write(path: Path, line: str, config: Config) -> int:
    """Put the line into the file, if the file then says what it said before and this. Returns the line's number."""
    before = path.read_bytes().decode("utf-8")
    try:
        after = add_source(before, line)
    except ValueError as error:
        raise MonitorError(f"{path}: {error}; write this under 'sources:' yourself:\n  {line}") from error
    trial = path.with_name(f".{path.name}.new")
    try:
        trial.write_bytes(after.encode())
        with contextlib.suppress(OSError):
            os.chown(trial, path.stat().st_uid, path.stat().st_gid)
        trial.chmod(path.stat().st_mode & 0o7777)
        read, problems = inspect_config(trial)
        faults = [problem for problem in problems if problem.level is Level.ERROR]
        names = {spec.id for spec in read.sources} if read else set()
        if faults or not {spec.id for spec in config.sources} < names:
            raise MonitorError(f"{path}: the line does not fit there; write it under 'sources:' yourself:\n  {line}")
        trial.replace(path)
    finally:
        trial.unlink(missing_ok=True)
    return next(n for n, text in enumerate(after.splitlines(), 1) if line in text)
