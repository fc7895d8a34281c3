"""`rasid install-service`: prints the unit of this installation, writes it, and never loses a change."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from monitor.cli import _unit, main
from tests.flows.receiver import Receiver
from tests.flows.site import Site

RASID = Path(sys.executable).absolute().with_name("rasid")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "root"


def test_it_prints_the_unit_with_the_paths_of_this_installation(site: Site) -> None:
    result = site.rasid("install-service")
    assert result.exit_code == 0, result.output
    assert f"\nExecStart={RASID} --config {site.config} run\n" in result.stdout
    assert f"\nReadWritePaths=-{site.drop}\n" in result.stdout
    assert '# u rasid - "Rasid news monitoring" /var/lib/rasid\n' in result.stdout


def test_a_relative_configuration_is_written_absolute(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(site.folder)
    result = CliRunner().invoke(main, ["--config", site.config.name, "install-service"])
    assert f"--config {site.config} run\n" in result.stdout


def test_a_secret_file_that_is_there_becomes_a_credential(tmp_path: Path, receiver: Receiver) -> None:
    site = Site(tmp_path, channels={"desk": "{kind: webhook, url: '${file:desk-url}'}  # not ${file:other}"})
    assert "the secret 'desk-url' is not in" in site.rasid("install-service").stderr
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "desk-url").write_text(receiver.url)
    (tmp_path / "secrets" / "desk-url").chmod(0o600)
    result = site.rasid("install-service")
    assert f"\nLoadCredential=desk-url:{tmp_path}/secrets/desk-url\n" in result.stdout
    assert (receiver.url in result.output, "other" in result.stderr) == (False, False)


def test_a_database_elsewhere_stays_writable(site: Site) -> None:
    assert f"ReadWritePaths=-{site.folder}\n" not in site.rasid("install-service").stdout
    text = site.config.read_text().replace("database: rasid.db", f"database: {site.folder}/rasid.db")
    site.config.write_text(text)
    assert f"ReadWritePaths=-{site.folder}\n" in site.rasid("install-service").stdout


def test_without_a_configuration_it_says_how_to_make_one(tmp_path: Path, site: Site) -> None:
    site.config.unlink()
    result = site.rasid("install-service")
    assert (result.exit_code, "to make one: rasid init" in result.stderr) == (0, True)


def test_write_puts_both_files_below_the_root_and_says_what_to_type_next(site: Site, root: Path) -> None:
    result = site.rasid("install-service", "--write", "--root", str(root))
    assert result.exit_code == 0, result.output
    assert (root / _unit.UNIT).read_text() + "\n" in site.rasid("install-service").stdout
    assert (root / _unit.SYSUSERS).read_text() == _unit.USER
    for line in ("systemd-sysusers", "systemd-tmpfiles --create", "enable --now rasid"):
        assert line in result.stdout


def test_a_changed_file_is_replaced_only_by_force(site: Site, root: Path) -> None:
    write = ["install-service", "--write", "--root", str(root)]
    site.rasid(*write)
    assert "is as it should be" in site.rasid(*write).stdout
    (root / _unit.UNIT).write_text("[Service]\n# mine\n")
    (root / _unit.SYSUSERS).unlink()
    refused = site.rasid(*write)
    assert (refused.exit_code, "--write --force" in refused.stderr) == (1, True)
    assert "# mine" in (root / _unit.UNIT).read_text()
    assert not (root / _unit.SYSUSERS).exists()
    forced = site.rasid(*write, "--force")
    assert forced.exit_code == 0
    assert "# mine" not in (root / _unit.UNIT).read_text()


def test_a_folder_that_cannot_be_written_is_said_in_a_line(site: Site, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    result = site.rasid("install-service", "--write", "--root", str(tmp_path / "file"))
    assert result.exit_code == 1
    assert "cannot be written: not a directory; run this as root, or with --root DIR" in result.stderr
