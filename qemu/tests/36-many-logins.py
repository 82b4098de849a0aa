#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# 128 parallel logins over 16 portal groups all succeed, and so do 64 over one
import expect
import helper
import tracing
from background import login
from lio import Target

TARGETS, EACH, ONE = 16, 8, 64
how = []
for number in range(TARGETS):
    name = "iqn.2024-01.org.example:t%d" % number
    target = Target(name, "127.0.0.1:%d" % (3260 + number))
    target.acl().auth.srp()
    how.append({"target": name, "portal": ("127.0.0.1", 3260 + number),
                "timeout": 50})


def at_once(hows):
    with tracing.Trace() as events:
        attempts = [login(**each) for each in hows]
        ends = [attempt.result(55) for attempt in attempts]
    expect.equal([end for end in ends if end != "0000"], [],
                 "logins that did not come through")
    expect.equal(len(events.of("login")), len(hows), "logins traced")


at_once(how * EACH)
at_once(how[:1] * ONE)
expect.true(1 <= len(helper.workers()) <= 4, "workers: %d" %
            len(helper.workers()))
