#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# Without a helper a login fails with 0301 in time; with one the next login works
# log: failed with status 0[023]
# log: the helper
import os
import subprocess

import expect
import helper
from background import timed_login
import lio
from lio import Target

lio.no_precompute()                     # only the jobs of logins
target = Target()
target.acl().auth.srp()


def refused(what):
    for attempt in "first", "second":
        ended, seconds = timed_login()
        expect.equal(ended, "0301", "%s, %s login" % (what, attempt))
        expect.within(seconds, 9, "%s, %s login" % (what, attempt))


with helper.no_helper():
    refused("no rule of request-key")
expect.equal(timed_login()[0], "0000", "login once the rule is there")

with helper.Rule("/nonexistent/iscsi-srpd"):
    refused("no program")
expect.equal(timed_login()[0], "0000", "login once the program is there")

helper.reset()
os.rename("/sbin/request-key", "/sbin/request-key.away")
try:
    refused("no request-key")
finally:
    os.rename("/sbin/request-key.away", "/sbin/request-key")
helper.reset()
expect.equal(timed_login()[0], "0000", "login once request-key is there")

# Not a fault of the helper's: root has as many keys as it may have
helper.reset()
quota = "/proc/sys/kernel/keys/root_maxkeys"
before = lio.read(quota)
try:
    lio.write(quota, "1")
    refused("no room for a key")
finally:
    lio.write(quota, before)
expect.true(b"raise root_maxkeys" in subprocess.check_output(["dmesg"]),
            "the log does not say what to raise")
helper.reset()
expect.equal(timed_login()[0], "0000", "login once there is room")
