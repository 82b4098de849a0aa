#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# Other users of keys are not blocked while a worker or an upcall waits
# log: failed with status 0[023]
# log: the helper
import time

import expect
import fakehelper
import helper
import keyctl
from background import login, timed_login
from lio import Target, wait_for

target = Target()
target.acl().auth.srp()


def neighbours(when):
    start = time.monotonic()
    try:
        keyctl.request_key("user", "lio-srp:" + when, "info")
        expect.true(False, "a key that does not exist")
    except OSError as error:
        expect.one_of(error.errno, (126, 129, 128), "request_key, " + when)
    key = keyctl.add_key("user", "lio-srp:" + when, b"value")
    expect.equal(keyctl.read(key, 16)[1], b"value", "key of type user")
    keyctl.update(key, b"other")
    keyctl.unlink(key, keyctl.SESSION_KEYRING)
    ring = keyctl.add_key("keyring", "lio-srp:ring", b"")
    keyctl.clear(ring)
    expect.within(time.monotonic() - start, 4, "key calls " + when)


keyctl.join_session()
expect.equal(timed_login()[0], "0000", "login")
expect.true(helper.workers(), "no worker waits")
neighbours("while a worker waits")

with helper.fake("hold"):
    attempt = login()
    wait_for(lambda: " job " in fakehelper.account(), "a job in flight")
    neighbours("while a job is held")
attempt.result()

with helper.fake("never"):
    attempt = login()
    wait_for(lambda: "start" in fakehelper.account(), "an upcall")
    neighbours("while the upcall is not answered")
attempt.result()
