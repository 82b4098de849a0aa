# SPDX-License-Identifier: GPL-2.0-or-later
"""The module's source with the DKMS of this machine's Debian release and of the stable
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
echo module >"$dir/iscsi_target_mod.ko"
printf '0x00000001\\ta\\tiscsi_target_mod\\tEXPORT_SYMBOL\\n' >"$dir/Module.symvers"
"""


def output(*command):
    return subprocess.run(command, check=True, text=True,
                          stdout=subprocess.PIPE).stdout.strip()


@pytest.fixture(scope="module", name="source")
def _source(tmp_path_factory):
    directory = tmp_path_factory.mktemp("source") / "iscsi-target-srp-1"
    output(TOP / "scripts/kernel/module-source.sh", directory, "1")
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
        assert self.run("add", "iscsi-target-srp/1")[0] == 0

    def kernel(self, release, version):
        build = self.modules / release / "build"
        (build / "include").mkdir(parents=True)
        (self.modules / release / "kernel").mkdir()
        (build / ".config").write_text("CONFIG_ISCSI_TARGET=m\nCONFIG_KEYS=y\n")
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
