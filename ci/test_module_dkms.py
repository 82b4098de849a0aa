# SPDX-License-Identifier: GPL-2.0-or-later
"""The modules' sources with the DKMS of this machine's Debian release and of the stable
one: what fits is installed, what does not is skipped, with a reason.  The kernels, make
and depmod are fakes."""
import os
import pathlib
import platform
import subprocess

import pytest

TOP = pathlib.Path(__file__).parent.parent
APT = TOP / "scripts/fetch/apt-source.sh"
MODULE = "drivers/target/iscsi/iscsi_target_mod"

MAKE = """#!/bin/sh
dir=${3#M=}
echo module | tee "$dir/iscsi_target_mod.ko" >"$dir/iscsi_tcp.ko"
printf '0x00000001\\ta\\tiscsi_target_mod\\tEXPORT_SYMBOL\\n' >"$dir/Module.symvers"
"""


def output(*command):
    return subprocess.run(command, check=True, text=True,
                          stdout=subprocess.PIPE).stdout.strip()


@pytest.fixture(scope="module", name="source")
def _source(tmp_path_factory):
    directory = tmp_path_factory.mktemp("source") / "iscsi-target-srp-1"
    output(TOP / "scripts/kernel/module-source.sh", directory, "1")
    output(TOP / "scripts/kernel/module-source.sh", "-p", "iscsi-tcp-srp",
           directory.parent / "iscsi-tcp-srp-1", "1")
    return directory


@pytest.fixture(scope="module", name="dkms", params=("machine", "stable"))
def _dkms(request, tmp_path_factory):
    directory = tmp_path_factory.mktemp("dkms")
    suite = request.param
    if suite == "stable":
        suite = output(APT, "codename", suite)
    deb = output(APT, "deb", suite, "dkms", directory)
    output("dpkg-deb", "-x", deb, directory)
    return directory / "usr/sbin/dkms"


class Machine:
    """Directories for DKMS, with kernels that have one symbol"""

    def __init__(self, dkms, source, directory):
        self.dkms, self.source, self.directory = dkms, source, directory
        self.tree = directory / "tree"
        self.modules = directory / "modules"
        for name, text in ("make", MAKE), ("depmod", "#!/bin/sh\n"), ("strip", "#!/bin/sh\n"):
            program = directory / "bin" / name
            program.parent.mkdir(exist_ok=True)
            program.write_text(text)
            program.chmod(0o755)
        self.tree.mkdir()

    def add(self, package):
        assert self.run("add", package + "/1")[0] == 0

    def kernel(self, release, version, config="CONFIG_ISCSI_TARGET=m\nCONFIG_KEYS=y\n"):
        build = self.modules / release / "build"
        (build / "include").mkdir(parents=True)
        (self.modules / release / "kernel").mkdir()
        (build / ".config").write_text(config)
        (build / "Module.symvers").write_text(f"{version}\ta\t{MODULE}\tEXPORT_SYMBOL\n")
        return self.run("autoinstall", "-k", release, "--kernelsourcedir", build)

    def run(self, *arguments):
        path = f"{self.directory}/bin:{os.environ['PATH']}"
        done = subprocess.run(
            ["bash", self.dkms, *arguments, "--dkmstree", self.tree, "--sourcetree",
             self.source.parent, "--installtree", self.modules], check=False, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=dict(os.environ, PATH=path))
        return done.returncode, done.stdout

    def log(self):
        return (self.tree / "iscsi-target-srp/1/build/make.log").read_text()


@pytest.fixture(name="machine")
def _machine(dkms, source, tmp_path):
    return Machine(dkms, source, tmp_path)


@pytest.mark.skipif(os.getuid() != 0, reason="must be root: DKMS checks that")
def test_dkms(machine):
    machine.add("iscsi-target-srp")
    for release in "6.1.0-57-amd64", "99.1.2-amd64":
        status, said = machine.kernel(release, "0x00000001")
        assert status == 0, said
        assert (machine.modules / release / "updates/dkms/iscsi_target_mod.ko").exists()

    release = "6.12.200-amd64"
    status, said = machine.kernel(release, "0x00000002")
    reason = f"iscsi-target-srp: Linux {release}: symbol versions differ from those " \
        "of the kernel (source of 6.12). The kernel's own module stays in use, " \
        "without SRP."
    assert reason in machine.log().splitlines()
    assert not (machine.modules / release / "updates").exists()
    if "BUILD_EXCLUSIVE_KERNEL_MAX" in pathlib.Path(machine.dkms).read_text():
        assert status == 0, said
        assert f"Autoinstall on {release} was skipped" in said
    else:
        # Debian 12: DKMS cannot skip a kernel
        assert status != 0 and reason in said.splitlines()

    listed = machine.run("status")[1]
    for good in "6.1.0-57-amd64", "99.1.2-amd64":
        assert f"iscsi-target-srp/1, {good}, {platform.machine()}: installed" in listed
    assert release not in listed


@pytest.mark.skipif(os.getuid() != 0, reason="must be root: DKMS checks that")
def test_initiator(machine):
    """iscsi_tcp is for kernels with TLS"""
    machine.add("iscsi-tcp-srp")
    for release, config in (("6.12.200-amd64", "CONFIG_ISCSI_TCP=m\nCONFIG_TLS=m\n"),
                            ("6.12.201-amd64", "CONFIG_ISCSI_TCP=m\n")):
        said = machine.kernel(release, "0x00000001", config)[1]
        assert (machine.modules / release / "updates/dkms/iscsi_tcp.ko").exists() == \
            ("TLS" in config), said
