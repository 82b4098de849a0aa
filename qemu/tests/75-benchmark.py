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

GUEST = os.path.join(os.path.dirname(os.path.realpath(__file__)),
                     "../bench.d/guest.py")
GROUPS = ["SRP-1536", "SRP-2048", "MODP-3072", "MODP-4096", "MODP-8192"]

if expect.PATIENCE > 1:
    expect.skip("figures of a debug kernel mean nothing")


found = json.loads(subprocess.run(
    [GUEST, "--quick", "first", "latency 0", "latency 10", "cold 0", "rate",
     "together 10", "crowd silent 64", "io", "round_trips", "users", "memory"],
    check=True, text=True, stdout=subprocess.PIPE).stdout)

methods = ["None", "CHAP"] + GROUPS
for question, trips in (("latency 0", 0), ("latency 10", 30)):
    expect.equal(list(found[question]), methods, "methods")
    for method, took in found[question].items():
        expect.equal(len(took), 3, "logins by %s" % method)
        expect.true(min(took) > trips * 1000,
                    "%s by %s: %r" % (question, method, took))
expect.equal(len(found["first"]["warm_us"]), 3, "warm logins")
expect.equal({group: len(took) for group, took in found["cold 0"].items()},
             {group: 1 for group in GROUPS}, "cold logins")
for method in "SRP-2048", "CHAP":
    expect.equal({groups: list(by) for groups, by in found["rate"][method].items()},
                 {"1": ["1", "8", "64"], "8": ["8", "64"]}, "rates")
    for by in found["rate"][method].values():
        expect.true(min(by.values()) > 0, "rates by %s: %r" % (method, by))
# six round trips
expect.true(found["together 10"] > 0.06, "64 logins in %g s" % found["together 10"])
crowd = found["crowd silent 64"]
expect.equal(len(crowd["idle_us"]), 6, "logins next to nobody")
expect.true(crowd["failed"] or len(crowd["held_us"]) == 3, "logins next to a crowd")
for state in "idle", "steady", "storm":
    requests = found["io"][state]
    expect.equal(requests["errors"], 0, "failed requests")
    expect.true(requests["mb_per_s"] > 0, "MB/s")
    expect.equal(requests.get("failed", 0), 0, "logins next to requests")
for name in "worker_anon_kib", "connection_bytes":
    expect.true(found["memory"][name] > 0, name)
expect.equal(list(found["round_trips"]), GROUPS, "groups with round trips")
for group, took in found["round_trips"].items():
    expect.true(took["round_trip_us"] > 0, "round trip in " + group)
users = found["users"]
# Both targets were measured with one user and with all users
expect.equal((users["users"], [len(took) for took in users["one_us"]],
              [len(took) for took in users["all_us"]]),
             (100, [3, 3], [3, 3]), "table of users")
for name in "batch_s", "apply_s":
    expect.true(users[name] > 0, name)
