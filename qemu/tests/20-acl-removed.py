#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# An ACL is removed while its initiator logs in, with and without a job in flight
# log: failed with status 0[023]
# log: the helper
import expect
import fakehelper
import helper
from background import Background, login, timed_login
from initiator import Initiator, ended
from lio import Target, wait_for

target = Target()


def removed_at(steps):
    """Remove the ACL after some steps, continue, and return the outcome."""
    acl = target.acl()
    acl.auth.srp()
    with Initiator() as i:
        def take(steps):
            for step in steps:
                getattr(i, step)(*(("SRP",) if step == "start" else ()))
            return "0000"

        take(steps)
        removal = Background(acl.remove)
        removal.thread.join(0.3)
        status = ended(lambda: take(
            step for step in ("start", "user", "ephemeral", "prove", "operational")
            if step not in steps))
    removal.result(20)
    return status


table = expect.Table()
for steps in (["start"], ["start", "user"], ["start", "user", "ephemeral"]):
    removed_at(steps)                   # either outcome is fine, a crash is not
    table.row("login without an ACL, after " + steps[-1], timed_login()[0],
              ("0202", "0203"))
table.end()

with helper.fake("hold"):
    acl = target.acl()
    acl.auth.srp()
    attempt = login()
    wait_for(lambda: " job " in fakehelper.account(), "a job in flight")
    removal = Background(acl.remove)
    expect.true(attempt.result(8) != "0000", "login without a result")
    removal.result(20)

acl = target.acl()
acl.auth.srp()
expect.equal(timed_login()[0], "0000", "login with the ACL created again")
