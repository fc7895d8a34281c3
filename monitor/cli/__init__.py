"""The command `rasid`. Every file of this package that does not begin with `_` is one command, found by its name.

A command's module holds `command`; it is imported only when it is asked for. Errors leave here, as lines on stderr
and an exit code.
"""

from __future__ import annotations

import io
import os
import pkgutil
import sys
import traceback
from importlib import import_module
from pathlib import Path
from typing import Any

import click

from monitor.cli._app import FAILED, INVALID, App
from monitor.config.page import nearest
from monitor.errors import MonitorError

ALIASES = {"why": "explain"}


class Commands(click.Group):
    """The group whose commands are this package's modules."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names of all commands."""
        return sorted(m.name.replace("_", "-") for m in pkgutil.iter_modules(__path__) if not m.name.startswith("_"))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return one command."""
        name = ALIASES.get(cmd_name, cmd_name)
        if name not in self.list_commands(ctx):
            return None
        command: click.Command = import_module(f"monitor.cli.{name.replace('-', '_')}").command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command of a line; an unknown one is a usage error with the nearest name."""
        name = args[0]
        if not name.startswith("-") and self.get_command(ctx, name) is None:
            known = [*self.list_commands(ctx), *ALIASES]
            ctx.fail(f"unknown command {name!r}{nearest(name, known)}")
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Run, and turn an error raised on purpose into its line and its exit code."""
        try:
            result = super().invoke(ctx)
            if _app_of(ctx).is_held_back:
                ctx.exit(INVALID)
            return result
        except MonitorError as error:
            ctx.exit(_app_of(ctx).leave(error))
        except (click.ClickException, click.Abort, click.exceptions.Exit):
            raise
        except BrokenPipeError:  # whoever read the output has seen enough (`| head`)
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            ctx.exit(FAILED)
        except Exception as error:  # the command's boundary: a bug's report must not show a secret either
            _app_of(ctx).say("".join(traceback.format_exception(error)), err=True)
            _app_of(ctx).say("This is a bug in Rasid; please report the lines above.", err=True)
            ctx.exit(FAILED)


def _app_of(ctx: click.Context) -> App:
    return ctx.obj if isinstance(ctx.obj, App) else App(None)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.option(
    "--config",
    "config_path",
    envvar="RASID_CONFIG",
    type=click.Path(path_type=Path),
    help="The configuration file (default: RASID_CONFIG, then config/monitor.yaml).",
)
@click.version_option(package_name="rasid", prog_name="rasid")
@click.pass_context
def main(ctx: click.Context, config_path: Path | None) -> None:
    """Watch news feeds and folders, match articles against rules, tell your channels.

    First steps: rasid demo, rasid check, rasid run --once.
    """
    for stream in (sys.stdout, sys.stderr):
        # A file name that is not UTF-8, or a terminal that has no Arabic, must not end a command.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    ctx.obj = App(config_path)
