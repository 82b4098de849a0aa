#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# A login reinstates a session only after it has authenticated
# log: failed with status 0[02]
import expect
from initiator import Initiator, outcome
from iscsi import Closed
from lio import Target

target = Target()
target.acl().auth.srp()

with Initiator() as old:
    old.login()
    isid = {"isid": old.isid}
    table = expect.Table()
    for what, script, how in (
            ("wrong password", lambda i: i.srp(), {"password": "wrong"}),
            ("None", lambda i: i.none("None"), {}),
            ("operational stage at once", lambda i: i.operational(), {}),
            ("half a login", lambda i: i.start("SRP"), {})):
        outcome(script, **isid, **how)
        table.row("session after: " + what, old.ping(), True)
    table.end()
    with Initiator(**isid) as new:
        new.login()
        try:
            old.ping()
            raise AssertionError("the old session was not closed")
        except Closed:
            pass
        expect.true(new.ping(), "the new session answers")
        new.logout()
