#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# boot: own
# timeout: 300
# 10,000 users: memory used, and logins find them
# log: failed with status 0[02]
import os

import expect
import lio
import srp
from initiator import outcome
from lio import Target

USERS = 10000
MIB = 1 << 20


def free():
    """Free bytes after dropping the caches."""
    lio.write("/proc/sys/vm/drop_caches", "3")
    with open("/proc/meminfo", encoding="ascii") as f:
        for line in f:
            if line.startswith("MemFree:"):
                return int(line.split()[1]) << 10
    raise AssertionError("no MemFree")


def load():
    """Create users like a tool does, but with the same verifier for all."""
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


large = Target()
large.demo()

before = free()
load()
used = before - free()
print("%d users: %.1f MiB, %d bytes each" % (
    USERS, used / MIB, used // USERS))
if expect.PATIENCE == 1:                # a debug kernel needs more
    expect.true(used < 64 * MIB, "%d users take %.1f MiB" % (
        USERS, used / MIB))

# The first and the last user can log in, each with its own name
expect.equal(outcome(lambda i: i.login(), user="user0"), "0000", "the first one")
lio.write("%s/srp_users/user%d/srp_verifier_SRP-1536" % (large.path, USERS - 1),
          srp.octets(srp.verifier("SRP-1536", b"user%d" % (USERS - 1),
                                  b"of the last", lio.SALT)).hex())
expect.equal(outcome(lambda i: i.login(group="SRP-1536"),
                     user="user%d" % (USERS - 1), password="of the last"),
             "0000", "the last one")
expect.equal(outcome(lambda i: i.srp(), user="user%d" % USERS), "0201",
             "one user more")
expect.equal(outcome(lambda i: i.srp(), user="user9999"), "0201",
             "the last one, by another one's password")
