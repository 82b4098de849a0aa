#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# The real initiator, set to SRP, rejects targets that offer only CHAP or None
# versions: both
# log: failed with status 0[02]
import expect
import openiscsi
from lio import Target

target = Target()
acl = target.acl()
acl.auth.srp()
acl.auth.chap()
table = expect.Table()

with openiscsi.OpenIscsi(openiscsi.srp()) as initiator:
    initiator.add()
    for methods, authentication in (("CHAP", 1), ("CHAP,None", 1),
                                    ("None", 0), ("CHAP,None", 0)):
        target.param("AuthMethod", methods)
        target.attrib("authentication", authentication)
        status, _ = initiator.node("-l")
        what = "AuthMethod=%s authentication=%d" % (methods, authentication)
        table.row(what, status == 0, False)
        table.row(what + ": sessions", openiscsi.sessions(), [])
        if status == 0:
            initiator.logout()
    table.end()
    target.attrib("authentication", 1)
    target.param("AuthMethod", "SRP")
    status, output = initiator.node("-l")
    expect.equal(status, 0, "login with SRP at last: " + output)
