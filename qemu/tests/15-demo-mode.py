#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# In demo mode any initiator logs in with the portal group's SRP credentials
# log: failed with status 0[02]
import expect
import openiscsi
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
