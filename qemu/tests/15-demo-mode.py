#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# In demo mode any initiator logs in with the portal group's SRP credentials
# log: failed with status 0[02]
import os

import expect
import lio
import openiscsi
import race
from initiator import Initiator, outcome
from lio import Target

target = Target()
target.demo()
target.auth.srp()
stranger = "iqn.2024-01.org.example:stranger"

with openiscsi.OpenIscsi(openiscsi.srp(), name=stranger) as initiator:
    initiator.login()
    openiscsi.exchange_data(openiscsi.disk(), target.image)

expect.equal(outcome(lambda i: i.srp(), name=stranger, password="wrong"),
             "0201", "wrong password in demo mode")

# With an ACL, its own credentials are used, not the portal group's
target.acl("iqn.2024-01.org.example:member").auth.srp(password="of the ACL")
member = {"name": "iqn.2024-01.org.example:member"}
expect.equal(outcome(lambda i: i.srp(), **member), "0201",
             "an ACL's initiator with the portal group's password")
with Initiator(password="of the ACL", **member) as i:
    i.login()
    i.logout()

# Several logins of a name that nobody has had so far get one ACL.  An ACL that is
# created takes the place of a generated one: none is left if there was only one.
for count in range(10):
    name = "iqn.2024-01.org.example:new-%d" % count
    initiators = [Initiator(name=name, timeout=race.TIMEOUT) for _ in range(4)]
    for i in initiators:
        i.send([("AuthMethod", "SRP")])
    for i in initiators:
        expect.equal(i.recv().keys.get("AuthMethod"), "SRP", "the method")
        i.user()
        i.ephemeral()
        i.prove()
    expect.equal(race.finish(initiators), ["0000"] * 4, "logins of a new name")
    expect.equal([race.answers(i) for i in initiators], [True] * 4,
                 "sessions that answer")
    generated = target.tpg + "/dynamic_sessions"
    expect.equal(lio.read(generated).count(name), 4, "sessions of " + name)
    os.mkdir("%s/acls/%s" % (target.tpg, name))
    expect.equal(lio.read(generated).count(name), 0, "sessions of another ACL")
    for i in initiators:
        i.close()
