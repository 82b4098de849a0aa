#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# A helper that fails to start is not started again for every login
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

# A helper that ends without a word is tried twice
STARTS = {"exit": 2, "abort": 2, "wrong-hello": 2, "never": 1}

table = expect.Table()
for mode, starts in STARTS.items():
    with helper.fake(mode):
        for _ in range(2):
            ended, seconds = timed_login()
            table.row(mode, ended, "0301")
            table.row("%s: in time" % mode, seconds < 6 * expect.PATIENCE,
                      True)
        table.row(mode + ": starts", fakehelper.account().count("start"), starts)
    table.row("after " + mode, timed_login()[0], "0000")

# One that is killed during its start, as by an upgrade, fails no login
with helper.fake("killed-once"):
    table.row("killed once", timed_login()[0], "0000")
    table.row("killed once: starts", fakehelper.account().count("start"), 2)
table.end()
