#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# A worker stays while there are logins, and leaves when there are none
import time

import expect
import helper
from background import timed_login
from lio import Target, wait_for

target = Target()
target.acl().auth.srp()

with helper.Rule("/usr/sbin/iscsi-srpd --idle 7"):
    expect.equal(timed_login()[0], "0000", "first login")
    workers = helper.workers()
    expect.equal(len(workers), 1, "workers of one login")
    # Never idle for 7 s, for longer than that
    for _ in range(4):
        time.sleep(2.5)
        expect.equal(timed_login()[0], "0000", "login in between")
        expect.equal(helper.workers(), workers, "workers in between")
    # A read waits for 5 s, so it may take the second or the third
    wait_for(lambda: not helper.workers(), "the idle worker's end", 16)
    wait_for(lambda: not helper.channels(), "the end of its key")
    expect.equal(timed_login()[0], "0000", "login after the idle time")
    expect.true(helper.workers() and helper.workers() != workers,
                "a login after the idle time is another worker's")
