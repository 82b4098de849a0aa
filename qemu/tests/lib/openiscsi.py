# SPDX-License-Identifier: GPL-2.0-or-later
"""The real initiator: iscsid, iscsiadm and the kernel."""
import glob
import os
import shutil
import signal
import subprocess

import initiator
import lio
from helper import processes

CONF = "/etc/iscsi/iscsid.conf"
NAME_FILE = "/etc/iscsi/initiatorname.iscsi"
DATABASE = ["/etc/iscsi/nodes", "/etc/iscsi/send_targets",
            "/var/lib/iscsi/nodes", "/var/lib/iscsi/send_targets"]
SOCKET = "@ISCSIADM_ABSTRACT_NAMESPACE"
SESSIONS = "/sys/class/iscsi_session"

# one attempt and short timeouts, so that a rejected login ends quickly
BASE = {
    "node.startup": "manual",
    "node.session.initial_login_retry_max": "1",
    "node.conn[0].timeo.login_timeout": "10",
    "node.conn[0].timeo.logout_timeout": "5",
    "node.session.timeo.replacement_timeout": "30",
    "node.session.scan": "auto",
    "discovery.sendtargets.reopen_max": "1",
    "discovery.sendtargets.timeo.login_timeout": "10",
}


def srp(user="alice", password="password123", groups=None, target_auth=None):
    """Settings of a node that logs in with SRP."""
    conf = {"node.session.auth.authmethod": "SRP",
            "node.session.auth.srp_username": user,
            "node.session.auth.srp_password": password}
    if groups:
        conf["node.session.auth.srp_groups"] = groups
    if target_auth:
        conf["node.session.auth.srp_target_auth"] = target_auth
    return conf


def chap(user="alice", password="password123", mutual=None):
    conf = {"node.session.auth.authmethod": "CHAP",
            "node.session.auth.username": user,
            "node.session.auth.password": password}
    if mutual:
        conf["node.session.auth.username_in"] = mutual[0]
        conf["node.session.auth.password_in"] = mutual[1]
    return conf


def for_discovery(conf):
    """The same settings for a discovery session."""
    return {key.replace("node.session.", "discovery.sendtargets."): value
            for key, value in conf.items()}


class OpenIscsi:
    """A running iscsid with the given settings, and iscsiadm."""

    def __init__(self, *settings, name=initiator.NAME):
        self.conf = dict(BASE)
        for more in settings:
            self.conf.update(more)
        self.name = name
        self.log = "/run/iscsid.log"
        self.debug = 2                  # iscsid's debug level
        self.env = None
        self.process = None

    def __enter__(self):
        forget()
        os.makedirs("/etc/iscsi", exist_ok=True)
        os.makedirs("/run/lock/iscsi", exist_ok=True)
        put(NAME_FILE, "InitiatorName=%s\n" % self.name)
        self.write_conf()
        open(self.log, "w", encoding="utf-8").close()
        self.start()
        return self

    def write_conf(self):
        put(CONF, "".join("%s = %s\n" % item
                                for item in self.conf.items()))
        os.chmod(CONF, 0o600)

    def start(self):
        with open(self.log, "ab") as log:
            # a separate session: it exits with SIGTERM to its whole group
            # pylint: disable-next=consider-using-with
            self.process = subprocess.Popen(
                ["iscsid", "-f", "-d", str(self.debug)], stdout=log,
                stderr=log, stdin=subprocess.DEVNULL, start_new_session=True,
                env=self.env)
        lio.wait_for(lambda: SOCKET in lio.read("/proc/net/unix"),
                     "iscsid's socket", 10)

    def stop(self):
        # repeat: it misses a signal just before its poll()
        def gone():
            self.process.terminate()
            return self.process.poll() is not None
        lio.wait_for(gone, "the end of iscsid", 10, step=0.1)

    def __exit__(self, kind, *_):
        try:
            if sessions():
                self.iscsiadm("-m", "node", "-u")
        finally:
            self.stop()
            if kind:
                print("-- iscsid:")
                print(lio.read(self.log)[-6000:])
        if sessions():
            raise AssertionError("sessions left: %s" % sessions())

    def iscsiadm(self, *args, stdin="", timeout=40):
        """Run iscsiadm; return (exit status, output)."""
        done = subprocess.run(("iscsiadm",) + args, input=stdin.encode(),
                              stdout=subprocess.PIPE, check=False,
                              stderr=subprocess.STDOUT, timeout=timeout)
        return done.returncode, done.stdout.decode(errors="replace")

    def must(self, *args):
        status, output = self.iscsiadm(*args)
        if status:
            raise AssertionError("iscsiadm %s: status %d: %s" % (
                " ".join(args), status, output))
        return output

    def node(self, *action, target=initiator.TARGET, portal="127.0.0.1:3260",
             stdin=""):
        return self.iscsiadm("-m", "node", "-T", target, "-p", portal, *action,
                             stdin=stdin)

    def add(self, **where):
        status, output = self.node("-o", "new", **where)
        if status:
            raise AssertionError("iscsiadm -o new: %s" % output)

    def update(self, name, value, **where):
        """Change a value of the node record; pass a password on stdin."""
        given, stdin = value, ""
        if name.endswith("srp_password"):
            given, stdin = "-", value + "\n"
        status, output = self.node("-o", "update", "-n", name, "-v", given,
                                   stdin=stdin, **where)
        if status:
            raise AssertionError("iscsiadm -o update: %s" % output)

    def update_discovery(self, name, value, portal="127.0.0.1:3260"):
        """Change a value of the record of SendTargets discovery."""
        given, stdin = value, ""
        if name.endswith("srp_password"):
            given, stdin = "-", value + "\n"
        status, output = self.iscsiadm(
            "-m", "discoverydb", "-t", "sendtargets", "-p", portal, "-o",
            "update", "-n", name, "-v", given, stdin=stdin)
        if status:
            raise AssertionError("iscsiadm -o update: %s" % output)

    def try_login(self, add=True, **where):
        """Log in; return iscsiadm's exit status.  add: create the node record first."""
        if add:
            self.add(**where)
        status, self.output = self.node("-l", **where)
        return status

    def login(self, **where):
        status = self.try_login(**where)
        if status:
            raise AssertionError("login: status %d: %s" % (status,
                                                           self.output))

    def logout(self, **where):
        status, output = self.node("-u", **where)
        if status:
            raise AssertionError("logout: status %d: %s" % (status, output))

    def discover(self, portal="127.0.0.1:3260"):
        """Run discovery; return (exit status, target names)."""
        status, output = self.iscsiadm("-m", "discovery", "-t", "sendtargets",
                                       "-p", portal)
        self.output = output
        return status, [line.split()[1] for line in output.splitlines()
                        if line.count(" iqn.") == 1]


def use_debians():
    """Run the programs of Debian's version, from usr/open-iscsi/build.sh."""
    directory, = glob.glob("/usr/lib/lio-srp/open-iscsi-*")
    os.environ["PATH"] = directory + ":" + os.environ["PATH"]
    said = subprocess.run(["iscsiadm", "--version"], check=True, text=True,
                          stdout=subprocess.PIPE).stdout
    if directory.rsplit("-", 1)[1] not in said:
        raise AssertionError("%s: iscsiadm is of %s" % (directory, said))


def put(path, text):
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)


def forget():
    """Empty the record database."""
    for path in DATABASE:
        shutil.rmtree(path, ignore_errors=True)


def kill():
    """Stop an iscsid left by a test."""
    for pid in processes("iscsid"):
        os.kill(pid, signal.SIGKILL)
    lio.wait_for(lambda: not processes("iscsid"), "the end of iscsid")


def sessions():
    return sorted(map(os.path.basename, glob.glob(SESSIONS + "/*")))


def opens(node):
    """Return whether a node can be opened: it appears a moment earlier."""
    try:
        os.close(os.open(node, os.O_RDONLY))
    except OSError:
        return False
    return True


def disk(seconds=10):
    """Path of the device node of the only disk."""
    def nodes():
        """Ignore disks of closed sessions: they have no block/ any more."""
        found = glob.glob(SESSIONS + "/*/device/target*/*/block/*/dev")
        return [node for node in
                ("/dev/" + path.split("/")[-2] for path in found)
                if opens(node)]
    lio.wait_for(nodes, "a disk", seconds)
    return nodes()[0]


def exchange_data(node, image=None, offset=1 << 20, length=1 << 20):
    """Write random bytes and read them back, bypassing all caches.

    image: the file behind the target's disk; it must contain them too.
    """
    data = os.urandom(length)
    fd = os.open(node, os.O_RDWR)
    try:
        os.pwrite(fd, data, offset)
        os.fsync(fd)
        os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_DONTNEED)
        back = b""
        while len(back) < length:
            more = os.pread(fd, length - len(back), offset + len(back))
            if not more:
                break
            back += more
    finally:
        os.close(fd)
    if back != data:
        raise AssertionError("the disk does not hold what was written")
    if image:
        with open(image, "rb") as f:
            f.seek(offset)
            if f.read(length) != data:
                raise AssertionError("the target's file does not hold what "
                                     "was written")


def wait_logged_in(seconds=20):
    """Wait until the session is (again) in state LOGGED_IN."""
    def logged_in():
        return [lio.read(path) for path in
                glob.glob(SESSIONS + "/*/state")] == ["LOGGED_IN"]
    lio.wait_for(logged_in, "LOGGED_IN", seconds, step=0.1)
