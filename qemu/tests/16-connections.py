#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# Each additional connection of a session authenticates separately
# log: failed with status 0[02]
import expect
from initiator import Initiator, outcome
from lio import Target, wait_for


def no_method(i):
    i.ask(transit=True)
    i.operational()


target = Target()
acl = target.acl()
acl.auth.srp()
target.param("MaxConnections", "4")

with Initiator() as first:
    first.login()
    session = {"isid": first.isid, "tsih": first.tsih}
    others = []
    for cid in 1, 2, 3:
        i = Initiator(cid=cid, **session)
        i.login()
        others.append(i)
    for i in [first] + others:
        expect.true(i.ping(), "connection %d answers" % i.cid)
    expect.equal(others.pop().logout(connection=True), 0,
                 "logout of a connection")

    table = expect.Table()
    for what, script, how in (
            ("wrong password", lambda i: i.srp(), {"password": "wrong"}),
            ("None", lambda i: i.none("None"), {}),
            ("operational stage at once", lambda i: i.operational(), {}),
            ("no AuthMethod", no_method, {})):
        table.row(what, outcome(script, cid=3, **session, **how),
                  ("0200", "0201", "closed"))
    table.end()
    for i in [first] + others:
        expect.true(i.ping(), "connection %d still answers" % i.cid)
    first.logout()                      # of the session
    wait_for(lambda: "No active" in acl.session(), "the session's end")
