#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# A wrong password is rejected and leaves no session; the right one then works
# log: failed with status 0[02]
import expect
import openiscsi
from lio import Target

target = Target()
target.acl().auth.srp()
AUTHORIZATION = 24                      # iscsiadm's status

with openiscsi.OpenIscsi(openiscsi.srp(password="password124")) as initiator:
    expect.equal(initiator.try_login(), AUTHORIZATION,
                 "status of a login with a wrong password")
    expect.equal(openiscsi.sessions(), [], "sessions")
    initiator.update("node.session.auth.srp_password", "password123")
    initiator.login(add=False)
