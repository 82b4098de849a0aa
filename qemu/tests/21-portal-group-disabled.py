#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# A portal group is disabled while a job is in flight
# log: failed with status 0[023]
# log: the helper
import expect
import fakehelper
import helper
from background import Background, login, timed_login
from lio import Target, wait_for

target = Target()
target.acl().auth.srp()

with helper.fake("hold"):
    attempt = login()
    wait_for(lambda: " job " in fakehelper.account(), "a job in flight")
    disable = Background(lambda: target.enable(False))
    expect.true(attempt.result(8) != "0000", "login without a result")
    disable.result(20)
expect.true(timed_login()[0] != "0000", "login to a disabled portal group")
target.enable()
expect.equal(timed_login()[0], "0000", "login once it is enabled again")
