#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# After a failed start, the helper is started again after five seconds
# log: failed with status 0[023]
# log: the helper
import time

import expect
import fakehelper
import helper
import lio
from background import timed_login
from lio import Target

lio.no_precompute()                     # only the jobs of logins
target = Target()
target.acl().auth.srp()
rule = lio.read(helper.RULE) + "\n"

with helper.fake("exit"):
    start = time.monotonic()
    # Until then, logins fail immediately, start nothing and do not extend the back-off
    while time.monotonic() < start + 3.5:
        expect.equal(timed_login()[0], "0301", "login during the back-off")
        time.sleep(0.2)
    expect.equal(fakehelper.account().count("start"), 2,
                 "starts during the back-off")

    with open(helper.RULE, "w", encoding="utf-8") as f:
        f.write(rule)
    ended = ""
    while ended != "0000" and time.monotonic() < start + 30:
        ended = timed_login()[0]
        time.sleep(0.2)
    expect.equal(ended, "0000", "login after the back-off")
    expect.within(time.monotonic() - start, 12, "the back-off")

# An admin can end the back-off after fixing the cause
with helper.no_helper():
    expect.equal(timed_login()[0], "0301", "login without helper")
    with open(helper.RULE, "w", encoding="utf-8") as f:
        f.write(rule)
    helper.end_backoff()
    expect.equal(timed_login()[0], "0000", "login after keyctl clear")
