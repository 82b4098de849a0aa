#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# Powers are computed in advance, for the groups in use, and each is used once
# log: the helper
import os
import signal

import expect
import helper
import lio
import tracing
from background import timed_login
from lio import Target, wait_for

POWERS = 8
precompute = lio.PARAMETERS + "/srp_precompute"

target = Target()
acl = target.acl()
helper.reset()


def made(events):
    return [e for e in events.of("complete")
            if e.field["op"] == "POWER" and e.field["error"] == "0"]


def made_now():
    return len([line for line in tracing.Trace.read().splitlines()
                if "iscsi_srp_complete" in line and "op=POWER" in line])


def login_jobs():
    """Operations of the jobs that one login submits."""
    with tracing.Trace() as events:
        expect.equal(timed_login()[0], "0000", "login")
        wait_for(lambda: made_now() >= 1, "a power in place of the one taken")
    return [e.field["op"] for e in events.of("submit")
            if e.field["op"] != "POWER"]


# Storing credentials starts a worker and fills the pool, before any login
with tracing.Trace() as events:
    acl.auth.srp(groups=("SRP-1536",))
    wait_for(lambda: made_now() == POWERS, "powers made in advance")
    helper.only_worker(2)               # before the first login
expect.equal({e.field["group"] for e in made(events)}, {"4"}, "groups by id")
for _ in range(2 * POWERS):
    expect.equal(login_jobs(), ["SESSION"], "jobs of a login with a full pool")

# A worker's death wipes all of them
for pid in helper.workers():
    os.kill(pid, signal.SIGKILL)
wait_for(lambda: not helper.channels(), "the death of the worker's key")
expect.equal(login_jobs(), ["EPHEMERAL", "SESSION"], "jobs of a login then")

# When disabled, existing powers are used and no new ones are computed
lio.write(precompute, "0")
helper.reset()
with tracing.Trace() as events:
    for _ in range(3):
        expect.equal(timed_login()[0], "0000", "login without powers")
expect.equal([e.field["op"] for e in events.of("submit")],
             ["EPHEMERAL", "SESSION"] * 3, "jobs without powers")
