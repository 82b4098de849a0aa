#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# Each job is submitted once and ends once, and a login has two jobs
# log: failed with status 0[023]
# log: the helper
from collections import Counter

import expect
import helper
import tracing
from background import timed_login
from initiator import Initiator
import lio
from lio import Target

lio.no_precompute()                     # only the jobs of logins
target = Target()
acl = target.acl()
acl.auth.srp(groups=("SRP-1536", "SRP-2048"))
helper.reset()


def ids(events, *names):
    return Counter(event.field["id"] for name in names
                   for event in events.of(name))


def account(events, what):
    submitted = ids(events, "submit")
    expect.equal(max(submitted.values()), 1, what + ": a job submitted twice")
    expect.equal(ids(events, "complete", "cancel"), submitted,
                 what + ": jobs that ended, and jobs submitted")
    expect.true(not set(ids(events, "pop")) - set(submitted),
                what + ": a job popped that was not submitted")


with tracing.Trace() as events:
    expect.equal(timed_login()[0], "0000", "login")
    # The helper may start to work before the kernel learns that it was started
    lio.wait_for(lambda: "iscsi_srp_activate" in events.read(),
                 "the start of a helper in the trace")
account(events, "one login")
expect.equal([event.field["op"] for event in events.of("submit")],
             ["EPHEMERAL", "SESSION"], "jobs of a login")
expect.equal([event.field["error"] for event in events.of("complete")],
             ["0", "0"], "their errors")
expect.equal([event.field["error"] for event in events.of("activate")],
             ["0"], "helpers started")
expect.equal([event.field["status"] for event in events.of("login")],
             ["0000"], "logins")
expect.equal([event.field["step"] for event in events.of("step")],
             ["SRP_U", "SRP_A", "SRP_M"], "requests answered")
expect.true(all(int(event.field["took_us"]) > 0 for event in events.of("step")),
            "requests answered in no time: " + events.raw)
expect.true("alice" not in events.raw, "the user's name is traced")

with tracing.Trace() as events:
    timed_login()
    timed_login(lambda i: i.srp(), password="wrong")
    timed_login(lambda i: i.srp(), user="bob")
    timed_login(lambda i: i.srp(group="SRP-1536"))  # not the expected one
    for _ in range(5):
        with Initiator() as i:
            i.start("SRP")
            i.user()
            i.send([("SRP_A", "0x02"), ("SRP_GROUP", "SRP-1536")])
    timed_login()
account(events, "several logins")
expect.equal(Counter(event.field["status"] for event in events.of("login")
                     if event.field["status"][:2] != "03"),
             Counter({"0000": 3, "0201": 2}), "logins traced")

with helper.fake("die-once"), tracing.Trace() as events:
    expect.equal(timed_login()[0], "0000", "login whose first worker died")
account(events, "a worker died")
expect.equal(max(ids(events, "requeue").values()), 1, "requeued once")

with helper.no_helper(), tracing.Trace() as events:
    expect.equal(timed_login()[0], "0301", "login without a helper")
account(events, "no helper")
expect.true(all(event.field["error"] != "0" for event in
                events.of("activate") + events.of("complete")),
            "an error that is not traced: " + events.raw)
