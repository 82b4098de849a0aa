#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# An initiator that acknowledges no answer uses up its session's tags; the connection and
# the session end when it leaves
# log: SNACK request while in ErrorRecoveryLevel=0
import expect
import iscsi
from initiator import Initiator
from iscsi import Pdu
from lio import Target, held, wait_for

REQUESTS = 400                          # more than a session has tags
SNACK = 0x10


def snack(i):
    """Without error recovery it is answered with a Reject."""
    i.wire.send(Pdu(SNACK, iscsi.FINAL, itt=0xffffffff))


target = Target()
acl = target.acl()
acl.auth.srp()
for request in snack, Initiator.send_ping:
    with Initiator() as i:
        i.login()
        port = i.wire.sock.getsockname()[1]
        for _ in range(REQUESTS):
            request(i)
    wait_for(lambda: port not in held(), "the end of the connection", 15)
    wait_for(lambda: "No active iSCSI Session" in acl.session(), "the end of the session", 15)
with Initiator() as i:
    expect.true(i.login().ping(), "a login after them")
