#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# Discovery with SRP: right, wrong and no credentials; a record keeps its own
# log: failed with status 0[02]
import expect
import openiscsi
from initiator import TARGET, Initiator, outcome
from lio import Discovery, Target

target = Target()
acl = target.acl()
acl.auth.srp(password="another password")
discovery = Discovery(enforce=True)
discovery.srp()

with openiscsi.OpenIscsi(
        openiscsi.for_discovery(openiscsi.srp())) as initiator:
    status, found = initiator.discover()
    expect.equal((status, found), (0, [TARGET]),
                 "discovery: " + initiator.output)
    # iscsid.conf has nothing for nodes: the record has SRP, and keeps it
    for key, value in openiscsi.srp(password="another password").items():
        initiator.update(key, value)
    for how in [], ["-o", "update"], ["-o", "new"]:
        initiator.must("-m", "discovery", "-t", "sendtargets", "-p",
                       "127.0.0.1:3260", *how)
        expect.equal(initiator.try_login(add=False), 0,
                     "login after %s: %s" % (how, initiator.output))
        initiator.logout()
    # A login with the discovery uses it as well
    initiator.must("-m", "discovery", "-t", "sendtargets", "-p",
                   "127.0.0.1:3260", "-o", "new", "-l")
    initiator.logout()
with openiscsi.OpenIscsi(openiscsi.for_discovery(
        openiscsi.srp(password="another password"))) as initiator:
    status, found = initiator.discover()
    expect.true(status != 0, "discovery with the password of the ACL")
with openiscsi.OpenIscsi() as initiator:
    status, found = initiator.discover()
    expect.true(status != 0, "discovery without authentication")

with Initiator(discovery=True) as i:
    i.login()
    expect.equal(i.send_targets(), [TARGET], "SendTargets")
    i.logout()
expect.equal(outcome(lambda i: i.srp(), discovery=True, user="bob"), "0201",
             "unknown user of discovery")
