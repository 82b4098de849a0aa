# SPDX-License-Identifier: GPL-2.0-or-later
"""Portals for the tests of TLS.  Directories and files take the place of configfs;
qemu/tests/106-targetcli-tls.py uses the kernel's."""
import os

import pytest

try:
    # Debian 12's targetcli uses this copy
    from rtslib_fb import tls, tlscert
    from rtslib_fb.target import TPG, NetworkPortal
    from rtslib_fb.utils import RTSLibError
except ImportError:
    from rtslib import tls, tlscert
    from rtslib.target import TPG, NetworkPortal
    from rtslib.utils import RTSLibError

__all__ = ["RTSLibError"]
ADDRESS = "127.0.0.1"


class Group:
    """A portal group, and what the kernel shows at its portals."""

    def __init__(self, directory):
        path = directory / "target/iscsi/iqn.2024-01.org.example:disk/tpgt_1"
        (path / "np").mkdir(parents=True)
        self.np = path / "np"
        self.tpg = TPG.__new__(TPG)
        self.tpg._path = str(path)
        self.tpg._tag = 1
        self.tpg._parent_target = self
        self.errors = []

    @staticmethod
    def has_feature(_):
        """As the target of the portal group."""
        return True

    def portal(self, port=3260, mode="no", hashes=""):
        """A portal of a kernel with TLS."""
        path = self.np / ("%s:%d" % (ADDRESS, port))
        path.mkdir(exist_ok=True)
        (path / "tls").write_text(mode + "\n")
        (path / "tls_certificate").write_text(hashes + "\n")
        return NetworkPortal(self.tpg, ADDRESS, port)

    def plain(self, port=3260):
        """A portal of a kernel without."""
        return NetworkPortal(self.tpg, ADDRESS, port)

    def restore(self, *portals):
        self.errors = []
        for portal in tls.join_portals(tls.split_portals(list(portals))):
            NetworkPortal.setup(self.tpg, portal, self.errors.append)

    def save(self):
        """What save_to_file() makes of the portals."""
        portals = [NetworkPortal(self.tpg, *name.split(":")).dump()
                   for name in sorted(os.listdir(str(self.np)))]
        config = {"targets": [{"wwn": "iqn.2024-01.org.example:disk", "tpgs": [
            dict({"tag": 1}, **tls.split_portals(portals))]}]}
        tls.keep_refused_tls(config)
        return config["targets"][0]["tpgs"][0]


def saved(mode=None, hashes="", port=3260):
    portal = {"ip_address": ADDRESS, "port": port, "iser": False, "offload": False}
    return dict(portal, tls=mode, tls_certificate=hashes) if mode else portal


@pytest.fixture
def group(tmp_path, monkeypatch):
    monkeypatch.setattr(tls, "REFUSED", str(tmp_path / "not-restored"))
    monkeypatch.setattr(tlscert, "CONFIGS", (str(tmp_path / "tlshd.conf"),))
    rmdir = os.rmdir

    def with_its_files(path):
        """As in configfs."""
        for name in os.listdir(str(path)):
            os.remove("%s/%s" % (path, name))
        rmdir(path)

    monkeypatch.setattr(os, "rmdir", with_its_files)
    return Group(tmp_path)


class Root(tls.TLSRoot):
    """A root with these portals."""

    def __init__(self, *portals):
        self.network_portals = list(portals)


@pytest.fixture
def tlshd(tmp_path, monkeypatch):
    (tmp_path / "tlshd.conf").write_text("[authenticate.server]\n")
    monkeypatch.setattr(tlscert, "DIRECTORY", str(tmp_path / "own"))
    return tmp_path
