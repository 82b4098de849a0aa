#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""One run of the benchmark, in a freshly booted guest.

guest.py BENCH_SRP MODULE: measures everything once, with OpenSSL's yardstick in
the program BENCH_SRP and the kernel's in MODULE, and prints an object of JSON.
qemu/bench starts it and makes ratios and tables of several runs.
"""
import json
import os
import re
import statistics
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)),
                                "../tests/lib"))
# pylint: disable=wrong-import-position
import helper
import lio
import target as fake
from initiator import NAME
from lio import Target
from tracing import EVENTS, TRACEFS, Trace

PASSWORD = "password123"
USER = ["--user", "alice"]
SRP = USER + ["--method", "srp", "--group"]
GROUPS = ["SRP-1536", "SRP-2048", "MODP-3072", "MODP-4096", "MODP-8192"]
GROUP = "SRP-2048"                      # where one stands for all
RTTS = {0: 60, 1: 30, 10: 12}           # ms: logins of each method
COLD = {0: 5, 10: 3}
PORTAL_GROUPS = 8
CONCURRENT = {1: 64, 8: 24, 64: 4}      # initiators: logins of each
POWERS = 64
ROUNDS = 3                              # of the pool's filling, for each group
SETTLE = 0.2                            # seconds in which idle workers catch up


def login(*args, target, portal="127.0.0.1:3260"):
    """iscsi-login's report; every login has to succeed."""
    return finish(start(*args, target=target, portal=portal))


def start(*args, target, portal):
    # pylint: disable-next=consider-using-with
    p = subprocess.Popen(["iscsi-login", "--json", "--timeout", "60",
                          "--initiator", NAME, *args, portal, target],
                         stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                         text=True)
    p.stdin.write(PASSWORD + "\n")
    p.stdin.close()
    p.stdin = None
    return p


def finish(p):
    report = json.loads(p.communicate()[0])
    if p.returncode or report["failed"]:
        raise AssertionError("%d logins failed" % report["failed"])
    return report


def latencies(report):
    return [each["latency_us"] for each in report["logins"]]


def responses(report, *names):
    """What the target and the network took for these steps, of each login."""
    return [sum(step["response_us"] for step in each["steps"]
                if step["name"] in names) for each in report["logins"]]


class Targets:
    """One target for each method, each with a portal of its own."""

    def __init__(self):
        self.srp = Target(name="iqn.2024-01.org.example:srp")
        self.auth = self.srp.acl().auth
        self.chap = Target(name="iqn.2024-01.org.example:chap",
                           portal="127.0.0.1:3270", methods="CHAP")
        self.chap.acl().auth.chap()
        self.none = Target(name="iqn.2024-01.org.example:none",
                           portal="127.0.0.1:3271", methods="None",
                           authentication=0)
        self.none.acl()

    def use(self, group):
        """Let the target have a verifier for this group only."""
        self.auth.srp(groups=(group,))
        settle()

    def log_in(self, method, *args):
        """By None, CHAP or a group."""
        if method in ("None", "CHAP"):
            to = self.none if method == "None" else self.chap
            how = ["--method", method.lower()] + USER * (method == "CHAP")
        else:
            to, how = self.srp, SRP + [method]
        return login(*how, *args, target=to.name, portal=to.portal)


def settle():
    """Until the workers have nothing to do: two looks show the same time."""
    before = None
    while True:
        time.sleep(SETTLE)
        now = sorted((pid, lio.read("/proc/%d/stat" % pid).split()[13:15])
                     for pid in helper.workers())
        if now == before:
            return
        before = now


def network(rtt):
    """Delay the loopback, half of the round trip each way."""
    if rtt:
        subprocess.run(["tc", "qdisc", "replace", "dev", "lo", "root", "netem",
                        "delay", "%dus" % (rtt * 500), "limit", "100000"],
                       check=True)
    else:
        subprocess.run(["tc", "qdisc", "del", "dev", "lo", "root"],
                       check=False, stderr=subprocess.DEVNULL)


def first_login(targets):
    """The first login since the boot, and warm ones, each by a new process."""
    targets.use(GROUP)
    # the initiator's program is to be warm; another target takes that login
    with fake.Target(groups=(GROUP,)) as other:
        subprocess.run(["iscsi-login", "--initiator", NAME, *SRP, GROUP,
                        "127.0.0.1:%d" % other.port], check=False, text=True,
                       input=PASSWORD + "\n", stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL)
    took = []
    for _ in range(12):
        took += latencies(targets.log_in(GROUP))
        settle()
    return {"first_us": took[0], "warm_us": took[1:]}


def latency(targets):
    """Latencies by method and round trip."""
    found = {}
    for method in ["None", "CHAP"] + GROUPS:
        if method in GROUPS:
            targets.use(method)
        found[method] = {}
        for rtt, repeat in RTTS.items():
            network(rtt)
            found[method][rtt] = latencies(targets.log_in(
                method, "--repeat", str(repeat), "--warm-up", "2"))
        network(0)
    return found


def cold(targets):
    """The workers killed before each login."""
    targets.use(GROUP)
    found = {}
    for rtt, repeat in COLD.items():
        network(rtt)
        found[rtt] = []
        for _ in range(repeat):
            helper.reset()
            found[rtt] += latencies(targets.log_in(GROUP))
        network(0)
    return found


def target_side(targets):
    """What the two steps of authentication take, of logins that come alone."""
    targets.use(GROUP)
    found = {"CHAP": [], GROUP: []}
    for _ in range(10):
        for method, steps in found.items():
            report = targets.log_in(method, "--repeat", "1", "--warm-up", "1")
            steps += responses(report, "SRP_A", "SRP_M", "CHAP_A", "CHAP_R")
            settle()
    return found


def yardstick(program, group):
    out = subprocess.run([program, group, "200"], check=True, text=True,
                         stdout=subprocess.PIPE).stdout
    return json.loads(out)


def channel(program):
    """Powers through kernel, channel and helper, beside OpenSSL alone.

    One worker, one job at a time: what the pool asks for.
    """
    to = Target(name="iqn.2024-01.org.example:jobs", portal="127.0.0.1:3272")
    found = {}
    with lio.Parameter("srp_precompute", POWERS):
        for group in GROUPS:
            rounds = [fill_pool(to.auth, group, program)
                      for _ in range(ROUNDS)]
            found[group] = {key: statistics.median(each[key]
                                                   for each in rounds)
                            for key in rounds[0]}
    to.auth.no_srp()
    return found


def fill_pool(auth, group, program):
    auth.no_srp()
    helper.reset()                      # empties the pool
    before = yardstick(program, group)
    with Trace():
        auth.srp(groups=(group,))
        lio.wait_for(lambda: len(completions()) >= POWERS, "powers", 60,
                     step=0.1)
        done = completions()
    after = yardstick(program, group)
    # the first one waited for the helper's start
    return {"per_second": (len(done) - 1) / (done[-1][0] - done[0][0]),
            "round_trip_us": statistics.median(took for _, took in done[1:]),
            "alone_per_second": (before["per_second"] +
                                 after["per_second"]) / 2,
            "alone_us": (before["median_us"] + after["median_us"]) / 2}


def completions():
    """(seconds, round trip in us) of each power so far."""
    return [(float(at), int(trip)) for at, trip in re.findall(
        r"(\d+\.\d+): iscsi_srp_complete: .*op=POWER.* waited_us=(\d+) .*"
        r"error=0", Trace.read())]


def rate():
    """Logins per second, by initiators at a time, on one portal group or 8."""
    targets = []
    for n in range(PORTAL_GROUPS):
        targets.append(Target(name="iqn.2024-01.org.example:rate%d" % n,
                              portal="127.0.0.1:%d" % (3280 + n)))
        targets[-1].acl().auth.srp(groups=(GROUP,))
    settle()
    found = {}
    for groups in 1, PORTAL_GROUPS:
        found[groups] = {}
        for initiators, repeat in CONCURRENT.items():
            if initiators < groups:
                continue
            each = initiators // groups
            began = time.monotonic()
            reports = [finish(p) for p in [
                start(*SRP, GROUP, "--parallel", str(each), "--repeat",
                      str(repeat), target=to.name, portal=to.portal)
                for to in targets[:groups]]]
            span = reports[0]["seconds"] if groups == 1 else \
                time.monotonic() - began
            found[groups][initiators] = sum(
                report["succeeded"] for report in reports) / span
            settle()
    return found


def memory():
    """Resident size of a worker; the kernel's memory for a user."""
    status = lio.read("/proc/%d/status" % helper.workers()[0])
    worker = int(re.search(r"VmRSS:\s*(\d+)", status)[1])
    users = 256
    to = Target(name="iqn.2024-01.org.example:users", portal="127.0.0.1:3290")
    acls = [to.acl("iqn.2024-01.org.example:user%d" % n) for n in range(users)]
    settle()
    before = slab()
    verifier = "02" * 256
    for acl in acls:
        acl.auth.set("srp_userid", "alice")
        acl.auth.set("srp_salt", "00" * 16)
        acl.auth.set("srp_verifier_" + GROUP, verifier)
    settle()
    return {"worker_kib": worker,
            "user_bytes": (slab() - before) * 1024 / users}


def slab():
    return int(re.search(r"Slab:\s*(\d+)", lio.read("/proc/meminfo"))[1])


def mpi(module):
    """mpi_powm() of the kernel, in us by the modulus's bits."""
    subprocess.run(["insmod", module], check=True)
    log = subprocess.run(["dmesg"], check=True, text=True,
                         stdout=subprocess.PIPE).stdout
    return {bits: int(ns) / 1000 for bits, ns in
            re.findall(r"mpi_bench: (\d+) bits (\d+) ns", log)}


def main():
    program, module = sys.argv[1:]
    if not os.path.isdir(EVENTS):
        raise AssertionError("no tracepoints in " + TRACEFS)
    lio.write(TRACEFS + "/trace_clock", "mono")
    targets = Targets()
    result = {"kernel": os.uname().release, "cpus": os.cpu_count(),
              "helper": subprocess.run(
                  ["iscsi-srpd", "--version"], check=True, text=True,
                  stdout=subprocess.PIPE).stdout.strip()}
    result["first"] = first_login(targets)
    result["latency"] = latency(targets)
    result["target_side"] = target_side(targets)
    result["cold"] = cold(targets)
    result["rate"] = rate()
    result["channel"] = channel(program)
    result["mpi_us"] = mpi(module)
    targets.use(GROUP)
    result["memory"] = memory()
    json.dump(result, sys.stdout)
    print()


if __name__ == "__main__":
    main()
