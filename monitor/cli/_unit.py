"""The text of the systemd unit and of its user, for `rasid install-service`; `systemd/` holds it for /opt/rasid.

Pure: takes the paths of one installation and returns files. Every setting that is not plain says why it is there.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

STATE = Path("/var/lib/rasid")
UNIT = Path("etc/systemd/system/rasid.service")
SYSUSERS = Path("etc/sysusers.d/rasid.conf")
TMPFILES = Path("etc/tmpfiles.d/rasid.conf")
HOMES = tuple(map(Path, ("/home", "/root", "/run/user")))

USER = """\
# The user and group of rasid.service. Create them now: systemd-sysusers
u rasid - "Rasid news monitoring" /var/lib/rasid
"""

_TEMPLATE = """\
# Rasid as a service. Written for this installation by: rasid install-service --write
[Unit]
Description=Rasid, news monitoring and alerts
Wants=network-online.target
After=network-online.target
# However often it fails, try again: an outage may last longer than any limit on starts.
StartLimitIntervalSec=0

[Service]
Type=notify
ExecStart={rasid} --config {config} run
# Rereads configuration and rules; the last good ones go on if the new ones have a fault.
ExecReload=/bin/kill -HUP $MAINPID
Restart=always
RestartSec=10s
# READY comes when database and configuration are open; a migration of a large database takes minutes.
TimeoutStartSec=5min
TimeoutStopSec=30s
# The daemon says WATCHDOG only while every one of its loops is alive.
WatchdogSec=60s
# Rasid ends its parser processes itself; only what is left afterwards is killed.
KillMode=mixed
# A parser that dies of a monstrous document is replaced: the service goes on.
OOMPolicy=continue

User=rasid
Group=rasid
# The database; a relative `database:` of the configuration lies here, in /var/lib/rasid.
StateDirectory=rasid
StateDirectoryMode=0700
# Word forms that were worked out once, in /var/cache/rasid; it may be emptied.
CacheDirectory=rasid
CacheDirectoryMode=0700
UMask=0077
Environment=LANG=C.UTF-8

# Secrets: ${{file:NAME}} in the configuration reads the credential NAME. The file belongs to root, mode 600.
# A file that is missing keeps the service from starting.
{credentials}

# Everything is read-only but the database and these. Drop folders must be writable: files move to processed/.
# The group of a drop folder must be rasid, and writable (2770); "-" leaves out a folder that is not there.
{writable}

# Limits: room for the daemon and its parsers (1 GiB of addresses each).
MemoryHigh=1G
MemoryMax=2G
TasksMax=256
LimitNOFILE=8192
LimitCORE=0

# It needs the network, its own files, and nothing else of the machine.
CapabilityBoundingSet=
AmbientCapabilities=
NoNewPrivileges=yes
ProtectSystem=strict
ProtectHome={home}
PrivateTmp=yes
PrivateDevices=yes
DevicePolicy=closed
PrivateUsers=yes
PrivateMounts=yes
ProtectProc=invisible
ProcSubset=pid
ProtectClock=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectControlGroups=yes
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
RemoveIPC=yes
LockPersonality=yes
MemoryDenyWriteExecute=yes
KeyringMode=private
SystemCallArchitectures=native
SystemCallErrorNumber=EPERM
SystemCallFilter=@system-service
SystemCallFilter=~@privileged @resources

[Install]
WantedBy=multi-user.target
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """What of one installation the unit must name. All paths are absolute."""

    rasid: Path
    config: Path
    writable: Sequence[Path] = ()  # drop folders, and the database's folder when it is not the state folder
    credentials: Sequence[tuple[str, Path]] = ()  # name and file of secrets that are there


def unit(installed: Installation) -> str:
    """The unit of one installation."""
    credentials = [f"LoadCredential={name}:{_literal(path)}" for name, path in installed.credentials]
    example = f"#LoadCredential=desk-webhook:{_literal(installed.config.parent / 'secrets' / 'desk-webhook')}"
    writable = [f"ReadWritePaths=-{_argument(path)}" for path in installed.writable]
    return _TEMPLATE.format(
        rasid=_argument(installed.rasid),
        config=_argument(installed.config),
        credentials="\n".join(credentials or [example]),
        writable="\n".join(writable or ["#ReadWritePaths=-/srv/rasid/drop"]),
        home="read-only" if in_home(installed) else "yes",
    )


def tmpfiles(installed: Installation) -> str:
    """What systemd-tmpfiles makes: the folders that the service writes to beside its state, for its group too."""
    lines = [f"d {_quoted(path)} 2770 rasid rasid" for path in installed.writable]
    note = "# Folders of rasid.service; who drops files is of the group rasid. Make them: systemd-tmpfiles --create\n"
    return note + "".join(f"{line}\n" for line in lines or ["#d /srv/rasid/drop 2770 rasid rasid"])


def files(installed: Installation) -> dict[Path, str]:
    """Every file of one installation, by its path below the root."""
    return {UNIT: unit(installed), SYSUSERS: USER, TMPFILES: tmpfiles(installed)}


def in_home(installed: Installation) -> bool:
    """Whether program or configuration lie where a service normally sees nothing."""
    paths = (installed.rasid, installed.config, *installed.writable)
    return any(path.is_relative_to(home) for path in paths for home in HOMES)


def _literal(path: Path) -> str:
    """A path as systemd reads it where it takes the rest of the line."""
    return str(path).replace("%", "%%")


def _quoted(path: Path) -> str:
    """A path as one word of a line of tmpfiles.d."""
    text = _literal(path).replace("\\", "\\\\").replace('"', '\\"')
    return text if re.fullmatch(r"[\w./%+@:-]+", text) else f'"{text}"'


def _argument(path: Path) -> str:
    """A path as one word of a systemd line: quoted when it must be."""
    text = _literal(path).replace("\\", "\\\\").replace('"', '\\"').replace("$", "$$")
    return text if re.fullmatch(r"[\w./%+@:-]+", text) else f'"{text}"'
