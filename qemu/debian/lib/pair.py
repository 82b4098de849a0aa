# SPDX-License-Identifier: GPL-2.0-or-later
"""Control the two Debian machines from a test.

The machines keep their state between tests.  A test starts with ready(): both are
set up as described in Documentation/install.md, and logged in.
"""
import contextlib
import json
import os
import re
import subprocess
import time

import blocks
import expect

# As in Documentation/install.md
TARGET = "iqn.2026-01.org.example:disk"
INITIATOR = "iqn.2026-01.org.example:host"
PORTAL = "10.9.8.1"
PORTAL2 = "10.9.9.1"
USER, PASSWORD = "alice", "password123"

TPG = "/iscsi/%s/tpg1" % TARGET
ACL = "%s/acls/%s" % (TPG, INITIATOR)
BOTH_PORTALS = TPG + "/portals/0.0.0.0:3260"
CONFIGFS = "/sys/kernel/config/target/iscsi/%s/tpgt_1/acls/%s/auth" % (
    TARGET, INITIATOR)
TLS = "TLS1.3, AES-256-GCM, certificate confirmed by SRP"
MOUNTED = "/mnt"
# Amount of data written to the disk; "make soak" writes more
MIB = int(os.environ.get("LIO_SRP_MIB", "64"))
TIMEOUT = 600                           # seconds for a command
LOGGED = 120                            # and until a log line appears

# Each MiB of the data is different; it is derived from its number and a seed
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
    """Run a command; return (exit status, output)."""
    done = subprocess.run((machine, "-i") + command, input=stdin.encode(),
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          timeout=timeout, check=False)
    return done.returncode, done.stdout.decode(errors="replace")


def must(machine, *command, **how):
    """Run a command that must succeed; return its output."""
    status, output = run(machine, *command, **how)
    if status:
        raise AssertionError("%s: %s: status %d: %s" % (
            machine, " ".join(command), status, output))
    return output


def sh(machine, script, **how):
    """Run a script in which every command must succeed; return its output."""
    return must(machine, "sh", "-euc", script, **how)


def host(*command):
    """Run a command of qemu/pair: cut, mend, reboot."""
    subprocess.run(command, check=True)


def wait_for(condition, what, seconds=300, step=1):
    """Wait until the condition is true; return its value."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError("no %s within %g s" % (what, seconds))
        time.sleep(step)


def documented(machine, mark=None, **how):
    """Run documented commands, by default those that set the machine up."""
    return must(machine, "env", "DEBIAN_FRONTEND=noninteractive", "sh", "-euxc",
                blocks.commands(mark) if mark else
                blocks.commands("repository") + blocks.commands(machine), **how)


def ready():
    """Make sure that both machines are set up and logged in."""
    if run("target", "test", "-e", "/root/documented")[0]:
        documented("target")
        documented("initiator")
        sh("target", "touch /root/documented")
    if not sessions():
        login()


def node(*action, portal=PORTAL, **how):
    """Run iscsiadm on the node; return (exit status, output)."""
    return run("initiator", "iscsiadm", "-m", "node", "-T", TARGET, "-p", portal,
               *action, **how)


def set_node(name, value, **where):
    # Standard input must have a password
    status, output = node("-o", "update", "-n", name, "-v", "-", **where,
                          stdin=value + "\n") if name.endswith("srp_password") and value \
        else node("-o", "update", "-n", name, "-v", value, **where)
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
    """iscsiadm's detailed list of sessions; "" if there is none."""
    status, output = run("initiator", "iscsiadm", "-m", "session", "-P", "2")
    return "" if status else output


def logged_in():
    return "iSCSI Session State: LOGGED_IN" in sessions()


@contextlib.contextmanager
def tls():
    """TLS at both ends as long as this context lasts; the initiator is logged out at its
    begin and end."""
    ready()
    unmount()
    logout()
    documented("initiator", "initiator tls")
    sh("target", "targetcli %s enable_tls" % BOTH_PORTALS)
    set_node("node.conn[0].tls", "Yes")
    try:
        yield
    finally:
        unmount()
        if sessions():
            logout()
        set_node("node.conn[0].tls", "No")
        sh("target", "targetcli %s disable_tls" % BOTH_PORTALS)


def encrypted():
    """How iscsiadm says that each session is encrypted."""
    return re.findall("TLS: (.*)", sessions())


def logins():
    """Number of successful SRP logins since the ACL was created."""
    return sum(int(count) for count in sh(
        "target", "cat %s/srp_stat_logins_[SM]*" % CONFIGFS).split())


def disk(lun=0, portal=PORTAL):
    """Wait for the device node; return its path."""
    path = "/dev/disk/by-path/ip-%s:3260-iscsi-%s-lun-%d" % (portal, TARGET, lun)
    wait_for(lambda: run("initiator", "test", "-b", path)[0] == 0, path)
    return path


def data(what, path, seed, mib=MIB):
    """Write or check data on the initiator; what: "write" or "check"."""
    return must("initiator", "/usr/bin/python3", "-c", DATA, what, path, seed,
                str(mib), timeout=TIMEOUT + 2 * mib)


def since(machine):
    """The current time, for log()."""
    return sh(machine, "date '+%Y-%m-%d %H:%M:%S'").strip()


def log(machine, moment, *more):
    """The machine's journal since that time."""
    return must(machine, "journalctl", "-o", "cat", "--since", moment, *more)


def data_disk():
    """Mount a file system on a second disk that is large enough for the data."""
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


def patient_data_disk():
    """The same, in a session that waits until the target has booted, which takes longer
    without KVM than the default of two minutes.  The kernel's warning of tasks that wait
    that long is not a finding then."""
    ready()
    sh("initiator", "sysctl -q kernel.hung_task_timeout_secs=600")
    unmount()
    logout()
    set_node("node.session.timeo.replacement_timeout", "600")
    login()
    data_disk()


def write_before(event):
    """Write to the mounted file system what same_file_system() reads after the event."""
    data("write", MOUNTED + "/before", "before " + event, 8)


def same_file_system(event):
    """The file system that was mounted before the event still is, and loses nothing."""
    data("check", MOUNTED + "/before", "before " + event, 8)
    data("write", MOUNTED + "/after", "after " + event, 8)
    unmount()
    data_disk()
    for name in "before", "after":
        data("check", "%s/%s" % (MOUNTED, name), "%s %s" % (name, event), 8)
        sh("initiator", "rm %s/%s" % (MOUNTED, name))


def in_order(value):
    """Sort all lists: the kernel lists entries in any order."""
    if isinstance(value, dict):
        return {name: in_order(member) for name, member in value.items()}
    if isinstance(value, list):
        return sorted(map(in_order, value), key=json.dumps)
    return value


def saved():
    """Save the target's configuration; return it."""
    return in_order(json.loads(sh("target", "targetcli saveconfig >/dev/null; "
                                  "cat /etc/rtslib-fb-target/saveconfig.json")))


def unmount():
    if run("initiator", "mountpoint", "-q", MOUNTED)[0] == 0:
        sh("initiator", "umount " + MOUNTED)


def logged(machine, moment, pattern, *more):
    """Wait until a log line matches; return the log.  iscsid logs with a delay."""
    def matching():
        text = log(machine, moment, *more)
        return text if re.search(pattern, text) else None

    return wait_for(matching, "line like %r in the %s's log" % (pattern, machine),
                    LOGGED)


def reject_wrong_password():
    """A wrong password is rejected, and both machines log the reason."""
    wrong = "not-the-password"
    ready()
    unmount()
    logout()
    moments = {name: since(name) for name in ("target", "initiator")}
    before = logins()
    set_node("node.session.initial_login_retry_max", "1")
    set_node("node.session.auth.srp_password", wrong)
    try:
        status, output = node("--login")
        expect.equal(status, 24, "iscsiadm's status: " + output)
        expect.true("authorization failure" in output, output)
        expect.equal(sessions(), "", "sessions")
        expect.equal(logins(), before, "SRP logins that the target counted")
        logged("target", moments["target"],
               r'login of "%s" from 10\.9\.8\.2:\d+ by SRP as "alice" failed with status '
               r"0201: SRP_M is wrong" % INITIATOR, "-k")
        logged("initiator", moments["initiator"],
               r"login rejected: [Ii]nitiator failed auth", "-u", "iscsid")
        both = "".join(log(name, moment) for name, moment in moments.items())
        expect.true(wrong not in both, "the password in a log: " + both)
    finally:
        set_node("node.session.auth.srp_password", PASSWORD)
    login()
    expect.equal(logins(), before + 1, "SRP logins with the right password")
