#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# At a limit of connections that log in, the oldest one that is silent is dropped
# log: failed with status 0[023]
# log: too many logins under way
import atexit
import contextlib
import itertools
import subprocess

import crowd
import expect
from background import srp_login
from initiator import Initiator, outcome
from lio import Parameter, Target, held, logins, wait_for

MAPPED = ("127.0.0.1", 3261)            # reaches [::]:3261
V6 = ("fd00:1::1", 3260)


def ip(action, address):
    subprocess.run(["ip", "address", action, address + "/64", "dev", "lo"],
                   check=True)


def gone(*crowds):
    """For each connection, in their order: whether the target has closed it."""
    return [[each.closed for each in one.members] for one in crowds]


def first(count, total):
    return [True] * count + [False] * (total - count)


def dropped(what, *wanted):
    """Check that the target has closed the first connections of crowds, no others.

    wanted: a crowd, its number, ...
    """
    crowds, numbers = wanted[::2], wanted[1::2]
    right = [first(number, one.n) for one, number in zip(crowds, numbers)]
    with contextlib.suppress(AssertionError):
        wait_for(lambda: gone(*crowds) == right, what)
    expect.equal(gone(*crowds), right, what)


def accepted():
    """Connections that the target has accepted, unless some have logged in or left."""
    return logins("under_way") + logins("dropped")


def in_turn(kind, n, **how):
    """A crowd of which the target accepts, and drops, one after the other.

    Otherwise it may accept them in another order, or refuse some.
    """
    wanted = itertools.count(accepted() + 1)

    def is_accepted():
        number = next(wanted)
        wait_for(lambda: accepted() == number, "a connection that is accepted",
                 step=0.005)
    return kind(n, after_each=is_accepted, **how)


def settled(number=0):
    """Wait until the target has so many logins left: it knows of the end of one after
    the initiator."""
    wait_for(lambda: logins("under_way") == number, "%d logins" % number)


def finish(i):
    """A login by SRP after its first answer."""
    i.user()
    i.ephemeral()
    i.prove()
    i.operational()


for address in "fd00:1::1", "fd00:1::2", "fd00:1::3", "fd00:2::1":
    ip("add", address)
    atexit.register(ip, "del", address)
target = Target()
target.acl().auth.srp()
for portal in "[fd00:1::1]:3260", "[::]:3261":
    target.add_portal(portal)

for limit in "max_logins", "max_logins_per_address":
    for value in 0, 4097, -1, "many":
        try:
            with Parameter(limit, value):
                raise AssertionError("%s can be %s" % (limit, value))
        except OSError:
            pass

with Parameter("max_logins", 8):
    # The silent ones go, the oldest first; who logs in stays
    settled()
    with in_turn(crowd.silent, 8) as early:
        dropped("as many as allowed", early, 0)
        before = logins("dropped")
        with Initiator() as good:
            good.start("SRP")
            dropped("one more that logs in", early, 1)
            settled(8)
            with in_turn(crowd.silent, 20) as late:
                dropped("20 more", early, 8, late, 13)
                expect.equal(logins("dropped") - before, 21, "count of dropped")
                finish(good)
                expect.true(good.ping(), "the session answers")
                # it does not count any more
                settled(7)
                with in_turn(crowd.silent, 2):
                    dropped("beside a session", early, 8, late, 14)
                expect.true(good.ping(), "the session still answers")
    # Part of a request is no request
    settled()
    with in_turn(crowd.trickling, 8) as early:
        expect.equal(outcome(srp_login), "0000", "login at the limit")
        dropped("trickling", early, 1)
    # Nobody is silent: the oldest login goes.  Who logs in leaves room for one more.
    settled()
    with in_turn(crowd.half_finished, 8) as early, contextlib.ExitStack() as more:
        for number in range(1, 4):
            expect.equal(outcome(srp_login), "0000", "login at the limit")
            settled(7)
            more.enter_context(crowd.half_finished(1))
            dropped("half finished, %d" % number, early, number)
    # Silent ones, though younger, go before logins
    settled()
    with in_turn(crowd.half_finished, 4) as early, \
            in_turn(crowd.silent, 4) as late, contextlib.ExitStack() as more:
        for number in range(1, 4):
            expect.equal(outcome(srp_login), "0000", "login at the limit")
            settled(7)
            more.enter_context(in_turn(crowd.silent, 1))
            dropped("silent ones, %d" % number, early, 0, late, number)
    # They come again and again
    settled()
    with in_turn(crowd.silent, 32, refill=True) as many:
        for _ in range(10):
            wait_for(lambda: logins("under_way") <= 8, "the end of the dropped ones")
            expect.equal(outcome(srp_login), "0000", "login beside many")
        expect.true(many.dropped > 24, "dropped: %d" % many.dropped)

with Parameter("max_logins_per_address", 4):
    # An address does not get at the connections of another one
    settled()
    with in_turn(crowd.silent, 4, sources=("127.0.0.2",)) as mine, \
            in_turn(crowd.half_finished, 4, sources=("127.0.0.3",)) as theirs:
        with in_turn(crowd.silent, 3, sources=("127.0.0.2",)):
            dropped("an address of IPv4", mine, 3, theirs, 0)
        with crowd.half_finished(1, sources=("127.0.0.3",)):
            dropped("the other one", mine, 3, theirs, 1)
        expect.equal(outcome(srp_login), "0000", "login from a third address")
        dropped("a third address", mine, 3, theirs, 1)
    # IPv4 by way of IPv6 is IPv4
    settled()
    with in_turn(crowd.silent, 2, sources=("127.0.0.2",)) as straight, \
            in_turn(crowd.silent, 2, sources=("127.0.0.2",), portal=MAPPED) as mapped, \
            in_turn(crowd.silent, 4, sources=("127.0.0.3",), portal=MAPPED) as theirs:
        dropped("two ways", straight, 0, mapped, 0, theirs, 0)
        with in_turn(crowd.silent, 3, sources=("127.0.0.2",), portal=MAPPED):
            dropped("IPv4 in IPv6", straight, 2, mapped, 1, theirs, 0)
    # All of an IPv6 prefix are one
    settled()
    with in_turn(crowd.silent, 2, sources=("fd00:1::2",), portal=V6) as one, \
            in_turn(crowd.silent, 2, sources=("fd00:1::3",), portal=V6) as two, \
            in_turn(crowd.silent, 4, sources=("fd00:2::1",), portal=V6) as theirs:
        dropped("a prefix and another one", one, 0, two, 0, theirs, 0)
        with in_turn(crowd.silent, 3, sources=("fd00:1::1",), portal=V6):
            dropped("a prefix", one, 2, two, 1, theirs, 0)
        expect.equal(outcome(srp_login, portal=V6), "0000", "login by IPv6")

# Both limits; whatever way a login ended, it does not count any more
with Parameter("max_logins", 4), Parameter("max_logins_per_address", 4):
    for _ in range(3):
        for script, how, wanted in (
                (srp_login, {}, "0000"),
                (srp_login, {"password": "wrong"}, "0201"),
                (srp_login, {"target": "iqn.2024-01.org.example:no"}, "0301"),
                (lambda i: None, {}, "0000"),
                (lambda i: i.start("SRP"), {}, "0000"),
                (lambda i: i.wire.sock.sendall(bytes(48)), {}, "0000"),
                (lambda i: i.wire.sock.sendall(b"\x43"), {}, "0000")):
            expect.equal(outcome(script, **how), wanted, "login that ends")
    wait_for(lambda: not held() and not logins("under_way"),
             "the end of all connections")
    with in_turn(crowd.silent, 3) as others:
        for _ in range(3):
            expect.equal(outcome(srp_login), "0000", "one below the limit")
            settled(3)
        dropped("nobody else is left", others, 0)

# The log has a line for it, but not for each
lines = subprocess.check_output(["dmesg"]).count(b"too many logins under way")
expect.true(0 < lines < logins("dropped") / 2, "%d lines of %d dropped" % (
    lines, logins("dropped")))
