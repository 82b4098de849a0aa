#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# Discovery with SRP: right, wrong and no credentials; records keep their own
# versions: both
# log: failed with status 0[02]
import expect
import openiscsi
from initiator import TARGET, Initiator, outcome
from lio import Discovery, Target, wait_for

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

# iscsid.conf has nothing: the records have SRP. iscsid discovers and logs in
# by itself, also after the password of discovery was replaced.
PORTAL = ["-t", "sendtargets", "-p", "127.0.0.1:3260"]
with openiscsi.OpenIscsi() as initiator:
    initiator.must("-m", "discoverydb", *PORTAL, "-o", "new")
    for key, value in openiscsi.for_discovery(openiscsi.srp()).items():
        initiator.update_discovery(key, value)
    initiator.discover()
    expect.equal(initiator.discover(), (0, [TARGET]), "discovery twice")
    for key, value in openiscsi.srp(password="another password").items():
        initiator.update(key, value)
    initiator.update_discovery("discovery.sendtargets.use_discoveryd", "Yes")
    initiator.update_discovery("discovery.sendtargets.discoveryd_poll_inval",
                               "1")
    initiator.stop()
    initiator.start()
    wait_for(openiscsi.sessions, "iscsid's own login", 10, step=0.1)
    discovery.srp(password="new password")
    initiator.update_discovery("discovery.sendtargets.auth.srp_password",
                               "new password")
    initiator.logout()
    wait_for(openiscsi.sessions, "iscsid's login afterwards", 10, step=0.1)
    # Or iscsid logs in once more after the logout
    initiator.update_discovery("discovery.sendtargets.use_discoveryd", "No")
    initiator.stop()
    initiator.start()
discovery.srp()

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
