#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""One run of the benchmark, in a freshly booted guest.

Measure everything once and print a JSON object.  The program --yardstick measures
OpenSSL alone, the module --mpi measures the kernel's mpi_powm(); without them, the
comparisons are skipped.  qemu/bench starts this script and computes ratios and
tables over several runs.
"""
import argparse
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
import srp
import target as fake
from initiator import NAME, Initiator
from lio import Target
from tracing import EVENTS, TRACEFS, Trace

PASSWORD = "password123"
USER = ["--user", "alice"]
GROUPS = ["SRP-1536", "SRP-2048", "MODP-3072", "MODP-4096", "MODP-8192"]
GROUP = "SRP-2048"                      # where only one is measured
SRPD = "/usr/sbin/iscsi-srpd"
MPI = "/sys/module/mpi_speed/parameters"
# exponentiations per loop of the yardstick: at least 50 ms, and half the pool's size
LOOP = {"SRP-1536": 250, "SRP-2048": 150, "MODP-3072": 70, "MODP-4096": 40,
        "MODP-8192": 32}
SETTLE = 0.1                            # seconds for workers to become idle
POWERS = 64                             # the limit of the pool
STARTED = 8                             # powers made before measuring the rate


class Size:
    """How much to measure."""
    blocks = {0: 5, 1: 3, 10: 3}        # round trip in ms: turns per method
    block = 7                           # logins per turn
    cold = {0: 3, 10: 2}
    warm = 11                           # logins after the first one
    alone = 12                          # logins per group that run alone
    rounds = 7                          # times to fill the pool
    execs = 15                          # helpers started for one job
    portal_groups = 8
    rate = {1: 96, 8: 24, 64: 6}        # initiators: logins per initiator
    in_flight = 32
    users = 512
    table = 10000
    swaps = 4                           # of two targets' users; each has all users twice
    turns = 12                          # logins with one user and with all users


class Quick(Size):
    blocks = {0: 1, 1: 1, 10: 1}
    block = 3
    cold = {0: 1}
    warm = 3
    alone = 1
    rounds = 1
    execs = 2
    rate = {1: 8, 8: 2, 64: 1}
    in_flight = 8
    users = 128
    table = 100
    swaps = 2
    turns = 1


# Logins

def login(*args, target):
    """Run iscsi-login, return its report.  Every login must succeed."""
    return finish(start(*args, target=target))


def start(*args, target):
    # pylint: disable-next=consider-using-with
    p = subprocess.Popen(["iscsi-login", "--json", "--timeout", "60",
                          "--initiator", NAME, *args, target.portal,
                          target.name],
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


class Targets:
    """One target per method, created on first use."""

    def __init__(self):
        self.made = {}

    def get(self, method):
        if method not in self.made:
            to = new_target("None" if method == "None" else
                            "CHAP" if method == "CHAP" else "SRP")
            auth = to.acl().auth
            if method == "CHAP":
                auth.chap()
            elif method != "None":
                auth.srp(groups=(method,))
            self.made[method] = to
            settle()
        return self.made[method]

    def log_in(self, method, *args):
        """Log in; method: None, CHAP or a group."""
        return login(*how(method), *args, target=self.get(method))


def new_target(methods):
    """Create a target on the next port."""
    new_target.port += 1
    return Target(name="iqn.2024-01.org.example:bench%d" % new_target.port,
                  portal="127.0.0.1:%d" % new_target.port, methods=methods,
                  authentication=int(methods != "None"))


new_target.port = 3299


def how(method):
    """Options of iscsi-login for a method."""
    if method == "None":
        return ["--method", "none"]
    if method == "CHAP":
        return ["--method", "chap"] + USER
    return ["--method", "srp", "--group", method] + USER


def settle():
    """Wait until the workers are idle: their CPU time stops growing."""
    before = None
    while True:
        time.sleep(SETTLE)
        now = sorted((pid, lio.read("/proc/%d/stat" % pid).split()[13:15])
                     for pid in helper.workers())
        if now == before:
            return
        before = now


def network(rtt):
    """Delay the loopback device by half of the round trip in each direction."""
    if rtt:
        subprocess.run(["tc", "qdisc", "replace", "dev", "lo", "root", "netem",
                        "delay", "%dus" % (rtt * 500), "limit", "100000"],
                       check=True)
    else:
        subprocess.run(["tc", "qdisc", "del", "dev", "lo", "root"],
                       check=False, stderr=subprocess.DEVNULL)


# Measurements

def first_login(targets, size):
    """The first login after boot, then warm logins, each in a new process."""
    targets.get(GROUP)
    # warm up the initiator's program with a login to another target
    with fake.Target(groups=(GROUP,)) as other:
        subprocess.run(["iscsi-login", "--initiator", NAME, *how(GROUP),
                        "127.0.0.1:%d" % other.port, other.name], check=False,
                       text=True, input=PASSWORD + "\n",
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    took = []
    for _ in range(1 + size.warm):
        took += latencies(targets.log_in(GROUP))
        settle()
    return {"first_us": took[0], "warm_us": took[1:]}


def latency(targets, size, methods):
    """Latencies by method and round trip.  The methods take turns."""
    found = {method: {rtt: [] for rtt in size.blocks} for method in methods}
    for method in methods:
        targets.get(method)
    for rtt, blocks in size.blocks.items():
        network(rtt)
        for _ in range(blocks):
            for method in methods:
                settle()
                found[method][rtt] += latencies(targets.log_in(
                    method, "--repeat", str(size.block), "--warm-up", "1"))
        network(0)
    return found


def cold(targets, size):
    """Latencies with the workers killed before each login."""
    found = {group: {rtt: [] for rtt in size.cold} for group in GROUPS}
    for rtt, repeat in size.cold.items():
        network(rtt)
        for group in GROUPS * repeat:
            targets.get(group)
            helper.reset()
            found[group][rtt] += latencies(targets.log_in(group))
        network(0)
    return found


def target_side(targets, size, yard):
    """Time at the target for each step, of logins that run alone."""
    found = {}
    for group in GROUPS:
        targets.log_in(group)
        steps = {"SRP_U": [], "SRP_A": [], "SRP_M": []}
        alone = []
        for _ in range(size.alone):
            settle()
            with Trace() as trace:
                targets.log_in(group)
            for name, took in steps.items():
                took += [int(event.field["took_us"])
                         for event in trace.of("step")
                         if event.field["step"] == name]
            alone.append(yard.alone(group, LOOP[group] // 5 + 1)["us"])
        if {len(took) for took in steps.values()} != {size.alone}:
            raise AssertionError("not one step of each kind for each login")
        found[group] = {"alone_us": statistics.median(alone), **steps}
    return found


class Yardstick:
    """The program bench_srp."""

    def __init__(self, program):
        self.program = program

    def run(self, *args):
        return json.loads(subprocess.run(
            [self.program, *map(str, args)], check=True, text=True,
            stdout=subprocess.PIPE).stdout)

    def alone(self, group, count=0, processes=1):
        return self.run("alone", group, count or LOOP[group], processes)

    def execs(self, group, count):
        return self.run("exec", group, count, SRPD)["us"]

    def syscall(self):
        return self.run("syscall", 5000)["us"]


def round_trips(targets, size):
    """Time of single powers in us, by group: from submit to complete and, if its
    module is loaded, mpi_powm(), in turns."""
    found = {"round_trip_us": {}, "mpi_us": {}}
    with lio.Parameter("srp_precompute", 1):
        for group in GROUPS:
            targets.get(group)
            helper.reset()              # empties the pool
            targets.log_in(group)
            took = {"round_trip_us": [], "mpi_us": []}
            for _ in range(size.alone):
                settle()
                with Trace():
                    targets.log_in(group)
                    lio.wait_for(lambda: powers("complete"), "a power",
                                 step=0.05)
                    took["round_trip_us"].append(powers("complete")[0][1])
                if os.path.isdir(MPI):
                    lio.write(MPI + "/bits", group.rpartition("-")[2])
                    took["mpi_us"].append(int(lio.read(MPI + "/ns")) / 1000)
            for name, values in took.items():
                if values:
                    found[name][group] = statistics.median(values)
    return found


def powers(event):
    """(timestamp, us since submission) of each power event so far."""
    return [(float(at), int(trip)) for at, trip in re.findall(
        r"(\d+\.\d+): iscsi_srp_%s: .*op=POWER.* waited_us=(\d+) .*error=0" %
        event, Trace.read())]


def channel(size, yard, workers):
    """Rate of powers through kernel, channel and helper, and with OpenSSL alone.

    Using a new group makes the pool request as many powers as it may hold.
    """
    to = new_target("SRP")
    to.auth.set("srp_userid", "alice")
    to.auth.set("srp_salt", lio.SALT.hex())
    busy = [new_target("SRP") for _ in range(2 * workers)]
    found = {group: [] for group in GROUPS}
    with lio.Parameter("srp_max_workers", workers), \
            lio.Parameter("srp_precompute", 0):
        for each in busy:
            each.acl().auth.srp(groups=("MODP-3072",))
        for _ in range(size.rounds):
            helper.reset()              # empties the pool
            lio.wait_for(lambda: bring_up(busy, workers), "workers", 30)
            settle()
            for group in GROUPS:
                before = yard.alone(group, processes=workers)
                with lio.Parameter("srp_precompute", POWERS):
                    rate = fill_pool(to.auth, group, before["us"] / workers)
                after = yard.alone(group, processes=workers)
                alone = (before["per_second"] + after["per_second"]) / 2
                found[group].append({"per_second": rate,
                                     "alone_per_second": alone,
                                     "alone_us": (before["us"] +
                                                  after["us"]) / 2,
                                     "ratio": rate / alone})
            to.auth.no_srp()
            to.auth.set("srp_userid", "alice")
            to.auth.set("srp_salt", lio.SALT.hex())
    return {workers: {
        group: {key: statistics.median(each[key] for each in rounds)
                for key in rounds[0]} for group, rounds in found.items()}}


def bring_up(targets, workers):
    """Log in at all targets in parallel; return whether enough workers run."""
    for p in [start(*how("MODP-3072"), "--repeat", "4", target=to)
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


def rate(size, method):
    """Logins per second, by parallel initiators, with 1 and with 8 portal groups."""
    targets = []
    for _ in range(size.portal_groups):
        targets.append(new_target("CHAP" if method == "CHAP" else "SRP"))
        auth = targets[-1].acl().auth
        if method == "CHAP":
            auth.chap()
        else:
            auth.srp(groups=(method,))
    settle()
    found = {}
    for groups in 1, size.portal_groups:
        found[groups] = {}
        for initiators, repeat in size.rate.items():
            if initiators < groups:
                continue
            each = initiators // groups
            began = time.monotonic()
            reports = [finish(p) for p in [
                start(*how(method), "--parallel", str(each), "--repeat",
                      str(repeat), target=to) for to in targets[:groups]]]
            span = reports[0]["seconds"] if groups == 1 else \
                time.monotonic() - began
            found[groups][initiators] = sum(
                report["succeeded"] for report in reports) / span
            settle()
    return found


def memory(targets, size):
    """Memory of a worker, and kernel memory per user and per login in flight."""
    targets.log_in(GROUP)
    settle()
    with open("/proc/%d/status" % helper.workers()[0], encoding="utf-8") as f:
        status = dict(re.findall(r"(\w+):\s*(\d+) kB", f.read()))
    found = {"worker_rss_kib": int(status["VmRSS"]),
             "worker_anon_kib": int(status["RssAnon"])}
    with lio.Parameter("srp_precompute", 0):    # keep the size of the pool
        found["user_bytes"] = user_bytes(size.users)
        found.update(login_bytes(size.in_flight))
    return found


def user_bytes(users):
    to = new_target("SRP")
    acls = [to.acl("iqn.2024-01.org.example:user%d" % n) for n in range(users)]
    # the first half fills free places in existing slabs
    set_users(acls[:users // 2])
    before = slab()
    set_users(acls[users // 2:])
    return (slab() - before) / (users - users // 2)


def set_users(acls):
    for acl in acls:
        acl.auth.set("srp_userid", "alice")
        acl.auth.set("srp_salt", "00" * 16)
        acl.auth.set("srp_verifier_" + GROUP, "02" * 256)
    settle()


def login_bytes(logins):
    """Use one portal group per login: a portal group serves one at a time."""
    targets = [new_target("SRP") for _ in range(logins)]
    for to in targets:
        to.acl().auth.srp(groups=(GROUP,))
    settle()
    start_of_all = slab()
    initiators = []
    for to in targets:
        address, port = to.portal.rsplit(":", 1)
        initiators.append(Initiator(target=to.name,
                                    portal=(address, int(port))))
        initiators[-1].choose("SRP", "SRP")
    begun = slab()
    for each in initiators:
        each.user()
        each.ephemeral(GROUP)
    settle()
    proof_awaited = slab()
    for each in initiators:
        each.close()
    return {"connection_bytes": (begun - start_of_all) / logins,
            "login_bytes": (proof_awaited - begun) / logins}


def user_table(size):
    """Time to load a user table in one batch, and of logins with one and all users.

    All users share existing verifiers, because only user0 logs in.  Two targets
    take turns, one with one user and one with all users, and then swap, because
    two targets are never equally fast.
    """
    targets = [new_target("SRP") for _ in range(2)]
    for to in targets:
        to.demo()
    ready = ["srp_salt=" + lio.SALT.hex()] + [
        "srp_verifier_%s=%s" % (group, srp.octets(srp.verifier(
            group, b"user0", PASSWORD.encode(), lio.SALT)).hex())
        for group in ("SRP-1536", GROUP, "MODP-3072")]
    batch_s = {count: timed(
        "iscsi-srp-passwd", "-f", "/run/users%d" % count, "--batch",
        stdin="".join("[user%d]\nsrp_userid=user%d\n%s\n\n" % (
            n, n, "\n".join(ready)) for n in range(count)))
        for count in (1, size.table)}
    apply_s = []
    found = {count: [] for count in batch_s}
    for _ in range(size.swaps):
        for count, to in zip(found, targets):
            took = timed("iscsi-srp-passwd", "-f", "/run/users%d" % count,
                         "--apply", to.path + "/srp_users", stdin="")
            have = len(os.listdir(to.path + "/srp_users"))
            if have != count:
                raise AssertionError("%d users instead of %d" % (have, count))
            if count == size.table:
                apply_s.append(took)
        for _ in range(size.turns):
            for count, to in zip(found, targets):
                settle()
                found[count].append(latencies(login(
                    "--method", "srp", "--group", GROUP, "--user", "user0",
                    "--repeat", str(size.block), "--warm-up", "1", target=to)))
        targets.reverse()
    return {"users": size.table, "batch_s": batch_s[size.table],
            "apply_s": statistics.median(apply_s), "one_us": found[1],
            "all_us": found[size.table]}


def timed(*command, stdin):
    """Seconds that a command takes.  It must succeed."""
    began = time.monotonic()
    subprocess.run(command, check=True, input=stdin, text=True,
                   stdout=subprocess.DEVNULL)
    return time.monotonic() - began


def slab():
    """Bytes of unreclaimable slabs."""
    return 1024 * int(re.search(r"SUnreclaim:\s*(\d+)",
                                lio.read("/proc/meminfo"))[1])


def measure(options, size):
    targets = Targets()
    result = {"kernel": os.uname().release, "cpus": os.cpu_count()}
    if options.unpatched:
        result["latency"] = latency(targets, size, ["None", "CHAP"])
        result["rate"] = rate(size, "CHAP")
        return result
    if not os.path.isdir(EVENTS):
        raise AssertionError("no tracepoints in " + TRACEFS)
    lio.write(TRACEFS + "/trace_clock", "mono")
    if options.pinned:
        if options.mpi:
            subprocess.run(["insmod", options.mpi], check=True)
        result.update(round_trips(targets, size))
        if options.yardstick:
            yard = Yardstick(options.yardstick)
            result["syscall_us"] = yard.syscall()
            result["exec_us"] = {group: yard.execs(group, size.execs)
                                 for group in GROUPS}
            result["channel"] = channel(size, yard, 1)
        result["users"] = user_table(size)
        return result
    result["helper"] = subprocess.run(
        [SRPD, "--version"], check=True, text=True,
        stdout=subprocess.PIPE).stdout.strip()
    result["first"] = first_login(targets, size)
    result["latency"] = latency(targets, size, ["None", "CHAP"] + GROUPS)
    if options.yardstick:
        yard = Yardstick(options.yardstick)
        result["target_side"] = target_side(targets, size, yard)
        result["channel"] = {}
        if result["cpus"] > 1:
            result["channel"] = channel(size, yard, result["cpus"])
        result["syscall_us"] = yard.syscall()
    result["cold"] = cold(targets, size)
    result["rate"] = rate(size, GROUP)
    result["memory"] = memory(targets, size)
    return result


def main():
    parser = argparse.ArgumentParser(description="One run, in a guest.")
    parser.add_argument("--quick", action="store_true",
                        help="measure less, to try it out")
    parser.add_argument("--unpatched", action="store_true",
                        help="None and CHAP only, on any kernel")
    parser.add_argument("--pinned", action="store_true",
                        help="time of one job, in a guest on one CPU")
    parser.add_argument("--yardstick", help="the program bench_srp")
    parser.add_argument("--mpi", help="the module with mpi_powm()")
    options = parser.parse_args()
    json.dump(measure(options, Quick if options.quick else Size), sys.stdout)
    print()


if __name__ == "__main__":
    main()
