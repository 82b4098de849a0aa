#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# SRP needs one more round trip than CHAP, and no PDU waits for an ack
import contextlib
import subprocess

import capture
import expect
import iscsi
import openiscsi
from expect import PATIENCE
from initiator import NAME, TARGET
from lio import Target

RTT = 40                                # ms
STALL = 0.035                           # s; a delayed ack takes 40 ms
LOGINS = 3                              # a delay in all of them is ours

target = Target(methods="SRP,CHAP")
acl = target.acl()
acl.auth.srp(groups=("SRP-2048",))
acl.auth.chap()


def by_iscsid(method):
    """(context manager, function that logs in once)."""
    settings = {"SRP": openiscsi.srp(), "CHAP": openiscsi.chap()}[method]
    initiator = openiscsi.OpenIscsi(settings, {"node.session.scan": "manual"})

    def login():
        initiator.login()
        initiator.logout()
    return initiator, login


def by_iscsi_login(method):
    def login():
        subprocess.run(["iscsi-login", "--initiator", NAME, "--method",
                        method.lower(), "--user", "alice", "--timeout",
                        str(15 * PATIENCE), "127.0.0.1", TARGET],
                       input="password123\n", text=True, check=True,
                       stdout=subprocess.DEVNULL)
    return contextlib.nullcontext(), login


def observe(login):
    """For each request of a login: whether it or its response was held back, and
    the seconds from its arrival until the response was sent."""
    with capture.Capture() as wire:
        login()
    requests, responses = [
        [m for m in wire.messages(from_target) if m.pdu.opcode == opcode]
        for from_target, opcode in ((False, iscsi.LOGIN),
                                    (True, iscsi.LOGIN_RSP))]
    expect.equal(len(requests), len(responses), "responses to login requests")
    steps = []
    for i, (request, response) in enumerate(zip(requests, responses)):
        expect.equal(response.pdu.status, "0000", "status of a login")
        if i:
            expect.true(request.first.time > responses[i - 1].last.time,
                        "a request before the response to the one before")
        steps.append((wire.waited(request), wire.waited(response),
                      response.first.time - request.last.time - RTT / 2000))
    return steps


def round_trips(who, method):
    """Round trips of a login.  No PDU may be held back in every login."""
    running, login = who(method)
    with running:
        login()                         # start the helper
        logins = [observe(login) for _ in range(LOGINS)]
    what = "%s, %s: step %%d: %%s" % (who.__name__, method)
    expect.equal(len({len(steps) for steps in logins}), 1,
                 "numbers of round trips of %s" % who.__name__)
    for i, times in enumerate(zip(*logins)):
        requests, responses, gaps = zip(*times)
        expect.true(not all(requests), what % (i, "the request waits for an "
                                               "ack of its first part"))
        expect.true(not all(responses), what % (i, "so does the response"))
        expect.true(min(gaps) < STALL, what % (i, "the response is late: %s" %
                                               (gaps,)))
    return len(logins[0])


capture.delay(RTT)
try:
    for who in by_iscsid, by_iscsi_login:
        expect.equal(round_trips(who, "SRP") - round_trips(who, "CHAP"), 1,
                     "round trips more than CHAP's, " + who.__name__)
finally:
    capture.delay(0)
