#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# A target that requires SRP rejects the real initiator's CHAP and None
# versions: both
# log: failed with status 0[02]
import expect
import openiscsi
from lio import Target

target = Target()
acl = target.acl()
acl.auth.srp()
acl.auth.chap()                         # valid, but the method is not allowed
table = expect.Table()

for what, settings in (("None", {}), ("CHAP", openiscsi.chap())):
    with openiscsi.OpenIscsi(settings) as initiator:
        table.row(what, initiator.try_login() == 0, False)
        table.row(what + ": sessions", openiscsi.sessions(), [])
table.end()

with openiscsi.OpenIscsi(openiscsi.srp()) as initiator:
    initiator.login()
