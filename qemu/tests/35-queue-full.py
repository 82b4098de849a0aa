#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# A full queue rejects logins with 0302, and accepts jobs again when it has room
# log: failed with status 0[023]
# log: the helper
import expect
import fakehelper
import helper
from background import login, timed_login
from lio import Parameter, Target, wait_for

names = ["iqn.2024-01.org.example:t%d" % n for n in range(3)]
for number, name in enumerate(names):
    Target(name, "127.0.0.1:%d" % (3260 + number)).acl().auth.srp()


def where(number):
    return {"target": names[number], "portal": ("127.0.0.1", 3260 + number)}


with Parameter("srp_queue_len", 2), helper.fake("hold"):
    first = [login(**where(number)) for number in (0, 1)]
    wait_for(lambda: " job " in fakehelper.account(), "a job in flight")
    ended, seconds = timed_login(**where(2))
    expect.equal(ended, "0302", "login with a full queue")
    expect.within(seconds, 3, "login with a full queue")
for attempt in first:
    expect.one_of(attempt.result(8), ("0000", "0301"),
                  "login whose worker was killed with its job")
for number in range(3):
    expect.equal(timed_login(**where(number))[0], "0000", "login afterwards")
