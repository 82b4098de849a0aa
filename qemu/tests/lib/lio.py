# SPDX-License-Identifier: GPL-2.0-or-later
"""Set up targets directly in configfs, which is faster than targetcli."""
import glob
import os
import time

import initiator
import srp
from expect import PATIENCE

ROOT = "/sys/kernel/config/target"
ISCSI = ROOT + "/iscsi"
PARAMETERS = "/sys/module/iscsi_target_mod/parameters"
SALT = bytes(range(16))


def write(path, value):
    """Write with one write(2), like echo in a shell."""
    fd = os.open(path, os.O_WRONLY)
    try:
        os.write(fd, value if isinstance(value, bytes) else value.encode())
    finally:
        os.close(fd)


def read(path):
    with open(path, "rb") as f:
        return f.read().decode().rstrip("\n")


class Auth:
    """A directory of credentials of an ACL, a portal group or discovery."""

    def __init__(self, path):
        self.path = path

    def set(self, name, value):
        write(os.path.join(self.path, name), value)

    def get(self, name):
        return read(os.path.join(self.path, name))

    def srp(self, user="alice", password="password123", groups=("SRP-1536",),
            salt=SALT):
        self.set("srp_userid", user)
        self.set("srp_salt", salt.hex())
        for group in srp.GROUPS:
            value = "NULL"
            if group in groups:
                value = srp.octets(srp.verifier(
                    group, user.encode(), password.encode(), salt)).hex()
            self.set("srp_verifier_" + group, value)

    def policy(self, **values):
        """Set srp_only and the like; False and None unset them."""
        for name, value in values.items():
            self.set("srp_" + name, {None: "NULL", True: "1", False: "0"}.get(
                value, value))

    def no_policy(self):
        if os.path.exists(self.path + "/srp_only"):
            self.policy(only=False, mutual_required=False, min_group=None)
        if os.path.exists(self.path + "/srp_tls_bind"):
            self.policy(tls_bind=False)

    def counters(self):
        """Values of the srp_stat_ files, by name without the prefix."""
        return {name[len("srp_stat_"):]: int(self.get(name))
                for name in os.listdir(self.path)
                if name.startswith("srp_stat_")}

    def no_srp(self):
        self.no_policy()
        for name in ["srp_userid", "srp_salt"] + [
                "srp_verifier_" + group for group in srp.GROUPS]:
            if os.path.exists(os.path.join(self.path, name)):
                self.set(name, "NULL")

    def chap(self, user="alice", password="password123", mutual=None):
        self.set("userid", user)
        self.set("password", password)
        if mutual:
            self.set("userid_mutual", mutual[0])
            self.set("password_mutual", mutual[1])

    def no_chap(self):
        for name in "userid", "password", "userid_mutual", "password_mutual":
            self.set(name, "NULL")


class Target:
    """A target with a portal group, a portal and a disk."""

    def __init__(self, name=initiator.TARGET, portal="127.0.0.1:3260",
                 methods="SRP", authentication=1, megabytes=8):
        self.name, self.portal = name, portal
        self.path = "%s/%s" % (ISCSI, name)
        self.tpg = self.path + "/tpgt_1"
        self.auth = Auth(self.tpg + "/auth")
        self.disk = self._disk(name.rpartition(":")[2], megabytes)
        if not os.path.isdir(ISCSI):
            os.mkdir(ISCSI)
        os.makedirs(self.tpg + "/lun/lun_0")
        os.symlink(self.disk, self.tpg + "/lun/lun_0/disk")
        self.add_portal(portal)
        self.attrib("authentication", authentication)
        self.attrib("demo_mode_write_protect", 0)
        self.param("AuthMethod", methods)
        self.enable()

    def _disk(self, name, megabytes):
        self.image = "/run/%s.img" % name
        with open(self.image, "wb") as f:
            f.truncate(megabytes << 20)
        path = "%s/core/fileio_%d/%s" % (
            ROOT, len(glob.glob(ROOT + "/core/fileio_*")), name)
        os.makedirs(path)
        write(path + "/control", "fd_dev_name=%s,fd_dev_size=%d" % (
            self.image, megabytes << 20))
        write(path + "/enable", "1")
        return path

    def add_portal(self, portal):
        os.mkdir("%s/np/%s" % (self.tpg, portal))

    def remove_portal(self, portal):
        os.rmdir("%s/np/%s" % (self.tpg, portal))

    def np(self, name, value=None, portal=None):
        """Read or write an attribute of a portal."""
        path = "%s/np/%s/%s" % (self.tpg, portal or self.portal, name)
        return read(path) if value is None else write(path, value)

    def attrib(self, name, value):
        write("%s/attrib/%s" % (self.tpg, name), str(value))

    def param(self, name, value):
        write("%s/param/%s" % (self.tpg, name), value)

    def enable(self, on=True):
        write(self.tpg + "/enable", str(int(on)))

    def acl(self, name=initiator.NAME):
        return Acl(self, name)

    def demo(self):
        """Let any initiator log in with the portal group's credentials."""
        self.attrib("generate_node_acls", 1)
        self.attrib("cache_dynamic_acls", 1)

    def sessions(self):
        """Number of normal sessions."""
        return int(read(self.path + "/fabric_statistics/iscsi_instance/sessions"))

    def remove(self):
        """Remove the target, but not its disk and users."""
        remove_portal_group(self.tpg)
        os.rmdir(self.path)

    def statistics(self):
        """The target's login statistics."""
        path = self.path + "/fabric_statistics/iscsi_login_stats"
        return {name: int(read("%s/%s" % (path, name))) for name in
                ("accepts", "redirects", "authorize_fails",
                 "authenticate_fails", "negotiate_fails", "other_fails")}


class User(Auth):
    """An entry of a target's user table, enabled once it is set up."""

    def __init__(self, target, label, user="alice", password="password123",
                 enabled=True, **how):
        super().__init__("%s/srp_users/%s" % (target.path, label))
        os.mkdir(self.path)
        if user:
            self.srp(user, password, **how)
        if enabled:
            self.set("enabled", "1")

    def remove(self):
        os.rmdir(self.path)


class Acl:
    """The ACL of an initiator."""

    def __init__(self, target, name):
        self.path = "%s/acls/%s" % (target.tpg, name)
        os.makedirs(self.path + "/lun_0")
        os.symlink(target.tpg + "/lun/lun_0", self.path + "/lun_0/lun")
        self.auth = Auth(self.path + "/auth")

    def attrib(self, name, value):
        write("%s/attrib/%s" % (self.path, name), str(value))

    def session(self):
        """LIO's information about the session."""
        return read(self.path + "/info")

    def remove(self):
        os.unlink(self.path + "/lun_0/lun")
        os.rmdir(self.path + "/lun_0")
        os.rmdir(self.path)


class Discovery(Auth):
    """Credentials and policy of discovery sessions."""

    def __init__(self, enforce=True):
        super().__init__(ISCSI + "/discovery_auth")
        self.enforce(enforce)

    def enforce(self, on):
        self.set("enforce_discovery_auth", str(int(on)))


def remove_portal_group(tpg):
    """Remove a portal group with its portals, ACLs and LUNs."""
    for link in glob.glob(tpg + "/acls/*/lun_*/*") + \
            glob.glob(tpg + "/lun/lun_*/*"):
        if os.path.islink(link):
            os.unlink(link)
    for form in "np/*", "acls/*/lun_*", "acls/*", "lun/lun_*":
        for path in glob.glob("%s/%s" % (tpg, form)):
            if os.path.isdir(path):
                os.rmdir(path)
    os.rmdir(tpg)


def clear():
    """Remove every target, portal group, ACL, credential, user and disk."""
    if os.path.isdir(ISCSI):
        discovery = Discovery(False)
        discovery.no_chap()
        discovery.no_srp()
    for tpg in glob.glob(ISCSI + "/iqn.*/tpgt_*"):
        write(tpg + "/enable", "0")
        remove_portal_group(tpg)
    for form in "/iqn.*/srp_users/*", "/iqn.*":
        for path in glob.glob(ISCSI + form):
            os.rmdir(path)
    for form in "/core/fileio_*/*", "/core/fileio_*":
        for path in glob.glob(ROOT + form):
            if os.path.isdir(path):
                os.rmdir(path)


def held(port=3260):
    """The initiators' ports of the connections that a portal has not closed."""
    found = []
    for path in "/proc/net/tcp", "/proc/net/tcp6":
        for line in read(path).splitlines()[1:]:
            local, remote, state = line.split()[1:4]
            if int(local.rpartition(":")[2], 16) == port and \
                    state in ("01", "08"):      # ESTABLISHED, CLOSE_WAIT
                found.append(int(remote.rpartition(":")[2], 16))
    return found


def logins(name):
    """A counter of logins: under_way, timed_out, dropped or refused."""
    return int(read("%s/logins_%s" % (PARAMETERS, name)))


def wait_until_quiet(targets, seconds):
    """Until nothing is left of all logins to the targets; seconds for each kind."""
    quiet = {
        "logins under way": lambda: logins("under_way"),
        "sessions": lambda: sum(target.sessions() for target in targets),
        "connections": lambda: len(held()),
        "jobs": lambda: int(read(ISCSI + "/discovery_auth/srp_queue_depth"))}
    for what, count in quiet.items():
        wait_for(lambda count=count: not count(), "the end of all " + what, seconds)


class Parameter:
    """A module parameter, changed during a with block."""

    def __init__(self, name, value):
        self.path, self.value = "%s/%s" % (PARAMETERS, name), str(value)

    def __enter__(self):
        self.before = read(self.path)
        write(self.path, self.value)

    def __exit__(self, *_):
        write(self.path, self.before)


def documented(place):
    """Files of a directory that Documentation/ABI describes."""
    abi = os.path.join(os.path.dirname(os.path.realpath(__file__)),
                       "../../../Documentation/ABI/testing/configfs-iscsi-")
    names = set()
    for part in "srp", "tls":
        with open(abi + part, encoding="utf-8") as f:
            names |= {line.split()[1].rpartition("/")[2] for line in f
                      if line.startswith("What:") and
                      line.split()[1].rpartition("/")[0] == ISCSI + place}
    return {name.replace("<group>", group) for name in names
            for group in srp.GROUPS}


def no_precompute():
    """Disable powers until the test ends: workers get only jobs of logins."""
    write(PARAMETERS + "/srp_precompute", "0")


def wait_for(condition, what, seconds=5, step=0.02):
    """Wait until condition() is true."""
    end = time.monotonic() + seconds * PATIENCE
    while not condition():
        if time.monotonic() > end:
            raise AssertionError("%s: not within %g s" % (what, seconds))
        time.sleep(step)
