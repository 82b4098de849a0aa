#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""job.py DIR: valid jobs of the known answers, for the fuzzer to start from"""
import json
import os
import struct
import sys

HERE = os.path.dirname(os.path.realpath(__file__))
with open(os.path.join(HERE, "../../../../kunit/vectors/vectors.json"),
          encoding="utf-8") as file:
    DATA = json.load(file)
for number, vector in enumerate(DATA["vectors"]):
    if vector["group"] not in ("SRP-768", "SRP-1024"):
        continue
    v, b, A = (bytes.fromhex(vector[k]) for k in "vbA")
    group = list(DATA["groups"]).index(vector["group"]) + 1
    for op, u, a in ((1, 0, b""), (2, int(vector["u"], 16), A)):
        name = os.path.join(sys.argv[1], "good-%d-%d" % (number, op))
        with open(name, "wb") as job:
            job.write(struct.pack("=IHHQIHHH6x1024s1024s1024s", 1, op, group,
                                  number, u, len(v), len(b), len(a), v, b, a))
