#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# A session without connections is continued, reinstated, or ends when it has waited
# log: failed with status 0[023]
import contextlib

import expect
import race
from initiator import Initiator, outcome
from lio import Target, wait_for

NO_SESSION = "020a"


def values(retain):
    """At ErrorRecoveryLevel 2, a session outlives its connections."""
    return {"ErrorRecoveryLevel": "2", "DefaultTime2Retain": str(retain)}


def log_in(i):
    i.login()
    expect.true(i.ping(), "the session answers")


def state():
    """The session's state, or None."""
    words = acl.session().partition("Session State: TARG_SESS_")[2].split()
    return words[0] if words else None


@contextlib.contextmanager
def failed(retain):
    """Arguments of a login that names a session without connections."""
    with Initiator(values=values(retain)) as i:
        log_in(i)
    wait_for(lambda: state() == "STATE_FAILED", "the failed session")
    expect.equal(target.sessions(), 1, "failed sessions")
    yield {"isid": i.isid, "tsih": i.tsih, "timeout": race.TIMEOUT,
           "values": values(retain)}


target = Target()
target.attrib("default_erl", 2)
acl = target.acl()
acl.auth.srp()

with failed(20) as where:
    expect.equal(outcome(log_in, **{**where, "tsih": where["tsih"] ^ 0x4000}),
                 NO_SESSION, "another session")
    expect.equal(state(), "STATE_FAILED", "state of the session then")
    with Initiator(**where) as i:
        log_in(i)
        expect.equal(state(), "STATE_LOGGED_IN", "state when it goes on")
        expect.equal(target.sessions(), 1, "sessions when it goes on")
        expect.equal(i.logout(), 0, "logout")
    wait_for(lambda: target.sessions() == 0, "the end of the session")

with failed(20) as where:
    with Initiator(**{**where, "tsih": 0}) as i:
        log_in(i)
        wait_for(lambda: target.sessions() == 1, "the end of the failed session")
        expect.true(i.ping(), "the new session answers")
        expect.equal(i.logout(), 0, "logout")
    wait_for(lambda: target.sessions() == 0, "the end of the session")

# Half a login that names it does not make it wait for longer
with failed(1) as where, Initiator(**where) as half:
    half.start("SRP")
    wait_for(lambda: target.sessions() == 0, "the end of the failed session", 8)
expect.equal(outcome(log_in, **where), NO_SESSION, "a session that has ended")

# The target's end is the end of a session without connections, and nothing waits for it
with failed(20):
    target.enable(False)
    expect.equal(target.sessions(), 0, "sessions of a disabled portal group")
    target.enable()
with failed(20):
    acl.remove()
    expect.equal(target.sessions(), 0, "sessions of an ACL that was removed")
