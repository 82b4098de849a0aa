#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# If credentials change during logins, each login uses the old or the new ones
# log: failed with status 0[02]
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
        acl.auth.srp(password="other", salt=b"\xff" * 16)
        acl.auth.no_srp()
        acl.auth.srp()


thread = threading.Thread(target=change)
thread.start()
try:
    ends = [outcome(lambda i: i.srp()) for _ in range(25)]
finally:
    over.set()
    thread.join()
expect.equal([end for end in ends if end not in ("0000", "0201", "0202")], [],
             "unexpected ends of logins")
acl.auth.srp()
expect.equal(outcome(lambda i: i.srp()), "0000", "login at rest")
