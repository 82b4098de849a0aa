# SPDX-License-Identifier: GPL-2.0-or-later
"""Upgrade a machine to the next Debian release while its disk is in use."""
import re
import subprocess

import expect
import pair

LIMIT = 6600                            # seconds for the upgrade
PATH = pair.MOUNTED + "/upgrade"
STOP = "/run/lio-srp-stop"              # ends the writer
# Each block is different.  write: append blocks until the file STOP is there, print their
# number and the longest time, in seconds, that one took
DATA = r"""
import hashlib, os, sys, time
what, path = sys.argv[1:3]
def block(n):
    return hashlib.sha256(str(n).encode()).digest() * 512
if what == "write":
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    n, longest = 0, 0
    while not os.path.exists("%s"):
        start = time.monotonic()
        if os.write(fd, block(n)) != len(block(n)):
            sys.exit("the disk is full")
        os.fsync(fd)
        longest = max(longest, time.monotonic() - start)
        n += 1
        time.sleep(0.5)
    print(n, longest)
else:
    fd = os.open(path, os.O_RDONLY)
    os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_DONTNEED)
    with open(fd, "rb") as f:
        for n in range(int(sys.argv[3])):
            if f.read(len(block(n))) != block(n):
                sys.exit("block %%d is not what was written" %% n)
        if f.read(1):
            sys.exit("longer than what was written")
""" % STOP


class Writer:
    """Write to the mounted disk as long as this context lasts."""

    def __init__(self):
        self.blocks = 0
        self.process = None

    def __enter__(self):
        pair.sh("initiator", "rm -f %s %s" % (STOP, PATH))
        # pylint: disable-next=consider-using-with
        self.process = subprocess.Popen(
            ["initiator", "/usr/bin/python3", "-c", DATA, "write", PATH],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        return self

    def busy(self):
        expect.true(self.process.poll() is None, "the writer ended too early")

    def __exit__(self, kind, *_):
        pair.run("initiator", "touch", STOP)
        said = self.process.communicate(timeout=pair.TIMEOUT)[0]
        if kind:
            print("the writer:", said)
            return
        expect.equal(self.process.returncode, 0, "the writer's status: " + said)
        self.blocks = int(said.split()[0])
        expect.true(self.blocks > 10, "only %d blocks were written" % self.blocks)
        print("%d blocks written, the longest wait was %.0f s" % (
            self.blocks, float(said.split()[1])))

    def check(self):
        """All blocks are in the file."""
        pair.must("initiator", "/usr/bin/python3", "-c", DATA, "check", PATH,
                  str(self.blocks))


def release(machine):
    return pair.sh(machine, ". /etc/os-release; echo $VERSION_ID").strip()


def files(machine, *paths):
    """Modes, owners and contents of all files below these paths."""
    return sorted(pair.sh(
        machine, r"find %s \( -type f -printf '%%m %%U %%G ' -exec sha256sum {} \; \) "
        r"-o -printf '%%m %%U %%G %%p\n'" % " ".join(paths)).splitlines())


def session():
    """The kernel's name of the session, which stays the same when it logs in again."""
    return pair.sh("initiator", "ls /sys/class/iscsi_session")


def upgrade(machine, *packages):
    """Follow the documentation to the next Debian release, without the reboot."""
    expect.equal(release(machine), "12", "Debian release before the upgrade")
    kernel = pair.sh(machine, "uname -r")
    expect.true(kernel.startswith("6.1."), "kernel before the upgrade: " + kernel)
    said = pair.documented(machine, "next", timeout=LIMIT)
    expect.equal(release(machine), "13", "Debian release after the upgrade: " + said)
    versions = pair.sh(machine, r"dpkg-query -W -f '${Package} ${Version}\n' " +
                       " ".join(packages)).splitlines()
    expect.equal([line for line in versions if not re.search(r"\+deb13$", line)], [],
                 "packages that are not Debian 13's of ours")
    expect.equal(pair.sh(machine, "dpkg --audit"), "", "broken packages")
    said = pair.sh(machine, "apt-get -s full-upgrade")
    expect.true("\nInst " not in said, "what apt would still upgrade: " + said)


def reboot(machine):
    """Reboot into the kernel that the upgrade has installed; return its release."""
    pair.host("reboot", machine, "installed")
    kernel = pair.sh(machine, "uname -r").strip()
    expect.true(re.match(r"6\.12\..*\+deb13-amd64$", kernel), "kernel: " + kernel)
    pair.wait_for(pair.logged_in, "session", step=3)
    for line in "group: MODP-3072", "target proved itself: Yes":
        expect.true(line in pair.sessions(), "no '%s' in: %s" % (line, pair.sessions()))
    return kernel
