#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# If no authentication is required, None and SRP both work, and CHAP as before
# log: failed with status 0[02]
import expect
import methods
from lio import Target

target = Target(authentication=0)
acl = target.acl()
acl.auth.srp()
acl.auth.chap()

table = expect.Table()
for value in "SRP,CHAP,None", "None,SRP", "CHAP,None":
    target.param("AuthMethod", value)
    for offer in methods.lists():
        table.row("target %s, initiator %s" % (value, offer),
                  methods.negotiate({}, offer),
                  methods.expected(value, offer, False))
table.end()
