#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# boot: own
# timeout: 300
# 10,000 users: what they cost in memory, and that a login is not slower
import os
import statistics
import time

import expect
import lio
import srp
from initiator import Initiator, outcome
from lio import Target, User

USERS = 10000
LOGINS = 60
MIB = 1 << 20


def free():
    """Octets that nobody uses once the caches are dropped."""
    lio.write("/proc/sys/vm/drop_caches", "3")
    with open("/proc/meminfo", encoding="ascii") as f:
        for line in f:
            if line.startswith("MemFree:"):
                return int(line.split()[1]) << 10
    raise AssertionError("no MemFree")


def seconds(portal, target):
    """How long a login takes."""
    start = time.perf_counter()
    with Initiator("user0", target=target.name,
                   portal=("127.0.0.1", portal)) as i:
        i.login()
    return time.perf_counter() - start


def load():
    """As a tool does it, but without the maths: all have one verifier."""
    values = {"srp_salt": lio.SALT.hex()}
    for group in "SRP-1536", "SRP-2048", "MODP-3072":
        values["srp_verifier_" + group] = srp.octets(srp.verifier(
            group, b"user0", b"password123", lio.SALT)).hex()
    for number in range(USERS):
        path = "%s/srp_users/user%d" % (large.path, number)
        os.mkdir(path)
        lio.write(path + "/srp_userid", "user%d" % number)
        for name, value in values.items():
            lio.write(path + "/" + name, value)
        lio.write(path + "/enabled", "1")


small = Target("iqn.2024-01.org.example:small", "127.0.0.1:3261")
large = Target()
for target in small, large:
    target.demo()
User(small, "user0", "user0", groups=("SRP-1536", "SRP-2048", "MODP-3072"))

before = free()
start = time.monotonic()
load()
took = time.monotonic() - start
used = before - free()
print("%d users: %.1f s, %.1f MiB, %d octets each" % (
    USERS, took, used / MIB, used // USERS))
if expect.PATIENCE == 1:                # a debug kernel needs more of both
    expect.true(used < 64 * MIB, "%d users take %.1f MiB" % (
        USERS, used / MIB))
expect.within(took, 10, "loading %d users" % USERS)

expect.equal(outcome(lambda i: i.srp(), user="user%d" % USERS), "0201",
             "one user more")
expect.equal(outcome(lambda i: i.srp(), user="user9999"), "0201",
             "the last one, by another one's password")

for attempt in range(3):
    one, many = [], []
    for _ in range(LOGINS):
        one.append(seconds(3261, small))
        many.append(seconds(3260, large))
    ratio = statistics.median(many) / statistics.median(one)
    print("a login with one user %.2f ms, with %d %.2f ms: %.3f times" % (
        statistics.median(one) * 1e3, USERS, statistics.median(many) * 1e3,
        ratio))
    if ratio <= 1.05:
        break
else:
    raise AssertionError("logins are slower: %.3f times" % ratio)
