#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# A portal, portal group or target ends while 200 logins are in flight, and comes back
# timeout: 120
# log: failed with status 0[023]
# log: the helper
import contextlib
import socket
import time

import crowd
import expect
import fakehelper
import helper
import lio
from background import Background
from initiator import Initiator, ended, outcome
from lio import Target, held, wait_for

EACH = 50
SOON = 5                                # seconds; LIO's own limit is 15
NAMES = iter("iqn.2024-01.org.example:t%d" % n for n in range(100))
PORTAL = "127.0.0.1:3260"
table = expect.Table()


def chap(i):
    i.login("CHAP")
    i.logout()


def prepare():
    target = Target(next(NAMES), methods="SRP,CHAP")
    acl = target.acl()
    acl.auth.srp()
    acl.auth.chap()
    return target


class Flight:
    """Logins at all stages."""

    def __init__(self, target):
        self.stack = contextlib.ExitStack()
        where = {"target": target.name}
        self.crowds = {
            "silent": crowd.silent(EACH),
            "trickling": crowd.trickling(EACH),
            "half finished": crowd.half_finished(EACH, **where)}
        for each in self.crowds.values():
            self.stack.enter_context(each)
        self.waiting = []               # for the helper
        for _ in range(EACH):
            i = self.stack.enter_context(Initiator(timeout=SOON, **where))
            i.start("SRP")
            i.user()
            i.send([("SRP_A", "0x02"), ("SRP_GROUP", "SRP-1536")])
            self.waiting.append(i)
        wait_for(lambda: " job " in fakehelper.account(), "a job in flight")

    @staticmethod
    def end(i, until):
        def answer():
            i.recv()
            return "an answer"

        try:
            i.wire.sock.settimeout(max(until - time.monotonic(), 0.1))
            return ended(answer)
        except socket.timeout:
            return "open"

    def check(self, what, named=("half finished",)):
        """All have ended whose portal group, or portal, has ended.

        named: crowds that are to have ended.
        """
        for name in named:
            each = self.crowds[name]
            with contextlib.suppress(AssertionError):
                wait_for(lambda: each.dropped == EACH, name, SOON)
            table.row("%s: dropped, %s" % (what, name), each.dropped, EACH)
            table.row("%s: statuses, %s" % (what, name),
                      each.statuses() - {"0000", "0301"}, set())
        until = time.monotonic() + SOON * expect.PATIENCE
        ends = {self.end(i, until) for i in self.waiting}
        table.row("%s: ends of those that waited for the helper: %s" % (
            what, ends), ends <= {"0301", "closed"}, True)

    def close(self):
        self.stack.close()


def soon(what, action):
    """Run an action that must not wait for the time limit of logins."""
    attempt = Background(action)
    attempt.result(60)
    table.row("%s took %.1f s" % (what, attempt.seconds),
              attempt.seconds < SOON * expect.PATIENCE, True)


def disabled():
    target = prepare()
    flight = Flight(target)
    soon("disabling", lambda: target.enable(False))
    flight.check("disabled")
    table.row("login to a disabled portal group",
              outcome(chap, target=target.name), "0301")
    target.enable()
    table.row("login once it is enabled again",
              outcome(chap, target=target.name), "0000")
    flight.close()
    return target


def portal_removed():
    target = prepare()
    flight = Flight(target)
    soon("removing the portal", lambda: target.remove_portal(PORTAL))
    table.row("connections afterwards", len(held()), 0)
    flight.check("portal removed", flight.crowds)
    target.add_portal(PORTAL)
    table.row("login by a new portal", outcome(chap, target=target.name),
              "0000")
    flight.close()
    return target


def shared_portal_removed():
    """Another target has the same portal: its logins go on."""
    target = prepare()
    other = prepare()
    flight = Flight(target)
    with Initiator(target=other.name) as i:
        i.choose("CHAP", "CHAP")
        soon("removing a shared portal", lambda: target.remove_portal(PORTAL))
        flight.check("shared portal removed")
        i.chap_rows()
        i.operational()
        table.row("the other target's login", i.ping(), True)
    flight.close()
    other.remove()
    return target


def target_removed():
    """Without disabling its portal group before."""
    target = prepare()
    flight = Flight(target)
    soon("removing the target", target.remove)
    table.row("connections afterwards", len(held()), 0)
    flight.check("target removed", flight.crowds)
    again = prepare()
    table.row("login to a new target", outcome(chap, target=again.name), "0000")
    flight.close()
    return again


def disabled_often():
    """Logins in a loop while the portal group is disabled and enabled."""
    target = prepare()
    end = time.monotonic() + 2

    def attempts():
        ends = set()
        while time.monotonic() < end:
            ends.add(outcome(chap, target=target.name, timeout=SOON))
        return ends

    flight = Flight(target)
    loops = [Background(attempts) for _ in range(4)]
    while time.monotonic() < end:
        target.enable(False)
        target.enable()
    for loop in loops:
        ends = loop.result()
        table.row("logins meanwhile: %s" % ends,
                  ends <= {"0000", "0301", "closed"}, True)
    table.row("login afterwards", outcome(chap, target=target.name), "0000")
    flight.close()
    return target


def all_ended():
    return not (lio.logins("under_way") or held() or
                helper.processes("iscsi_trx", "iscsi_ttx"))


lio.no_precompute()
for row in (disabled, portal_removed, shared_portal_removed, target_removed,
            disabled_often):
    with helper.fake("hold"):
        target = row()
    wait_for(lambda: target.sessions() == 0, row.__name__ + ": sessions")
    target.remove()
    wait_for(all_ended, row.__name__ + ": the end of all connections", SOON)
table.end()
