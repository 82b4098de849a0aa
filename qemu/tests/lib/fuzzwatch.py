# SPDX-License-Identifier: GPL-2.0-or-later
"""The target that is fuzzed, and what is checked of it besides the answers."""
import time

import lio
from background import Background
from expect import PATIENCE
from fuzzlogin import DEMO, LIMIT, NAME, Finding
from initiator import Initiator
from kernellog import KernelLog, findings

GROUPS = ("SRP-768", "SRP-1024")
SECRETS = {"alice": "password123", "bob": "bob's password", "carol": "carol's password"}
EXPECTED = ["failed with status 0[0-3]", "login of .* with user table entry",
            "too many logins under way", "the initiator has left"]
HEALTH = NAME + "health"
# KiB that may be used more at the end; KASAN keeps what was freed for a while
MEMORY = (16 << 10) * PATIENCE
# Objects of the same size that may be left, and for each exchange
OBJECTS, EACH = 300, .2


def set_up():
    """Two targets: one with ACLs, one for any initiator, with users."""
    lio.write(lio.PARAMETERS + "/srp_min_group", "SRP-768")
    target = lio.Target(methods="SRP,CHAP,None")
    acls = {}
    for name, methods in (("srp", "S"), ("chap", "C"), ("both", "SC"), ("none", "SC"),
                          ("health", "S")):
        acl = acls[name] = target.acl(NAME + name)
        if "S" in methods:
            acl.auth.srp(groups={"srp": GROUPS[:1], "health": ("SRP-1536",)}.get(
                name, GROUPS))
        if "C" in methods:
            acl.auth.chap()
        acl.attrib("authentication", int(name != "none"))
    demo = lio.Target(DEMO, methods="SRP,CHAP")
    demo.demo()
    demo.auth.srp(groups=GROUPS)
    demo.auth.chap()
    users = {user: lio.User(demo, user, user, SECRETS[user], groups=GROUPS)
             for user in ("bob", "carol")}
    discovery = lio.Discovery()
    discovery.srp(groups=GROUPS)
    discovery.chap()
    return Watch(target, demo, discovery, acls, users)


def memory():
    """KiB that the kernel cannot give back."""
    values = dict(line.split()[:2] for line in lio.read("/proc/meminfo").splitlines())
    return sum(int(values[name + ":"]) for name in
               ("SUnreclaim", "KernelStack", "PageTables", "VmallocUsed"))


def objects():
    """{size: number} of the kernel's kmalloc() objects."""
    lines = [line.split() for line in lio.read("/proc/slabinfo").splitlines()]
    return {words[0]: int(words[1]) for words in lines if words[0].startswith("kmalloc-")}


class Watch:
    """What is looked at while exchanges go on, and at their end."""

    def __init__(self, target, demo, discovery, acls, users):
        self.targets, self.discovery = (target, demo), discovery
        self.acls, self.users = acls, users
        self.expected = list(EXPECTED)
        self.log = KernelLog()
        self.log.new()
        self.tainted = lio.read("/proc/sys/kernel/tainted")
        self.logins = 0                 # right ones
        self.memory = self.objects = None       # in use after the first exchanges
        self.more = 0                   # KiB in use at the end
        self.exchanges = 0              # until memory was measured

    def kernel_log(self):
        messages = self.log.new()
        if findings(messages, self.expected):
            raise Finding("the kernel logged:\n" + "\n".join(messages[-80:]))

    def stacks(self):
        """Where the kernel's tasks wait that do not go on."""
        self.log.new()
        lio.write("/proc/sysrq-trigger", "w")
        return self.log.new()

    def right_login(self):
        """A login that must succeed, to a session that works."""
        with Initiator(name=HEALTH, timeout=LIMIT) as i:
            i.login(group="SRP-1536")
            self.logins += 1
            # Somebody may have reset the disk: that ends one command
            if not i.ping() or not any(i.read(4096) for _ in range(3)):
                raise Finding("the session does not work")
            i.logout()

    def measure(self, exchanges):
        """The memory that is used after the first exchanges."""
        self.memory, self.objects, self.exchanges = memory(), objects(), exchanges

    def end(self, exchanges, accepted, maybe):
        """Look at what must be left when all exchanges are over."""
        self.right_login()
        lio.wait_until_quiet(self.targets, 40)
        self._counters(accepted + self.logins, maybe)
        if lio.read("/proc/sys/kernel/tainted") != self.tainted:
            raise Finding("the kernel is tainted")
        if self.memory:
            time.sleep(1)
            self._memory(exchanges - self.exchanges)
        self.kernel_log()
        # This waits for all references
        Background(lio.clear).result(60)

    def _memory(self, exchanges):
        self.more = memory() - self.memory
        if self.more > MEMORY:
            raise Finding("%d KiB more are in use" % self.more)
        if PATIENCE > 1:
            return                      # KASAN keeps objects, and kmemleak looks
        for size, count in objects().items():
            left = count - self.objects.get(size, 0)
            if left > OBJECTS + EACH * exchanges:
                raise Finding("%d objects of %s are left of %d exchanges" % (
                    left, size, exchanges))

    def _counters(self, accepted, maybe):
        """Each login counts once; by SRP also one that fails after the proof."""
        counted = _sum(self.discovery.counters(), "logins_", ("srp", "chap", "none"))
        if accepted > counted + sum(target.statistics()["accepts"]
                                    for target in self.targets):
            raise Finding("%d logins were successful; more than are counted" % accepted)
        for target in self.targets:
            ours, theirs = target.auth.counters(), target.statistics()
            accepts = theirs.pop("accepts")
            if accepts > accepted + maybe or \
                    accepts > _sum(ours, "logins_", ("srp", "chap", "none")) or \
                    sum(theirs.values()) != _sum(ours, "failures_"):
                raise Finding("%d successful logins, and up to %d more; counted for %s:"
                              "\n%s\n%s, accepts: %d" % (accepted, maybe, target.name,
                                                        ours, theirs, accepts))


def _sum(counters, prefix, names=None):
    return sum(value for name, value in counters.items() if name.startswith(prefix) and
               (names is None or name[len(prefix):] in names))
