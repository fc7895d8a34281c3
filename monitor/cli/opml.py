"""`rasid opml`: take over a list of feeds from another reader, or hand one on."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

import click

from monitor.cli import _screen
from monitor.cli._app import App, pass_app
from monitor.cli._edit import add_source
from monitor.config.page import ID
from monitor.errors import MonitorError, SourceError
from monitor.xmltext import opml


@click.group()
def command() -> None:
    """Import a list of feeds (OPML) from another reader, or export the configured feeds as one.

    Example: rasid opml import feeds.opml --as long-tail
    """


@command.command("import")
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True))
@click.option("--as", "name", metavar="ID", help="Id of the list; without it, made of the file's name.")
@pass_app
def import_(app: App, file: Path, name: str | None) -> None:
    """Copy FILE beside the configuration and add it to `sources`; - is stdin.

    Its feeds become sources ID-xxxxxxxx, its folders their tags. Nothing is fetched; what is no feed is named and
    left out.

    Example: rasid opml import feeds.opml --as long-tail
    """
    config = app.config()
    try:
        body = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
        found = opml.read(body)
    except OSError as error:
        raise MonitorError(f"{file}: {(error.strerror or 'cannot be read').lower()}") from error
    except SourceError as error:
        raise MonitorError(f"{file}: {error.reason}") from error
    for line, reason in found.refused:
        app.say(f"{file}:{line}: left out: {reason}", err=True)
    if not found.feeds:
        raise MonitorError(f"{file}: there is no feed in it")
    name = name or _name(file)
    if not ID.fullmatch(name):
        raise click.BadParameter("small Latin letters, digits and '-', a letter first", param_hint="--as")
    taken = {*config.source_tags, *(off.name for off in config.disabled)}
    target = config.path.parent / f"{name}.opml"
    if name in taken or target.exists():
        raise MonitorError(f"there is a source or file {name!r} already; choose another name with --as ID")
    # Addresses may hold secrets, so nobody else may read them.
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as copy:
            copy.write(opml.write(found.feeds, name))
        add_source(config.path, f"{name}: {{opml: {target.name}}}")
    except BaseException:
        target.unlink()
        raise
    feeds = _screen.count(len(found.feeds), "feed")
    app.say(f"{feeds} in {target}, named in {config.path} as {name!r}. For a running Rasid: rasid reload")


@command.command("export")
@click.option("--with-secrets", is_flag=True, help="Also addresses with a password or a query.")
@pass_app
def export(app: App, with_secrets: bool) -> None:
    """Print the configured feeds as OPML; their first tag is the folder.

    Addresses with a password or a query are left out, since these are secrets; --with-secrets writes them.

    Example: rasid opml export > feeds.opml
    """
    config = app.config()
    feeds, left = [], 0
    for spec in config.sources:
        if spec.kind != "feed":
            continue
        url = str(spec.options["url"])
        if app.redact(url) != url and not with_secrets:
            left += 1
            continue
        title = str(spec.options.get("publisher") or "") or spec.id
        feeds.append(opml.Listed(url, title, spec.tags[:1]))
    click.echo(opml.write(feeds, "Rasid").decode(), nl=False)
    if left:
        what = _screen.count(left, "feed")
        app.say(f"{what} left out: their addresses hold secrets; --with-secrets writes them", err=True)


def _name(file: Path) -> str:
    """An id made of a file's name."""
    stem = re.sub(r"[^a-z0-9]+", "-", file.stem.lower()).strip("-")
    return stem if ID.fullmatch(stem) else "feeds"
