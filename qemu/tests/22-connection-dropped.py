#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# An initiator that disconnects while its job is in flight leaves nothing behind
# log: failed with status 0[023]
# log: the helper
import expect
import fakehelper
import helper
import tracing
from background import timed_login
from initiator import Initiator
from lio import Target, wait_for

target = Target()
target.acl().auth.srp()

with helper.fake("hold"), tracing.Trace() as events:
    with Initiator() as i:
        i.start("SRP")
        i.user()
        i.send([("SRP_A", "0x02"), ("SRP_GROUP", "SRP-1536")])
        wait_for(lambda: " job " in fakehelper.account(), "a job in flight")
    # the end of that login frees the portal group for the next one
    wait_for(lambda: "iscsi_srp_cancel" in events.read(),
             "the job's cancellation", 2)
expect.equal(len(events.of("complete")), 0, "completed jobs")

for _ in range(20):
    with Initiator() as i:
        i.start("SRP")
        i.user()
ended, seconds = timed_login()
expect.equal(ended, "0000", "login afterwards")
expect.within(seconds, 3, "login afterwards")
