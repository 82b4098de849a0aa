#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# A worker starts with the first credentials, even without powers; the last one stays
# while there are credentials, and exits without them
# log: the helper
import time

import expect
import helper
from background import timed_login
from lio import Target, no_precompute, wait_for

no_precompute()                         # one worker, started by the login
target = Target()
acl = target.acl()
acl.auth.srp()
helper.reset()

with helper.Rule(helper.PROGRAM + " --idle 1"):
    expect.equal(timed_login()[0], "0000", "first login")
    workers = [helper.only_worker(2)]   # of one login
    # Longer than a read waits: 5 s
    time.sleep(8)
    expect.equal(helper.workers(), workers, "workers that users may need")
    acl.auth.no_srp()
    wait_for(lambda: not helper.workers(), "the idle worker's end", 16)
    wait_for(lambda: not helper.channels(), "the end of its key")
    acl.auth.srp()
    wait_for(helper.workers, "a worker for new credentials")
    expect.equal(timed_login()[0], "0000", "login after the idle time")
    expect.true(helper.workers() != workers,
                "a login after the idle time is another worker's")
