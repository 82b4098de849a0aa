#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# Connections that do not log in are in nobody's way, whatever they have sent
# log: failed with status 0[023]
# log: too many logins under way: dropped a connection from .* no request$
import contextlib

import crowd
import expect
from background import srp_login, timed_login
from initiator import Initiator, TARGET
from lio import Discovery, Target, held, logins, wait_for

LIMIT = 15                              # seconds; LIO's: one login held up all others
EACH = 64
PORTALS = {"IPv4": ("127.0.0.1", 3260), "IPv6": ("::1", 3260)}
SOURCES = ["127.0.1.%d" % n for n in range(1, 9)]
METHODS = "SRP", "CHAP", "None"


def by(method):
    def script(i):
        i.login(method)
        expect.true(i.ping(), "the session answers")
        i.logout()
    return script


def discover(method):
    def script(i):
        i.login(method)
        expect.equal(i.send_targets(), [TARGET], "SendTargets")
        i.logout()
    return script


target = Target(methods="SRP,CHAP,None", authentication=0)
target.add_portal("[::1]:3260")
target.attrib("login_timeout", 30)      # the crowd is to last
acl = target.acl()
discovery = Discovery(enforce=False)
for auth in acl.auth, discovery:
    auth.srp()
    auth.chap()

table = expect.Table()
with Initiator() as established, contextlib.ExitStack() as stack:
    established.login()
    crowds = {what: stack.enter_context(each) for what, each in (
        ("silent", crowd.silent(EACH)),
        ("trickling", crowd.trickling(EACH)),
        ("half finished", crowd.half_finished(EACH)),
        ("half finished discovery", crowd.half_finished(EACH // 2,
                                                        discovery=True)),
        ("half finished by IPv6", crowd.half_finished(
            EACH, portal=PORTALS["IPv6"])))}
    for network, portal in PORTALS.items():
        for method in METHODS:
            for what, script, how in (
                    ("login", by(method), {}),
                    ("discovery", discover(method), {"discovery": True})):
                ended, seconds = timed_login(script, portal=portal,
                                             timeout=LIMIT, **how)
                table.row("%s by %s, %s" % (what, method, network), ended,
                          "0000")
                expect.within(seconds, LIMIT, what + " by " + method)
    table.row("wrong password", timed_login(password="wrong")[0], "0201")
    table.row("unknown target", timed_login(
        target="iqn.2024-01.org.example:unknown")[0], "0301")
    table.row("session that was there before", established.ping(), True)
    # They held their connections all the time
    for what, each in crowds.items():
        table.row(what + ": dropped, left", (each.dropped, each.count()),
                  (0, each.n))
wait_for(lambda: not held() and not logins("under_way"), "the end of all connections")

# As many silent ones as there may be, from several addresses; then more than that
with crowd.silent(1000, sources=SOURCES, within=20) as silent:
    table.row("login beside 1000", timed_login(srp_login, timeout=LIMIT)[0],
              "0000")
    table.row("1000 silent ones: dropped", silent.dropped, 0)
    wait_for(lambda: logins("under_way") == 1000, "the end of the login")
    with crowd.silent(64, sources=SOURCES, within=20) as more:
        table.row("login beside more than may be",
                  timed_login(srp_login, timeout=LIMIT)[0], "0000")
        with contextlib.suppress(AssertionError):
            wait_for(lambda: silent.dropped + more.dropped >= 41, "41 dropped")
        table.row("too many: dropped", silent.dropped + more.dropped, 41)
table.row("login once they are gone", timed_login(srp_login)[0], "0000")
table.end()
