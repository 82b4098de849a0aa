#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# After a restart of iscsid, a dropped connection logs in again, as its record says now
# versions: both
# log: failed with status 0[023]
import expect
import lio
import openiscsi
import tracing
from helper import processes
from lio import Target

NOPS = {"node.conn[0].timeo.noop_out_interval": "1",
        "node.conn[0].timeo.noop_out_timeout": "2"}
AUTH = "node.session.auth."


def cut():
    """Close every connection."""
    target.enable(False)
    target.enable()


def restart(initiator):
    initiator.stop()
    initiator.start()


def state():
    session, = openiscsi.sessions()
    return lio.read("%s/%s/state" % (openiscsi.SESSIONS, session))


target = Target()
auth = target.acl().auth
auth.srp()

with openiscsi.OpenIscsi(openiscsi.srp(), NOPS) as initiator:
    initiator.login()
    disk = openiscsi.disk()
    openiscsi.exchange_data(disk, target.image)
    restart(initiator)
    openiscsi.wait_logged_in()
    with tracing.Trace() as events:
        cut()
        openiscsi.exchange_data(disk, target.image)
    expect.true(len(events.of("login")) >= 1,
                "no login by SRP after the connection was cut: " + events.raw)

    # The record has no SRP any more: iscsid says so and leaves the session up
    initiator.update(AUTH + "authmethod", "None")
    restart(initiator)
    lio.wait_for(lambda: "it stays up, but" in lio.read(initiator.log),
                 "iscsid's message", 10)
    openiscsi.exchange_data(disk, target.image)
    expect.equal(initiator.try_login(add=False), 15, "a login beside it")
    # It never logs in again without SRP, but as soon as the record has it
    with tracing.Trace() as events:
        cut()
        lio.wait_for(lambda: state() == "FAILED", "the end of the connection")
        restart(initiator)
        # Other sessions do not wait for this one to be taken over
        lio.wait_for(lambda: len(processes("iscsid")) == 1,
                     "the end of the take-over", 5)
        auth.srp(password="new password")
        initiator.update(AUTH + "srp_password", "new password")
        initiator.update(AUTH + "authmethod", "SRP")
        openiscsi.exchange_data(disk, target.image)
    expect.equal(len(events.of("login")), 1, "logins by SRP: " + events.raw)
    # Nor is it in the way of a logout
    initiator.update(AUTH + "authmethod", "None")
    restart(initiator)
    lio.wait_for(lambda: lio.read(initiator.log).count("it stays up, but") == 3,
                 "iscsid's message", 10)
    initiator.logout()
    expect.equal(openiscsi.sessions(), [], "sessions")

# CHAP: the same
target.param("AuthMethod", "CHAP")
auth.chap(password="old password")
with openiscsi.OpenIscsi(openiscsi.chap(password="old password"),
                         NOPS) as initiator:
    initiator.login()
    disk = openiscsi.disk()
    auth.chap(password="new password")
    initiator.update(AUTH + "password", "new password")
    cut()
    openiscsi.exchange_data(disk, target.image)
