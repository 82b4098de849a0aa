#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# The benchmark's guest part runs and returns all values
# boot: own
# timeout: 120
# log: failed with status 0[02]
import json
import os
import subprocess

import expect
import lio

GUEST = os.path.join(os.path.dirname(os.path.realpath(__file__)),
                     "../bench.d/guest.py")
GROUPS = ["SRP-1536", "SRP-2048", "MODP-3072", "MODP-4096", "MODP-8192"]

if expect.PATIENCE > 1:
    expect.skip("figures of a debug kernel mean nothing")



def run(*args):
    return json.loads(subprocess.run([GUEST, "--quick", *args], check=True,
                                     text=True, stdout=subprocess.PIPE).stdout)


found = run()

methods = ["None", "CHAP"] + GROUPS
expect.equal(list(found["latency"]), methods, "methods")
for method in methods:
    took = found["latency"][method]
    for rtt, trips in (("0", 0), ("1", 3), ("10", 30)):
        expect.equal(len(took[rtt]), 3, "logins by %s" % method)
        expect.true(min(took[rtt]) > trips * 1000,
                    "%s with %s ms: %r" % (method, rtt, took[rtt]))
expect.equal(len(found["first"]["warm_us"]), 3, "warm logins")
for group in GROUPS:
    expect.equal({rtt: len(took) for rtt, took in found["cold"][group].items()},
                 {"0": 1}, "cold logins in " + group)
expect.equal({groups: list(by) for groups, by in found["rate"].items()},
             {"1": ["1", "8", "64"], "8": ["8", "64"]}, "rates")
for name in "worker_anon_kib", "connection_bytes":
    expect.true(found["memory"][name] > 0, name)
lio.clear()
pinned = run("--pinned")
expect.equal(list(pinned["round_trip_us"]), GROUPS, "groups with round trips")
for group, took in pinned["round_trip_us"].items():
    expect.true(took > 0, "round trip in " + group)
users = pinned["users"]
# Both targets were measured with one user and with all users
expect.equal((users["users"], [len(took) for took in users["one_us"]],
              [len(took) for took in users["all_us"]]),
             (100, [3, 3], [3, 3]), "table of users")
for name in "batch_s", "apply_s":
    expect.true(users[name] > 0, name)
