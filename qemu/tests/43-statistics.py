#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# The target's statistics count each failed login once, by its reason
# log: failed with status 0[02]
import expect
from background import srp_login
from initiator import outcome
from lio import Target, wait_for

target = Target()
target.acl().auth.srp()


def counted(script, **how):
    """Counters that one login has incremented."""
    before = target.statistics()
    outcome(script, **how)
    wait_for(lambda: target.statistics() != before, "the statistics", 3)
    after = target.statistics()
    return {name: after[name] - before[name] for name in after
            if after[name] != before[name]}


def malformed(i):
    i.start("SRP")
    i.ask([("SRP_U", ""), ("TargetAuth", "No")])


table = expect.Table()
table.row("success", counted(srp_login), {"accepts": 1})
table.row("wrong password", counted(srp_login, password="wrong"),
          {"authenticate_fails": 1})
table.row("unknown user", counted(srp_login, user="bob"),
          {"authenticate_fails": 1})
table.row("None", counted(lambda i: i.none()), {"authenticate_fails": 1})
table.row("malformed", counted(malformed), {"negotiate_fails": 1})
table.row("unknown initiator", counted(srp_login, name="iqn.2024-01.org.x:y"),
          {"authorize_fails": 1})
table.row("hung up", counted(lambda i: i.start("SRP")),
          {"negotiate_fails": 1})
table.end()
