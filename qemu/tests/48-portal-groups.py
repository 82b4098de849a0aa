#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# Many logins at one portal group do not delay logins at another one
# log: failed with status 0[02]
# log: the helper
import expect
import helper
import lio
from background import Background, login, timed_login
from initiator import Initiator
from lio import Target

CROWD, EACH = 8, 4
OTHER = {"target": "iqn.2024-01.org.example:other",
         "portal": ("127.0.0.1", 3261)}

lio.no_precompute()                     # each login submits its own jobs
Target().acl().auth.srp(groups=("MODP-4096",))
Target(OTHER["target"], "127.0.0.1:3261").acl().auth.srp()
helper.reset()


def leave():
    """Log in repeatedly and disconnect with a job in the queue."""
    for _ in range(EACH):
        with Initiator(timeout=50) as i:
            i.start("SRP")
            i.user()


expect.equal(timed_login(**OTHER)[0], "0000", "login without a crowd")
crowd = [login(timeout=50) for _ in range(CROWD)] + \
        [Background(leave) for _ in range(CROWD)]
for _ in range(3):
    expect.equal(timed_login(**OTHER)[0], "0000", "login beside a crowd")
for each in crowd[:CROWD]:
    expect.equal(each.result(50), "0000", "login in the crowd")
for each in crowd[CROWD:]:
    each.result(50)
