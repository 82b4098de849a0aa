# SPDX-License-Identifier: GPL-2.0-or-later
"""What may happen to a target and its helper while initiators log in.

Each method of a class is one disturbance: it does something and takes it back.
"""
import contextlib
import os
import signal
import time

import helper
import keyctl
import lio
from fuzzlogin import NAME
from fuzzwatch import GROUPS, SECRETS

PAUSE = .1                              # seconds that a disturbance lasts, at most
DAY = 86400


class _Disturbances:
    def __init__(self, rng, watch):
        self.rng = rng
        (self.target, self.demo), self.discovery = watch.targets, watch.discovery
        self.acls, self.users = watch.acls, watch.users
        self.booted = time.time() - time.monotonic()

    def all(self):
        return sorted(name for name in vars(type(self)) if not name.startswith("_"))

    def _pause(self):
        time.sleep(self.rng.uniform(0, PAUSE))


class Configuration(_Disturbances):
    """An admin changes the target."""

    def portal_group_disabled(self):
        target = self.rng.choice((self.target, self.demo))
        target.enable(False)
        self._pause()
        target.enable()

    def portal_removed(self):
        target = self.rng.choice((self.target, self.demo))
        target.remove_portal(target.portal)
        self._pause()
        target.add_portal(target.portal)

    def acl_removed(self):
        self.acls["both"].remove()
        self._pause()
        acl = self.acls["both"] = self.target.acl(NAME + "both")
        acl.auth.srp(groups=GROUPS)
        acl.auth.chap()

    def credentials_replaced(self):
        """By others of the same password, which goes on to be right."""
        auth, groups = self.rng.choice(((self.acls["srp"].auth, GROUPS[:1]),
                                        (self.discovery, GROUPS)))
        auth.srp(groups=groups, salt=self.rng.randbytes(16))

    def credentials_removed(self):
        auth = self.rng.choice((self.acls["both"].auth, self.demo.auth))
        auth.no_srp()
        self._pause()
        auth.srp(groups=GROUPS)

    def chap_replaced(self):
        auth = self.acls["chap"].auth
        auth.no_chap()
        self._pause()
        auth.chap()

    def user_removed(self):
        self.users["bob"].remove()
        self._pause()
        self.users["bob"] = lio.User(self.demo, "bob", "bob", SECRETS["bob"],
                                          groups=GROUPS)

    def user_disabled(self):
        self.users["carol"].set("enabled", "0")
        self._pause()
        self.users["carol"].set("enabled", "1")

    def old_password(self):
        """Another entry of a user, as after a rotation."""
        old = lio.User(self.demo, "old", "carol", "old password", groups=GROUPS[:1])
        self._pause()
        old.remove()

    def policy(self):
        auth = self.rng.choice((self.demo.auth, self.acls["both"].auth,
                                self.discovery))
        auth.policy(**self.rng.choice(({"only": True}, {"mutual_required": True},
                                       {"min_group": GROUPS[1]})))
        self._pause()
        auth.no_policy()

    def methods(self):
        self.demo.param("AuthMethod", self.rng.choice(("CHAP", "SRP", "SRP,CHAP,None")))
        self._pause()
        self.demo.param("AuthMethod", "SRP,CHAP")

    def authentication(self):
        self.acls["both"].attrib("authentication", 0)
        self._pause()
        self.acls["both"].attrib("authentication", 1)

    def discovery_free(self):
        self.discovery.enforce(False)
        self._pause()
        self.discovery.enforce(True)


class Helper(_Disturbances):
    """The helper, its keys and the clock."""

    def killed(self):
        helper.send_workers(signal.SIGKILL)

    def replaced(self):
        helper.send_workers(signal.SIGTERM)

    def stopped(self):
        helper.send_workers(signal.SIGSTOP)
        self._pause()
        helper.send_workers(signal.SIGCONT)

    def keyring_cleared(self):
        helper.end_backoff()

    def keys_revoked(self):
        """Root has no right to that."""
        for serial, *_ in helper.channels():
            for call in keyctl.revoke, keyctl.invalidate:
                try:
                    call(serial)
                except OSError:
                    continue
                raise AssertionError("root has ended a worker's key")

    def clock_set(self):
        for days in self.rng.choice((-9, 400)), 0:
            time.clock_settime(time.CLOCK_REALTIME,
                               self.booted + time.monotonic() + days * DAY)
            self._pause()

    def powers(self):
        with lio.Parameter("srp_precompute", self.rng.choice((0, 64))):
            self._pause()


FAILURES = {"failslab": {"ignore-gfp-wait": "N"},
            "fail_page_alloc": {"ignore-gfp-wait": "N", "min-order": "0"},
            "fail_usercopy": {}}
DEBUGFS = "/sys/kernel/debug"


class Faults:
    """Allocations and copies of the kernel's threads and of the helper fail, during a
    with block, one in so many."""

    def __init__(self, one_in):
        self.values = {"interval": str(one_in), "probability": "100", "times": "-1",
                       "verbose": "0", "task-filter": "Y"}

    def _set(self, **values):
        for failure, more in FAILURES.items():
            for name, value in (dict(self.values, **more) | values).items():
                lio.write("%s/%s/%s" % (DEBUGFS, failure, name), value)

    def __enter__(self):
        # Threads that begin later have it from kthreadd
        for pid in filter(str.isdigit, os.listdir("/proc")):
            with contextlib.suppress(OSError):      # it has ended
                if not lio.read("/proc/%s/cmdline" % pid):
                    lio.write("/proc/%s/make-it-fail" % pid, "1")
        self._set()

    def __exit__(self, *_):
        self._set(probability="0")
