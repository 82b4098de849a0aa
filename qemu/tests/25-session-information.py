#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# iscsiadm -m session -P 2 shows a session's method and group, whatever others ask iscsid
# versions: both
import socket
import struct
import time

import expect
import lio
import openiscsi
from lio import Target

PASSWORD = "password123"
CHAP = "CHAP:\n*****\nusername: %s\npassword: ********\n"
SRP = "SRP:\n****\nusername: %s\ngroup: %s\ntarget proved itself: %s\n"


def shown(initiator, *how):
    """The lines of -P 2, stripped."""
    _, text = initiator.iscsiadm("-m", "session", "-P", "2", *how)
    return "".join(line.strip() + "\n" for line in text.splitlines())


def logged_in(settings, wanted, other, after=lambda initiator: None):
    with openiscsi.OpenIscsi(settings) as initiator:
        initiator.login()
        after(initiator)
        for how in (), ("-S",):
            text = shown(initiator, *how)
            expect.true((wanted in text or how) and other not in text,
                        "%r in %s" % (wanted, text))
            expect.equal(PASSWORD in text, bool(how) and "CHAP" in wanted,
                         "a password in " + text)
        initiator.logout()


def recovered(initiator):
    lio.wait_for(lambda: "after recovery" in lio.read(initiator.log),
                 "the next login", 10)


def restart(initiator):
    """Check without iscsid, and after a new iscsid has logged in again."""
    initiator.stop()
    text = shown(initiator)
    expect.true(SRP % ("alice", "MODP-3072", "Yes") in text, text)
    initiator.start()
    recovered(initiator)


def neighbours(initiator):
    """Requests of other versions: too short, or with an unknown number."""
    clients = []
    for request in (struct.pack("=II", 20, 0) + bytes(5000), b"\0",
                    struct.pack("=II", 1, 0) + bytes(5000)):
        client = socket.socket(socket.AF_UNIX)
        client.connect("\0" + openiscsi.SOCKET[1:])
        client.sendall(request)
        client.settimeout(5)
        clients.append(client)
    before = time.monotonic()
    text = initiator.must("-m", "session", "-P", "3")
    expect.within(time.monotonic() - before, 0.9, "-P 3 beside them")
    expect.true("LOGGED IN" in text, text)
    for client in clients:
        answer = client.recv(8)
        expect.equal(struct.unpack("=II", answer)[1], 16, "the answer")


target = Target()
auth = target.acl().auth
auth.srp(groups=("SRP-1536", "SRP-2048", "MODP-3072"))
logged_in(openiscsi.srp(), SRP % ("alice", "MODP-3072", "Yes"), "CHAP:",
          neighbours)
logged_in(openiscsi.srp(groups="SRP-2048", target_auth="No"),
          SRP % ("alice", "SRP-2048", "No"), "CHAP:")
logged_in(openiscsi.srp(), SRP % ("alice", "MODP-3072", "Yes"), "CHAP:",
          restart)


def other_group(initiator):
    """Break the connection after the target has changed to another group."""
    auth.srp(groups=("SRP-1536",))
    target.enable(False)
    target.enable()
    recovered(initiator)


logged_in(openiscsi.srp(), SRP % ("alice", "SRP-1536", "Yes"), "CHAP:",
          other_group)

# A user name of the maximum length
auth.srp(user="u" * 255)
with openiscsi.OpenIscsi(openiscsi.srp(user="u" * 255)) as initiator:
    initiator.login()
    expect.true("group: SRP-1536\n" in shown(initiator), "long name")
    initiator.logout()

# CHAP as before, including a user name that looks like the marker for SRP
lio.clear()
target = Target(methods="CHAP")
auth = target.acl().auth
for user in "alice", "SRP:alice":
    auth.chap(user=user)
    logged_in(openiscsi.chap(user=user), CHAP % user, "SRP:\n")
