# SPDX-License-Identifier: GPL-2.0-or-later
"""TLS in the portals of targetcli."""
import importlib
import io
import os

import pytest
from portals import RTSLibError, Root, group, saved, tlscert, tlshd
from targetcli import ui_target, ui_tls
from targetcli.ui_node import ConfigNode, ExecutionError, UINode

# Debian 12 has it by two names
ConfigShell = importlib.import_module(
    ConfigNode.__module__.partition(".")[0]).ConfigShell
OLD, NEW = "aa" * 32, "bb" * 32
__all__ = ["group", "tlshd"]            # fixtures


class Shell:
    """targetcli with the portals of a portal group only."""

    def __init__(self, group, directory):
        self.shell = ConfigShell(str(directory / "prefs"))
        self.top = UINode("/", shell=self.shell)
        self.top.as_root = True
        self.top.rtsroot = Root(*group.tpg.network_portals)
        self.portals = ui_target.UIPortals(group.tpg, self.top)

    def run(self, line):
        """What a command prints."""
        said = io.StringIO()
        self.shell.con._stdout = self.shell.con._stderr = said
        self.shell.run_cmdline(line)
        return said.getvalue()

    def shown(self):
        """What ls shows, by portal."""
        return {child.name: child.summary() for child in self.portals.children}


@pytest.fixture
def start(group, tlshd, tmp_path, monkeypatch):
    monkeypatch.setattr(ui_tls, "SYSTEMD", str(tmp_path / "no-systemd"))
    return lambda: Shell(group, tmp_path)


def test_require_is_the_default(group, start):
    portal, other = group.portal(1), group.portal(2)
    cli = start()
    said = cli.run("/portals/127.0.0.1:1 enable_tls")
    assert (portal.tls, other.tls) == ("require", "no")
    certificate = tlscert.own_certificate()
    assert "TLS is required at 127.0.0.1:1, with the certificate %s, SHA-256 %s." % (
        certificate, tlscert.fingerprint(certificate)) in said
    assert "Restart tlshd" in said
    assert cli.shown() == {"127.0.0.1:1": ("TLS required", True),
                           "127.0.0.1:2": ("", True)}

    said = cli.run("/portals/127.0.0.1:2 enable_tls allow")
    assert (portal.tls, other.tls) == ("require", "allow")
    assert "TLS is allowed at 127.0.0.1:2" in said
    assert "Restart tlshd" not in said
    assert cli.shown()["127.0.0.1:2"] == ("TLS allowed", True)

    assert "TLS is disabled" in cli.run("/portals/127.0.0.1:1 disable_tls")
    assert (portal.tls, portal.tls_certificates) == ("no", [])
    assert cli.shown()["127.0.0.1:1"] == ("", True)


@pytest.mark.parametrize("mode", ["no", "yes", "1", "Require"])
def test_other_modes_change_nothing(group, start, mode):
    portal = group.portal(1)
    cli = start()
    with pytest.raises(ExecutionError, match="must be require or allow"):
        cli.run("/portals/127.0.0.1:1 enable_tls " + mode)
    assert portal.tls == "no"
    assert not os.path.exists(tlscert.DIRECTORY)


def test_kernel_without_tls(group, start):
    group.plain(1)
    cli = start()
    for command in "enable_tls", "disable_tls":
        with pytest.raises(RTSLibError, match="this kernel's iSCSI target has no TLS"):
            cli.run("/portals/127.0.0.1:1 " + command)
    assert cli.shown() == {"127.0.0.1:1": ("", True)}
    assert not os.path.exists(tlscert.DIRECTORY)


def test_without_tlshd(group, start, tlshd):
    (tlshd / "tlshd.conf").unlink()
    portal = group.portal(1)
    with pytest.raises(RTSLibError, match="install ktls-utils"):
        start().run("/portals/127.0.0.1:1 enable_tls")
    assert (portal.tls, portal.tls_certificates) == ("no", [])


def test_not_as_root(group, start):
    portal = group.portal(1)
    cli = start()
    cli.top.as_root = False
    for command in "enable_tls", "disable_tls":
        with pytest.raises(ExecutionError, match="not root"):
            cli.run("/portals/127.0.0.1:1 " + command)
    assert portal.tls == "no"


@pytest.mark.parametrize("changed, command", [(True, "restart"), (False, "start")])
@pytest.mark.parametrize("status, problem", [(0, "a note"), (1, "Unit tlshd not found")])
def test_tlshd_is_restarted(group, start, tmp_path, monkeypatch, changed, command,
                            status, problem):
    script = tmp_path / "systemctl"
    script.write_text("#!/bin/sh\necho \"$@\" >%s/log\necho '%s'\nexit %d\n" % (
        tmp_path, problem, status))
    script.chmod(0o755)
    monkeypatch.setattr(ui_tls, "SYSTEMD", str(tmp_path))
    monkeypatch.setenv("PATH", "%s:%s" % (tmp_path, os.environ["PATH"]))
    group.portal(1)
    cli = start()
    if not changed:
        cli.run("/portals/127.0.0.1:1 enable_tls")
    said = cli.run("/portals/127.0.0.1:1 enable_tls")
    assert (tmp_path / "log").read_text() == command + " tlshd\n"
    assert ("systemctl %s tlshd: %s" % (command, problem) in said) == bool(status)
    assert "TLS is required" in said


def test_what_prevents_logins_is_shown(group, start, tlshd):
    portal = group.portal(1)
    cli = start()
    cli.run("/portals/127.0.0.1:1 enable_tls")
    portal.tls_certificates = [OLD]
    assert cli.shown()["127.0.0.1:1"] == (
        "TLS required, tlshd has another certificate", False)
    (tlshd / "tlshd.conf").write_text("")
    assert cli.shown()["127.0.0.1:1"] == (
        "TLS required, tlshd has no usable certificate", False)


def test_what_was_not_restored_is_shown(group, start):
    group.restore(saved("require", NEW, 1), saved("allow", NEW, 2))
    cli = start()
    assert cli.shown() == {
        "127.0.0.1:1": ("not restored: requires TLS", False),
        "127.0.0.1:2": ("TLS not restored", False)}
    said = cli.run("/portals delete 127.0.0.1 1")
    assert "Deleted network portal 127.0.0.1:1." in said
    cli.run("/portals/127.0.0.1:2 disable_tls")
    assert cli.shown() == {"127.0.0.1:2": ("", True)}
    assert group.tpg.list_refused_tls() == []
    with pytest.raises(Exception, match="No such NetworkPortal"):
        cli.run("/portals delete 127.0.0.1 1")


def test_portal_in_place_of_one_that_was_not_restored(group, start):
    group.restore(saved("require", NEW, 1))
    cli = start()
    cli.shell.prefs["bookmarks"] = {}
    cli.shell.prefs["auto_cd_after_create"] = False
    for created in True, False:
        if created:
            cli.run("/portals create 127.0.0.1 1")
        else:
            cli.portals.refresh()
        assert cli.shown() == {"127.0.0.1:1": ("TLS not restored", False)}
    cli.run("/portals delete 127.0.0.1 1")
    assert cli.shown() == {}
    assert group.tpg.list_refused_tls() == []


class Fabric(ui_tls.UITLSFabric, UINode):
    """A fabric's node without the rest."""

    def __init__(self, name, parent):
        super().__init__(name, parent)
        self.rtsnode = type("Module", (), {"name": name})


def test_renewal(group, start, monkeypatch):
    portal = group.portal(1)
    cli = start()
    Fabric("iscsi", cli.top)
    assert cli.run("/iscsi renew_tls") == ""
    assert not os.path.exists(tlscert.DIRECTORY)
    cli.run("/portals/127.0.0.1:1 enable_tls")
    old = portal.tls_certificates
    assert cli.run("/iscsi renew_tls") == ""
    assert portal.tls_certificates == old
    monkeypatch.setattr(tlscert, "RENEW_DAYS", tlscert.DAYS + 1)
    said = cli.run("/iscsi renew_tls")
    assert "Renewed the certificate" in said
    assert tlscert.fingerprint(tlscert.own_certificate()) in said
    assert portal.tls_certificates == [tlscert.current_hash()] + old
    assert cli.shown() == {"127.0.0.1:1": ("TLS required", True)}


def test_only_iscsi_has_a_certificate(start):
    top = start().top
    assert "renew_tls" in Fabric("iscsi", top).list_commands()
    assert "renew_tls" not in Fabric("loopback", top).list_commands()


@pytest.mark.parametrize("text, wanted", [("", ["allow ", "require "]), ("r", ["require "]),
                                          ("x", [])])
def test_completion(group, start, text, wanted):
    group.portal(1)
    node, = start().portals.children
    assert node.ui_complete_enable_tls({}, text, "mode") == wanted
    assert node.ui_complete_enable_tls({}, text, "other") == []


def test_info(group, start):
    group.portal(1, "require", NEW)
    said = start().run("/portals/127.0.0.1:1 info")
    assert "tls: require" in said and "tls_certificate: " + NEW in said
