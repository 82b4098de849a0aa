#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# If a worker is killed while it has a job, another does the job and no login hangs
# log: failed with status 0[023]
# log: the helper
import os
import signal
import threading
import time

import expect
import fakehelper
import helper
import lio
import tracing
from background import timed_login
from lio import Target

lio.no_precompute()                     # only the jobs of logins
target = Target()
target.acl().auth.srp()

with helper.fake("die-once"), tracing.Trace() as events:
    ended, seconds = timed_login()
expect.equal(ended, "0000", "login whose first worker died")
expect.within(seconds, 9, "login whose first worker died")
expect.equal(len(events.of("requeue")), 1, "jobs queued again")

with helper.fake("die"):
    ended, seconds = timed_login()
expect.equal(ended, "0301", "login whose every worker died")
expect.within(seconds, 9, "login whose every worker died")
expect.true(2 <= fakehelper.account().count(" job ") <= 4,
            "a job is tried twice: " + fakehelper.account())

# Kill the real helper repeatedly while it works
over = threading.Event()


def killer():
    while not over.is_set():
        for pid in helper.workers():
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        time.sleep(0.05)


thread = threading.Thread(target=killer)
thread.start()
try:
    end = time.monotonic() + 3
    while time.monotonic() < end:
        ended, seconds = timed_login()
        expect.one_of(ended, ("0000", "0300", "0301"), "login under fire")
        expect.within(seconds, 14, "login under fire")
finally:
    over.set()
    thread.join()
helper.reset()
expect.equal(timed_login()[0], "0000", "login afterwards")
