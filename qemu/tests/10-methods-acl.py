#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# Every order of AuthMethod, and malformed ones: an ACL requires authentication
# log: failed with status 0[02]
import expect
import methods
from lio import Target

target = Target()
acl = target.acl()
acl.auth.srp()
acl.auth.chap()
target.attrib("authentication", 0)      # the ACL's own attribute takes precedence
acl.attrib("authentication", 1)

table = expect.Table()
methods.every_list(table, methods.lists(),
                   lambda value: target.param("AuthMethod", value), True, {})
target.param("AuthMethod", "SRP,CHAP")
methods.malformed(table, {})
for value in "SRP", "CHAP", "SRP,CHAP", "SRP,CHAP,None", "None,SRP":
    target.param("AuthMethod", value)
    methods.no_way_in(table, {})
table.end()
