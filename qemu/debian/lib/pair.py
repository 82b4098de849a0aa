# SPDX-License-Identifier: GPL-2.0-or-later
"""The two Debian machines, as a test sees them: commands in either.

The machines keep their state from one test to the next.  A test begins with
ready(): both set up as Documentation/install.md says, and logged in.
"""
import os
import re
import subprocess
import time

import blocks

# As in Documentation/install.md
TARGET = "iqn.2026-01.org.example:disk"
INITIATOR = "iqn.2026-01.org.example:host"
PORTAL = "10.9.8.1"
PORTAL2 = "10.9.9.1"
USER, PASSWORD = "alice", "password123"

TPG = "/iscsi/%s/tpg1" % TARGET
ACL = "%s/acls/%s" % (TPG, INITIATOR)
CONFIGFS = "/sys/kernel/config/target/iscsi/%s/tpgt_1/acls/%s/auth" % (
    TARGET, INITIATOR)
MOUNTED = "/mnt"
# Size of what is written to the disk: more in "make soak"
MIB = int(os.environ.get("LIO_SRP_MIB", "64"))
TIMEOUT = 300                           # seconds, for one command
LOGGED = 20                             # and until something is in the log

# Each MiB of the data is different, and made of its number and a seed
DATA = r"""
import hashlib, os, sys
what, path, seed, count = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
def block(n):
    return hashlib.sha256(("%s %d" % (seed, n)).encode()).digest() * 32768
if what == "write":
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
    for n in range(count):
        left = memoryview(block(n))
        while left:
            left = left[os.write(fd, left):]
        os.fsync(fd)
        print(n, flush=True)
else:
    fd = os.open(path, os.O_RDONLY)
    os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_DONTNEED)
    with open(fd, "rb") as f:
        for n in range(count):
            if f.read(1 << 20) != block(n):
                sys.exit("MiB %d is not what was written" % n)
        if f.read(1):
            sys.exit("longer than what was written")
"""


def run(machine, *command, stdin="", timeout=TIMEOUT):
    """(exit status, output)."""
    done = subprocess.run((machine, "-i") + command, input=stdin.encode(),
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          timeout=timeout, check=False)
    return done.returncode, done.stdout.decode(errors="replace")


def must(machine, *command, **how):
    """Its output."""
    status, output = run(machine, *command, **how)
    if status:
        raise AssertionError("%s: %s: status %d: %s" % (
            machine, " ".join(command), status, output))
    return output


def sh(machine, script, **how):
    """Output of a script that must succeed, each of its commands."""
    return must(machine, "sh", "-euc", script, **how)


def host(*command):
    """A command of qemu/pair's: cut, mend, reboot."""
    subprocess.run(command, check=True)


def wait_for(condition, what, seconds=60, step=1):
    """What the condition returns once it is true."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError("no %s within %g s" % (what, seconds))
        time.sleep(step)


def documented(machine, mark=None):
    """Run what the documentation says, in the directory with the packages."""
    return must(machine, "sh", "-euxc",
                "cd /root/packages\n" + blocks.commands(mark or machine))


def ready():
    """Set up and logged in."""
    if run("target", "test", "-e", "/root/documented")[0]:
        documented("target")
        documented("initiator")
        sh("target", "touch /root/documented")
    if not sessions():
        login()


def node(*action, portal=PORTAL, **how):
    """iscsiadm's exit status and output."""
    return run("initiator", "iscsiadm", "-m", "node", "-T", TARGET, "-p", portal,
               *action, **how)


def set_node(name, value):
    status, output = node("-o", "update", "-n", name, "-v", "-",
                          stdin=value + "\n") if name.endswith("srp_password") \
        else node("-o", "update", "-n", name, "-v", value)
    if status:
        raise AssertionError("%s: %s" % (name, output))


def login(**where):
    status, output = node("--login", **where)
    if status:
        raise AssertionError("login: status %d: %s" % (status, output))


def logout(**where):
    status, output = node("--logout", **where)
    if status:
        raise AssertionError("logout: status %d: %s" % (status, output))


def sessions():
    """How iscsiadm shows them, in detail; "" if there is none."""
    status, output = run("initiator", "iscsiadm", "-m", "session", "-P", "2")
    return "" if status else output


def logged_in():
    return "iSCSI Session State: LOGGED_IN" in sessions()


def logins():
    """How many SRP logins the target has let in by the ACL since it was made."""
    return sum(int(count) for count in sh(
        "target", "cat %s/srp_stat_logins_[SM]*" % CONFIGFS).split())


def disk(lun=0, portal=PORTAL):
    """Path of the device node, once it is there."""
    path = "/dev/disk/by-path/ip-%s:3260-iscsi-%s-lun-%d" % (portal, TARGET, lun)
    wait_for(lambda: run("initiator", "test", "-b", path)[0] == 0, path)
    return path


def data(what, path, seed, mib=MIB):
    """Write or check data of the initiator's; what: "write" or "check"."""
    return must("initiator", "/usr/bin/python3", "-c", DATA, what, path, seed,
                str(mib), timeout=TIMEOUT + 2 * mib)


def since(machine):
    """A moment, for log()."""
    return sh(machine, "date '+%Y-%m-%d %H:%M:%S'").strip()


def log(machine, moment, *more):
    """What the machine's journal has from that moment on."""
    return must(machine, "journalctl", "-o", "cat", "--since", moment, *more)


def data_disk():
    """A mounted file system on a second disk, large enough for the data."""
    ready()
    if run("target", "test", "-e", "/var/lib/data.img")[0]:
        sh("target", """
            targetcli /backstores/fileio create data /var/lib/data.img %dM
            targetcli %s/luns create /backstores/fileio/data
            targetcli saveconfig""" % (2 * MIB + 64, TPG))
        must("initiator", "iscsiadm", "-m", "session", "--rescan")
        sh("initiator", "mkfs.ext4 -q -L data " + disk(1))
    if run("initiator", "mountpoint", "-q", MOUNTED)[0]:
        sh("initiator", "mount %s %s" % (disk(1), MOUNTED))


def unmount():
    if run("initiator", "mountpoint", "-q", MOUNTED)[0] == 0:
        sh("initiator", "umount " + MOUNTED)


def logged(machine, moment, pattern, *more):
    """The machine's log once it has a line that matches: iscsid's come late."""
    def matching():
        text = log(machine, moment, *more)
        return text if re.search(pattern, text) else None

    return wait_for(matching, "line like %r in the %s's log" % (pattern, machine),
                    LOGGED)
