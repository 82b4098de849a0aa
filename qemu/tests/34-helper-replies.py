#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# Helper replies that are garbage, too short, too long, for another job, or repeated
# timeout: 180
# log: failed with status 0[023]
# log: the helper
import expect
import fakehelper
import helper
from background import timed_login
import lio
from lio import Target

lio.no_precompute()                     # only the jobs of logins
target = Target()
target.acl().auth.srp()

GOOD = ("good", "twice")
table = expect.Table()
for mode in fakehelper.ANSWERS:
    with helper.fake(mode):
        ended, seconds = timed_login()
        log = fakehelper.account()
    table.row(mode, ended, "0000" if mode in GOOD else ("0300", "0301"))
    table.row(mode + ": in time", seconds < 6 * expect.PATIENCE, True)
    if mode not in GOOD + ("failed", "bad-job", "zero"):
        table.row(mode + ": refused to the sender", "update: ok" in log, False)
table.end()
expect.equal(timed_login()[0], "0000", "login with the real helper")
