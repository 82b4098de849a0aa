#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# Every order of AuthMethod, and malformed ones: demo mode requires authentication
# log: failed with status 0[02]
import expect
import methods
from lio import Target

target = Target()
target.demo()
target.auth.srp()
target.auth.chap()

table = expect.Table()
methods.every_list(table, ("SRP", "CHAP,SRP", "None,SRP", "SRP,CHAP,None"),
                   lambda value: target.param("AuthMethod", value), True, {})
target.param("AuthMethod", "SRP,CHAP")
methods.malformed(table, {})
for value in "SRP", "SRP,CHAP,None":
    target.param("AuthMethod", value)
    methods.no_way_in(table, {})
table.end()
