"""`rasid install-service`: print or write the systemd unit of this installation. Starts nothing."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

import click

from monitor.cli import _unit
from monitor.cli._app import DEFAULT, App, pass_app
from monitor.config import Config, inspect_config
from monitor.errors import MonitorError


@click.command()
@click.option("--write", is_flag=True, help="Write the unit, its user and its folders; without it they are printed.")
@click.option(
    "--root", type=click.Path(path_type=Path), default=Path("/"), help="Write below this folder (default: /)."
)
@click.option("--force", is_flag=True, help="Replace files that were changed since.")
@pass_app
def command(app: App, write: bool, root: Path, force: bool) -> None:
    """Print the systemd unit of this installation; with --write put it where systemd looks.

    The unit names this program and the configuration with their absolute paths, the drop folders, and the secrets
    that lie beside the configuration. A file that was changed by hand is never replaced without --force.

    Example: rasid --config /etc/rasid/config/monitor.yaml install-service --write
    """
    installed = installation(app)
    if not write:
        click.echo(_unit.unit(installed), nl=False)
        for what, name in (("Its user", _unit.SYSUSERS), ("Its folders", _unit.TMPFILES)):
            click.echo(f"\n# {what}, in /{name}:")
            for line in _unit.files(installed)[name].splitlines()[1:]:
                click.echo(f"# {line.removeprefix('#')}")
        return
    for line in put(root, _unit.files(installed), force=force):
        app.say(line)
    app.say("\nNext, as root:")
    for line in next_commands(installed):
        app.say(f"  {line}")


def installation(app: App) -> _unit.Installation:
    """The paths of this installation; what is missing or in the way is said on stderr."""
    path = Path(os.path.normpath((app.config_path or DEFAULT).absolute()))
    rasid = Path(sys.executable).absolute().with_name("rasid")
    if not rasid.exists():
        raise MonitorError(
            f"there is no {rasid}; install Rasid into an environment of its own, such as /opt/rasid/.venv"
        )
    config: Config | None = None
    if path.exists():
        config, _ = inspect_config(path, environment={**os.environ, "STATE_DIRECTORY": str(_unit.STATE)})
        if config is None:
            app.say(f"note: {path} cannot be read as a configuration; type: rasid --config {path} check", err=True)
    else:
        app.say(f"note: there is no {path} yet; to make one: rasid init", err=True)
    secrets = path.parent / "secrets"
    text = path.read_text(encoding="utf-8", errors="replace") if config else ""
    names = sorted(set(re.findall(r"\$\{file:([A-Za-z0-9_][A-Za-z0-9._-]*)\}", re.sub(r"(?m)(^|\s)#.*$", "", text))))
    installed = _unit.Installation(
        rasid=rasid,
        config=path,
        writable=writable(config) if config else (),
        credentials=[(name, secrets / name) for name in names if (secrets / name).is_file()],
    )
    for name in names:
        if not (secrets / name).is_file():
            app.say(f"note: the secret {name!r} is not in {secrets}; write it and run this again", err=True)
    if _unit.in_home(installed):
        app.say(
            "note: something of this installation lies in /home, /root or /run/user, which the user rasid may not be"
            " able to enter; better places are /opt/rasid for the program and /etc/rasid for the configuration",
            err=True,
        )
    return installed


def writable(config: Config) -> tuple[Path, ...]:
    """The folders that the service writes to beside its state: drop folders, and a database kept elsewhere."""
    folders = [
        Path(os.path.normpath(config.path.parent / Path(str(spec.options["folder"])).expanduser()))
        for spec in config.sources
        if "folder" in spec.options
    ]
    if not config.database.is_relative_to(_unit.STATE):
        folders.append(config.database.parent)
    return tuple(dict.fromkeys(map(Path.absolute, folders)))


def put(root: Path, files: dict[Path, str], *, force: bool) -> list[str]:
    """Write files below `root`, all or none; returns a line for each. Raises MonitorError before a change is lost."""
    changed = [
        root / name for name, text in files.items() if (root / name).exists() and (root / name).read_text() != text
    ]
    if changed and not force:
        names = ", ".join(map(str, changed))
        raise MonitorError(f"not written: {names} differs from what would be written; to replace it: --write --force")
    lines = []
    for name, text in files.items():
        path = root / name
        if path.exists() and path.read_text() == text:
            lines.append(f"{path} is as it should be")
            continue
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            path.chmod(0o644)
        except OSError as error:
            reason = (error.strerror or "unwritable").lower()
            raise MonitorError(f"{path} cannot be written: {reason}; run this as root, or with --root DIR") from error
        lines.append(f"wrote {path}")
    return lines


def next_commands(installed: _unit.Installation) -> list[str]:
    """What to type after the files are there."""
    return [
        "systemd-sysusers                                    # makes the user rasid",
        *(
            ["systemd-tmpfiles --create rasid.conf                # makes the drop folders"]
            if installed.writable
            else []
        ),
        "systemctl daemon-reload",
        "systemctl enable --now rasid",
        "journalctl -u rasid -f                              # what it says",
    ]
