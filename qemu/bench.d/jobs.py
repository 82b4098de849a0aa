# SPDX-License-Identifier: GPL-2.0-or-later
"""Measurements of the helper's jobs, against OpenSSL alone and mpi_powm()."""
import json
import os
import re
import statistics
import subprocess
import time

import helper
import lio
from logins import GROUPS, finish, how, settle, start
from tracing import Trace

SRPD = "/usr/sbin/iscsi-srpd"
MPI = "/sys/module/mpi_speed/parameters"
# exponentiations per loop of the yardstick: at least 50 ms, and half the pool's size
LOOP = {"SRP-1536": 250, "SRP-2048": 150, "MODP-3072": 70, "MODP-4096": 40,
        "MODP-8192": 32}
POWERS = 64                             # the limit of the pool
STARTED = 8                             # powers made before measuring the rate


class Yardstick:
    """The program bench_srp."""

    def __init__(self, program):
        self.program = program

    def run(self, *args):
        return json.loads(subprocess.run(
            [self.program, *map(str, args)], check=True, text=True,
            stdout=subprocess.PIPE).stdout)

    def alone(self, group, part=1, processes=1, work="alone"):
        return self.run(work, group, int(LOOP[group] * part) + 1, processes)

    def login(self, group):
        """us for all exponentiations of a login."""
        return self.run("login", group, LOOP[group] // 3, 1)["us"]

    def execs(self, group, count):
        return self.run("exec", group, count, SRPD)["us"]

    def syscall(self):
        return self.run("syscall", 5000)["us"]


def syscall(bench):
    return bench.yard.syscall()


def execs(bench):
    """Time of a helper that is started for one job, in us, by group."""
    return {group: bench.yard.execs(group, bench.size.execs) for group in GROUPS}


def round_trips(bench):
    """Time of single powers in us, by group: from submit to complete and, if its
    module is loaded, mpi_powm(), in turns."""
    found = {}
    if bench.mpi and not os.path.isdir(MPI):
        subprocess.run(["insmod", bench.mpi], check=True)
    with lio.Parameter("srp_precompute", 1):
        for group in GROUPS:
            bench.targets.get(group)
            helper.reset()              # empties the pool
            bench.targets.log_in(group)
            took = {"round_trip_us": [], "mpi_us": []}
            for _ in range(bench.size.alone):
                settle()
                with Trace():
                    bench.targets.log_in(group)
                    lio.wait_for(lambda: powers("complete"), "a power",
                                 step=0.05)
                    took["round_trip_us"].append(powers("complete")[0][1])
                if os.path.isdir(MPI):
                    lio.write(MPI + "/bits", group.rpartition("-")[2])
                    took["mpi_us"].append(int(lio.read(MPI + "/ns")) / 1000)
            found[group] = {name: statistics.median(values)
                            for name, values in took.items() if values}
    return found


def powers(event):
    """(timestamp, us since submission) of each power event so far."""
    return [(float(at), int(trip)) for at, trip in re.findall(
        r"(\d+\.\d+): iscsi_srp_%s: .*op=POWER.* waited_us=(\d+) .*error=0" %
        event, Trace.read())]


def channel(bench, workers):
    """Rate of powers through kernel, channel and helper, and with OpenSSL alone.

    Using a new group makes the pool request as many powers as it may hold.
    """
    workers = int(workers)
    auth = bench.targets.make("pool", 1, lambda _: None)[0].auth
    busy = bench.targets.several("MODP-3072", 2 * workers)
    found = {}
    with lio.Parameter("srp_max_workers", workers), \
            lio.Parameter("srp_precompute", 0):
        auth.set("srp_userid", "alice")
        auth.set("srp_salt", lio.SALT.hex())
        helper.reset()                  # empties the pool
        lio.wait_for(lambda: bring_up(busy, workers), "workers", 30)
        settle()
        for group in GROUPS:
            before = bench.yard.alone(group, processes=workers)
            with lio.Parameter("srp_precompute", POWERS):
                rate = fill_pool(auth, group, before["us"] / workers)
            after = bench.yard.alone(group, processes=workers)
            alone = (before["per_second"] + after["per_second"]) / 2
            calls = bench.yard.alone(group, processes=workers, work="calls")
            found[group] = {"per_second": rate, "alone_per_second": alone,
                            "calls_per_second": calls["per_second"],
                            "alone_us": (before["us"] + after["us"]) / 2,
                            "ratio": rate / alone}
        auth.no_srp()
    return found


def bring_up(targets, workers):
    """Log in at all targets in parallel; return whether enough workers run."""
    for p in [start(*how("MODP-3072"), "--repeat", 4, target=to)
              for to in targets]:
        finish(p)
    return len(helper.workers()) >= workers


def fill_pool(auth, group, us):
    """Powers per second; us: the least time for one, in microseconds."""
    with Trace():
        auth.set("srp_verifier_" + group, "02")
        time.sleep(0.02 + 2 * POWERS * us / 1e6)    # polling would disturb
        lio.wait_for(lambda: len(powers("complete")) >= POWERS, "powers", 60,
                     step=0.2)
        ended = [at for at, _ in powers("complete")]
    # skip the start-up: two batches
    return (POWERS - STARTED) / (ended[POWERS - 1] - ended[STARTED - 1])
