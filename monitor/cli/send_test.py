"""`rasid send-test`: does a message reach anyone? Sends a marked test through a channel, or through all of them."""

from __future__ import annotations

import secrets
from datetime import datetime
from importlib.metadata import version

import click

from monitor import channels as channel_kinds
from monitor.alerting.drill import drill
from monitor.channels import Tools
from monitor.cli._app import App, pass_app
from monitor.config import Config
from monitor.config.page import nearest
from monitor.errors import ConfigError
from monitor.http.session import Session
from monitor.model import ChannelSpec, Message, Sent
from monitor.timing import now as clock

UNREACHABLE = 4


@click.command()
@click.argument("channel", required=False)
@pass_app
def command(app: App, channel: str | None) -> None:
    """Send a test message, marked [DRILL], through CHANNEL, or through every channel.

    Prints a line for each recipient; the database is not touched. Exit 4 when anyone was not reached.

    Example: rasid send-test desk
    """
    config = app.config()
    specs = [spec for spec in config.channels if channel in (None, spec.name)]
    off = {d.name: d.reason for d in config.disabled if d.what == "channel" and channel in (None, d.name)}
    if channel is not None and channel not in config.channel_names:
        raise click.UsageError(f"unknown channel {channel!r}{nearest(channel, config.channel_names)}")
    if not specs and not off:
        raise click.UsageError("no channel is configured; write one under 'channels:'")
    tools = _tools(config)
    reached = True
    for spec in specs:
        reached &= _try(app, spec, tools, clock())
    for name, reason in off.items():
        app.say(f"{name}: not tried, it is off: {reason}")
        reached &= channel is None and reason == "enabled: no"
    if not reached:
        raise click.exceptions.Exit(UNREACHABLE)


def _tools(config: Config) -> Tools:
    session = Session(
        user_agent=f"rasid/{version('rasid')}",
        private_networks=config.fetch.private_networks,
        timeout=config.fetch.timeout,
        max_size=config.fetch.max_size,
    )
    return Tools(session=session, language=config.language, timezone=config.timezone)


def _try(app: App, spec: ChannelSpec, tools: Tools, now: datetime) -> bool:
    """Send to every recipient of a channel; returns whether all were reached."""
    try:
        channel = channel_kinds.build(spec, tools)
    except ConfigError as error:
        app.say(str(error), err=True)
        return False
    language = str(spec.options.get("language", tools.language))
    content = drill(spec.name, language, f"n{secrets.token_hex(8)}", now)
    reached = True
    for recipient in channel.recipients:
        message = Message(delivery_id=f"d{secrets.token_hex(10)}", recipient=recipient, content=content)
        outcome = channel.send(message, now)
        who = f"{spec.name} ({recipient})" if recipient else spec.name
        if isinstance(outcome, Sent):
            app.say(f"{who}: sent ({outcome.receipt})")
        else:
            app.say(f"{who}: not reached: {outcome.reason}")
            reached = False
    return reached
