#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# A request that the target rejects uses up nothing of its session
import expect
import iscsi
from initiator import Initiator
from lio import Discovery, Target

REQUESTS = 400                          # more than a session has tags
NOT_FINAL = "a ping that is not final", iscsi.NOP_OUT, 0
CONTINUES = "text that continues", iscsi.TEXT, iscsi.FINAL | iscsi.CONTINUE

Target(methods="None", authentication=0).acl()
Discovery(enforce=False)
for discovery, (what, opcode, flags), request in (
        (False, NOT_FINAL, Initiator.ping), (False, CONTINUES, Initiator.ping),
        (True, CONTINUES, Initiator.send_targets)):
    with Initiator(discovery=discovery) as i:
        i.login("None")
        try:
            for _ in range(REQUESTS):
                i.rejected(opcode, flags)
                # LIO takes the acknowledgement of a Reject from what it accepts
                expect.true(request(i), what + ": a request afterwards")
        except (TimeoutError, iscsi.Closed) as error:
            raise AssertionError("%s: %r" % (what, error)) from None
        expect.equal(i.logout(), 0, "logout")
