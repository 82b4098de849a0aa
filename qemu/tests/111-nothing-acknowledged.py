#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# An initiator that acknowledges no answer uses up its session's tags; the connection and
# the session end when it leaves
# log: ISCSI_FLAG_CMD_FINAL not set
import expect
import iscsi
from initiator import Initiator
from iscsi import Pdu
from lio import Target, held, wait_for

REQUESTS = 400                          # more than a session has tags


def malformed(i):
    """Its answer is a Reject."""
    i.wire.send(Pdu(iscsi.COMMAND | iscsi.IMMEDIATE, 0, itt=0x10))


target = Target()
acl = target.acl()
acl.auth.srp()
for request in malformed, Initiator.send_ping:
    with Initiator() as i:
        i.login()
        request(i)
        expect.true(i.ping(), "it ends the connection")
        port = i.wire.sock.getsockname()[1]
        for _ in range(REQUESTS):
            request(i)
    wait_for(lambda: port not in held(), "the end of the connection", 15)
    wait_for(lambda: "No active iSCSI Session" in acl.session(), "the end of the session", 15)
with Initiator() as i:
    expect.true(i.login().ping(), "a login after them")
