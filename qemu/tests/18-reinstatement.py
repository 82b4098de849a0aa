#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# A login reinstates a session only after it has authenticated
# log: failed with status 0[02]
import re

import expect
import openiscsi
from background import Background
from initiator import Initiator, outcome
from iscsi import Closed
from lio import Target, wait_for

target = Target()
acl = target.acl()
acl.auth.srp()

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

# Reinstatement of a session with I/O, which goes on in the session that the real
# initiator creates then
with openiscsi.OpenIscsi(openiscsi.srp()) as initiator:
    initiator.login()
    disk = openiscsi.disk()
    isid = bytes.fromhex(re.search("ISID: 0x([0-9a-f ]{17})",
                                   acl.session()).group(1))
    rounds = []

    def exchange():
        while len(rounds) < 5 or exchange.more:
            openiscsi.exchange_data(disk, target.image)
            rounds.append(None)

    exchange.more = True
    exchanged = Background(exchange)
    wait_for(lambda: rounds, "the first data", 10)
    with Initiator(isid=isid) as usurper:
        usurper.login()
        before = len(rounds)
        wait_for(lambda: len(rounds) > before + 1, "data afterwards", 20)
        try:
            usurper.wire.recv()
            raise AssertionError("a PDU in a session that was reinstated")
        except Closed:
            pass
    exchange.more = False
    exchanged.result()
    expect.equal(target.sessions(), 1, "sessions")
