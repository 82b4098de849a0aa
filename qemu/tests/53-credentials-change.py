#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# If credentials are replaced during logins, file by file, a login works or has to try
# again
# log: failed with status 0[023]
import threading

import expect
from initiator import outcome
from lio import Target

target = Target()
acl = target.acl()
acl.auth.srp()
over = threading.Event()


def change():
    while not over.is_set():
        acl.auth.srp(salt=b"\xff" * 16)
        acl.auth.srp()


thread = threading.Thread(target=change)
thread.start()
try:
    ends = [outcome(lambda i: i.srp()) for _ in range(50)]
finally:
    over.set()
    thread.join()
expect.true("0000" in ends, "no login worked: %s" % ends)
expect.equal([end for end in ends if end not in ("0000", "0301")], [],
             "unexpected ends of logins")
expect.equal(outcome(lambda i: i.srp()), "0000", "login at rest")
expect.equal(outcome(lambda i: i.srp(), password="guess"), "0201",
             "wrong password at rest")
