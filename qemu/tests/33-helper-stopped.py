#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# If a worker is stopped past the deadline, another does its job, or 0301 comes in time
# log: failed with status 0[023]
# log: the helper
import os
import signal

import expect
import fakehelper
import helper
from background import login, timed_login
import lio
from lio import Target, wait_for

lio.no_precompute()                     # only the jobs of logins
target = Target()
target.acl().auth.srp()

# idle, then stopped
expect.equal(timed_login()[0], "0000", "first login")
helper.send_workers(signal.SIGSTOP)
ended, seconds = timed_login()
expect.one_of(ended, ("0000", "0301"), "login with a stopped worker")
expect.within(seconds, 9, "login with a stopped worker")
helper.send_workers(signal.SIGCONT)
expect.equal(timed_login()[0], "0000", "login once the worker goes on")

# while it has a job
with helper.fake("hold"):
    attempt = login()
    wait_for(lambda: " job " in fakehelper.account(), "a job in flight")
    for pid in helper.workers():
        os.kill(pid, signal.SIGSTOP)
    expect.equal(attempt.result(9), "0301", "login whose job is held")
    ended, seconds = timed_login()
    expect.equal(ended, "0301", "next login")
    expect.within(seconds, 9, "next login")
expect.equal(timed_login()[0], "0000", "login once the worker is gone")
