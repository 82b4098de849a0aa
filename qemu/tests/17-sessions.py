#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# Several initiators log in at the same time, each with its own credentials
# log: failed with status 0[02]
import expect
from initiator import Initiator, outcome
from lio import Target

target = Target()
names = ["iqn.2024-01.org.example:host%d" % n for n in range(4)]
groups = ["SRP-1536", "SRP-2048", "MODP-3072", "MODP-4096"]
for name, group in zip(names, groups):
    target.acl(name).auth.srp(user=name[-5:], password=name,
                              groups=("SRP-1536", group))

sessions = []
for name in names + names:
    i = Initiator(name=name, user=name[-5:], password=name)
    i.login()
    sessions.append(i)
for i in sessions:
    expect.true(i.ping(), "session of " + i.name)
expect.equal(outcome(lambda i: i.srp(), name=names[0], user=names[1][-5:],
                     password=names[1]), "0201",
             "the credentials of another initiator's ACL")
expect.equal(target.statistics()["accepts"], len(sessions), "accepted logins")
for i in sessions:
    expect.equal(i.logout(), 0, "logout")
    i.close()
