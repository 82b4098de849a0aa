#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""answertimes.py SAMPLES: whether a target's answer times tell which users exist.

Logins with a wrong password, of a user who exists and of one who does not, follow each
other in a random order.  For each scope and each answer Welch's t-test compares the two
classes, as usr/srpd/tests/timing_job.c does for the helper's jobs.  Status 1: |t| is not
below 4.5.
"""
import array
import math
import random
import socket
import sys
import time

import lio
from initiator import Initiator, PORTAL, Rejected

LIMIT = 4.5
USERS = "alice", "mallo"                # the second one does not exist
ANSWERS = "methods", "salt", "B", "reject"
PERCENTILES = 20, 50, 70, 80, 90, 95, 99, 99.9, 100
WARM_UP = 500                           # logins of each scope that do not count
ENOUGH = 200                            # samples of a class for a test
SHOW = 20000                            # samples between lines about progress
IN_ACL, IN_TABLE = "iqn.2024-01.org.example:acl", "iqn.2024-01.org.example:table"
SCOPES = {"ACL": {"name": IN_ACL}, "user table": {"name": IN_TABLE},
          "discovery": {"discovery": True}}


def set_up():
    lio.write(lio.PARAMETERS + "/slow_down_guessing", "N")
    target = lio.Target()
    target.acl(IN_ACL).auth.srp(USERS[0])
    target.acl(IN_TABLE)
    lio.User(target, "table", user=USERS[0])
    lio.Discovery().srp(USERS[0])


def requests(user, scope):
    """What the initiator sends for a login with a wrong password."""
    try:
        with Initiator(user=user, password="wrong", **SCOPES[scope]) as i:
            i.srp()
    except Rejected as reject:
        assert reject.status == "0201", reject
        return [pdu.octets() for way, pdu in i.transcript if way == ">"]
    raise AssertionError("%s is in" % user)


def receive(sock):
    got = sock.recv(8192)
    while len(got) < 48 or len(got) < 48 + (int.from_bytes(got[5:8], "big") + 3) // 4 * 4:
        more = sock.recv(8192)
        if not more:
            raise AssertionError("closed after %r" % got)
        got += more
    return got


def log_in(pdus):
    """Send these requests; return the times until the answers."""
    took = []
    with socket.create_connection(PORTAL, 60) as sock:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for pdu in pdus:
            begin = time.perf_counter_ns()
            sock.sendall(pdu)
            answer = receive(sock)
            took.append(time.perf_counter_ns() - begin)
    assert answer[36:38] == b"\x02\x01", answer
    return took


def welch(one, other):
    some = []
    for values in one, other:
        mean = math.fsum(values) / len(values)
        some.append((mean, math.fsum((x - mean) ** 2 for x in values) /
                     (len(values) - 1) / len(values)))
    return abs(some[0][0] - some[1][0]) / math.sqrt(some[0][1] + some[1][1])


def largest_t(classes):
    """The largest |t| of samples below a percentile, and that percentile."""
    together = sorted(classes[0] + classes[1])
    found = []
    for percentile in PERCENTILES:
        limit = together[min(int(len(together) * percentile / 100), len(together) - 1)]
        some = [array.array("d", (x for x in values if percentile == 100 or x < limit))
                for values in classes]
        if min(map(len, some)) > ENOUGH:
            found.append((welch(*some), percentile))
    return max(found)


def main():
    samples = int(sys.argv[1])
    set_up()
    order = random.SystemRandom()
    sent = {scope: [requests(user, scope) for user in USERS] for scope in SCOPES}
    assert all(len(pdus) == len(ANSWERS) for both in sent.values() for pdus in both)
    times = {(scope, answer): (array.array("d"), array.array("d"))
             for scope in SCOPES for answer in ANSWERS}
    began = time.monotonic()
    for count in range(-WARM_UP, samples):
        for scope, both in sent.items():
            which = order.getrandbits(1)
            took = log_in(both[which])
            if count >= 0:
                for answer, value in zip(ANSWERS, took):
                    times[scope, answer][which].append(value)
        if count > 0 and count % SHOW == 0:
            print("# %d of %d after %.0f s" % (count, samples, time.monotonic() - began),
                  flush=True)
    status = 0
    for (scope, answer), classes in times.items():
        t, percentile = largest_t(classes)
        good = t < LIMIT
        status |= not good
        print("%s %s, %s: |t| %.2f, samples below percentile %g, median %.0f us" % (
            "ok" if good else "not ok", scope, answer, t, percentile,
            sorted(classes[0])[len(classes[0]) // 2] / 1000))
    return status


if __name__ == "__main__":
    raise SystemExit(main())
