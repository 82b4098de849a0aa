#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Measurements of the benchmark, in a guest.

    guest.py MEASUREMENT...     take these and print a JSON object
    guest.py --serve DIR        take what qemu/bench asks for in DIR, until it says "end"

A measurement is a name and perhaps arguments in one word of the shell, as
"latency 10".  Question N is the file DIR/N, its answer DIR/N.json; the answer is null
if the measurement failed.
"""
import argparse
import json
import os
import subprocess
import sys
import time
import traceback

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)),
                                "../tests/lib"))
# pylint: disable=wrong-import-position
import jobs
import lio
import many
import single
from logins import GROUP, GROUPS, Targets
from tracing import EVENTS, TRACEFS

POLL = 0.02                             # seconds between looks for a question


class Size:
    """How much to measure in one turn."""
    block = 7                           # logins of a method
    warm = 11                           # logins after the first one
    alone = 4                           # logins per group that run alone
    execs = 5                           # helpers started for one job
    portal_groups = 8
    rate = {1: 96, 8: 24, 64: 6}        # initiators: logins per initiator
    start = 3                           # seconds until all initiators have started
    cpu = 20, 270                       # logins for the CPU time of one
    together = 64                       # initiators
    storm = 8                           # logins of each
    seconds = 2                         # of requests
    in_flight = 64
    users = 512
    table = 10000
    turns = 12                          # logins with one user and with all users


class Quick(Size):
    block = 3
    warm = 3
    alone = 1
    execs = 2
    rate = {1: 8, 8: 2, 64: 2}
    start = 1
    cpu = 2, 12
    storm = 1
    seconds = 0.3
    in_flight = 32
    users = 128
    table = 100
    turns = 1


def about(bench):
    """Not a measurement: what this guest is."""
    found = {"kernel": os.uname().release, "cpus": os.cpu_count()}
    if not bench.unpatched:
        found["helper"] = subprocess.run(
            [jobs.SRPD, "--version"], check=True, text=True,
            stdout=subprocess.PIPE).stdout.strip()
    return found


MEASUREMENTS = {each.__name__: each for each in (
    about, single.first, single.latency, single.cold, single.target_side,
    single.memory, single.users, jobs.syscall, jobs.execs, jobs.round_trips,
    jobs.channel, many.serve, many.meet, many.chap, many.far,
    many.crowd, many.together, many.rate, many.io)}


class Bench:
    """What all measurements share."""

    def __init__(self, options):
        self.unpatched = options.unpatched
        self.size = Quick() if options.quick else Size()
        self.targets = Targets()
        self.yard = jobs.Yardstick(options.yardstick) if options.yardstick else None
        self.mpi = options.mpi
        self.method = "CHAP" if self.unpatched else GROUP
        self.methods = ["None", "CHAP"] + ([] if self.unpatched else GROUPS)

    def take(self, question):
        name, *args = question.split()
        return MEASUREMENTS[name](self, *args)

    def serve(self, directory):
        n = 0
        while True:
            path = "%s/%d" % (directory, n)
            while not os.path.exists(path):
                time.sleep(POLL)
            question = lio.read(path)
            if question == "end":
                return
            try:
                answer = self.take(question)
            except Exception:           # pylint: disable=broad-exception-caught
                answer = None
                traceback.print_exc()
            with open(path + ".tmp", "w", encoding="utf-8") as f:
                json.dump(answer, f)
            os.rename(path + ".tmp", path + ".json")
            n += 1


def main():
    parser = argparse.ArgumentParser(description="Measurements, in a guest.")
    parser.add_argument("--quick", action="store_true",
                        help="measure less, to try it out")
    parser.add_argument("--unpatched", action="store_true",
                        help="CHAP instead of SRP, on any kernel")
    parser.add_argument("--yardstick", help="the program bench_srp")
    parser.add_argument("--mpi", help="the module with mpi_powm()")
    parser.add_argument("--serve", metavar="DIR")
    parser.add_argument("measurements", nargs="*")
    options = parser.parse_args()
    if not options.unpatched and not os.path.isdir(EVENTS):
        raise AssertionError("no tracepoints in " + TRACEFS)
    bench = Bench(options)
    if options.serve:
        bench.serve(options.serve)
    else:
        json.dump({each: bench.take(each) for each in options.measurements},
                  sys.stdout)
        print()


if __name__ == "__main__":
    main()
