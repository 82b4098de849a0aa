#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# Every order of AuthMethod, and malformed ones: discovery requires authentication
# log: failed with status 0[02]
import expect
import methods
from lio import Discovery, Target

target = Target(authentication=0, methods="None")
discovery = Discovery(enforce=True)
how = {"discovery": True}
table = expect.Table()

discovery.srp()
methods.every_list(table, ["SRP"], lambda value: None, True, how)
methods.malformed(table, how)
methods.no_way_in(table, how)

discovery.chap()
methods.every_list(table, ["SRP,CHAP"], lambda value: None, True, how)
methods.no_way_in(table, how)

discovery.no_srp()
methods.every_list(table, ["CHAP"], lambda value: None, True, how)
methods.malformed(table, how)
methods.no_way_in(table, how)
table.end()
