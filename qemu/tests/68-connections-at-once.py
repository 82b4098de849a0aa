#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# Connections that are added to a session: which session, several at once, half finished
# log: failed with status 0[023]
import contextlib

import expect
import race
from background import Background, srp_login
from initiator import NAME, TARGET, Initiator, outcome
from iscsi import Closed
from lio import Target, wait_for

OTHER_NAME = "iqn.2024-01.org.example:other-initiator"
OTHER_TARGET = "iqn.2024-01.org.example:other-target"
NO_SESSION, TOO_MANY = "020a", "0206"


@contextlib.contextmanager
def session(level=0):
    """A session of one connection; the arguments of others.

    It is to be logged out in the end: the target takes two seconds to close it
    otherwise.
    """
    values = {"ErrorRecoveryLevel": str(level)}
    with Initiator(cid=0, values=values) as leading:
        leading.login()
        yield leading, {"isid": leading.isid, "tsih": leading.tsih,
                        "values": values}
    wait_for(lambda: target.sessions() == 0, "the end of the session")


def closed(i):
    """Wait until the target closes the connection."""
    try:
        i.wire.recv()
    except Closed:
        return True
    return False


def add(i):
    i.login()
    expect.true(i.ping(), "the connection answers")


def add_and_leave(i):
    """A connection that just closes would take its session along."""
    add(i)
    expect.equal(i.logout(connection=True), 0, "logout of the connection")


target = Target()
target.attrib("default_erl", 2)         # the connections of a session end one by one
Target(OTHER_TARGET, "127.0.0.1:3261").acl().auth.srp()
acl = target.acl()
for auth in acl.auth, target.acl(OTHER_NAME).auth:
    auth.srp()
target.param("MaxConnections", "4")
table = expect.Table()

# Which session (RFC 7143, 6.3.1)
with session() as (leading, right):
    isid, tsih = right["isid"], right["tsih"]
    for what, how in (
            ("another TSIH", {"tsih": tsih ^ 0x4000}),
            ("another ISID", {"isid": isid[:5] + bytes([isid[5] ^ 1])}),
            ("another initiator", {"name": OTHER_NAME}),
            ("another target", {"target": OTHER_TARGET,
                                "portal": ("127.0.0.1", 3261)})):
        table.row(what, outcome(add_and_leave, cid=1, **{**right, **how}), NO_SESSION)
        table.row("session after: " + what, leading.ping(), True)
    table.row("the right session", outcome(add_and_leave, cid=1, **right), "0000")
    table.row("session afterwards", leading.ping(), True)
    leading.logout()
table.row("a session that has ended", outcome(add_and_leave, cid=1, **right), NO_SESSION)

# Several at once
for count in range(3):
    what = "round %d" % count
    with session() as (leading, right):
        with race.ready(*[{"cid": cid, **right} for cid in (1, 2, 3)]) as more:
            table.row("three connections, " + what, race.finish(more),
                      ["0000"] * 3)
            table.row("they answer, " + what,
                      [race.answers(i) for i in [leading] + more], [True] * 4)
            leading.logout()
    with session() as (leading, right):
        with race.ready(*[{"cid": cid, **right} for cid in range(1, 6)]) as more:
            table.row("five, but four of a session, " + what,
                      sorted(race.finish(more)),
                      ["0000"] * 3 + [TOO_MANY] * 2)
            table.row("the leading one, " + what, leading.ping(), True)
            leading.logout()
    with session(2) as (leading, right):
        with race.ready({"cid": 1, **right}, {"cid": 1, **right}) as more:
            ends = race.finish(more)
            table.row("one of them logs in, " + what, "0000" in ends, True)
            table.row("one CID twice, " + what,
                      sorted(race.answers(i) for i in more), [False, True])
            table.row("the leading one, " + what, leading.ping(), True)
            leading.logout()

# A connection that has the CID of another one reinstates it
with session(2) as (leading, right):
    with Initiator(cid=1, **right) as old, Initiator(cid=1, **right) as new:
        add(old)
        add(new)
        table.row("reinstated connection is closed", closed(old), True)
        table.row("the others answer", (new.ping(), leading.ping()),
                  (True, True))
        table.row("wrong password does not reinstate",
                  outcome(add, cid=1, password="wrong", **right), "0201")
        table.row("the others answer", (new.ping(), leading.ping()),
                  (True, True))
        leading.logout()

# Half a login that names a session is not in the way of the session
def logged_out(i, right):
    expect.equal(i.logout(), 0, "logout")


def connection_closed(i, right):
    i.close()


def reinstated(i, right):
    with Initiator(isid=right["isid"], timeout=race.TIMEOUT) as new:
        add(new)
        table.row("reinstated session is closed", closed(i), True)
        new.logout()


def disabled(i, right):
    expect.equal(Background(lambda: target.enable(False)).result(10), None,
                 "disabling the portal group")
    target.enable()


def start(i):
    i.start("SRP")


def proved(i):
    i.srp()


for step in start, proved:
    for end in logged_out, connection_closed, reinstated, disabled:
        what = "%s, with half a login: %s" % (end.__name__, step.__name__)
        with Initiator() as leading:
            leading.login()
            right = {"isid": leading.isid, "tsih": leading.tsih}
            with Initiator(cid=1, timeout=race.TIMEOUT, **right) as half:
                step(half)
                end(leading, right)
                wait_for(lambda: "No active" in acl.session(), what, 10)
                table.row(what + ": next login",
                          outcome(srp_login, timeout=race.TIMEOUT), "0000")
table.end()
