"""`rasid backup`: a verified copy of the database, made while Rasid runs."""

from __future__ import annotations

import shutil
from pathlib import Path

import click

from monitor import timing
from monitor.cli import _screen
from monitor.cli._app import App, pass_app
from monitor.errors import MonitorError, StoreFull
from monitor.store import copies


@click.command()
@click.option("--keep", type=click.IntRange(1), metavar="N", help="Delete all but the newest N copies in the folder.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
@click.argument("dest", type=click.Path(path_type=Path))
@pass_app
def command(app: App, dest: Path, keep: int | None, as_json: bool) -> None:
    """Copy the database to DEST, a folder or a file that does not exist yet, while Rasid runs.

    The copy is one commit of the whole, checked page by page and readable by you alone. In a folder it is named after
    the database and the time. For example:

    \b
        rasid backup /srv/backup --keep 7
        rasid backup before-upgrade.db
    """
    config, now = app.config_in_use(), timing.now()
    database = config.database
    if not database.exists():
        raise MonitorError(f"there is no database at {database} yet; type: rasid run --once")
    is_folder = dest.is_dir()
    if keep is not None and not is_folder:
        raise click.UsageError(f"--keep counts the copies in a folder, and {str(dest)!r} is none")
    target = dest / f"{database.stem}-{now:%Y%m%dT%H%M%SZ}.db" if is_folder else dest
    if not target.parent.is_dir():
        raise MonitorError(f"there is no folder {target.parent}")
    size, free = database.stat().st_size, shutil.disk_usage(target.parent).free
    if free < size:
        raise StoreFull(f"{target}: the copy needs {size // 10**6} MB, and {free // 10**6} MB are free there")
    found = copies.copy(database, target)
    old = list(copies.copies_in(dest, database.stem))[keep:] if keep is not None else []
    for path in old:
        path.unlink()
    if as_json:
        app.json(
            {
                "file": str(target),
                "bytes": target.stat().st_size,
                "articles": found.articles,
                "matches": found.matches,
                "deleted": [str(path) for path in old],
            }
        )
        return
    held = f"{_screen.count(found.articles, 'article')}, {_screen.count(found.matches, 'match', 'matches')}"
    app.say(f"{target}: {held}, verified")
    for path in old:
        app.say(f"deleted {path}")
