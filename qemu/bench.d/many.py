# SPDX-License-Identifier: GPL-2.0-or-later
"""Measurements of many logins at once, and next to a session that is in use."""
import mmap
import os
import subprocess
import time
import types

import crowd as crowds
import lio
import openiscsi
from logins import GROUP, Network, finish, how, latencies, login, result, settle, start
from tracing import Running

BOUND = 2                               # seconds that a login next to a crowd may take
SOURCES = ["127.0.1.%d" % n for n in range(1, 9)]   # addresses of a crowd
LEAST = 3                               # measurements of which the least counts
STEADY = 50                             # logins per second
BLOCK = 64 << 10                        # bytes per request


def crowd(bench, kind, count):
    """Latencies of logins while nobody else, and while a crowd, is connected.

    No time is taken after a first login that fails: all would fail.
    """
    to = bench.targets.get(bench.method)
    host, port = to.portal.split(":")
    kept = {"portal": (host, int(port)), "sources": SOURCES, "within": 2,
            "must": False, "refill": True}
    if kind != "silent":
        kept.update(target=to.name,
                    method="CHAP" if bench.method == "CHAP" else "SRP")

    def logins(repeat, warm_up):
        return result(start(*how(bench.method), "--timeout", BOUND, "--repeat",
                            repeat, "--warm-up", warm_up, target=to,
                            errors=subprocess.DEVNULL))

    def works():
        return not logins(1, 0)["failed"]

    settle()
    idle = latencies(logins(bench.size.block, 1))
    held, failed = [], 1
    with getattr(crowds, kind)(int(count), **kept) as others:
        settle()
        if works():
            report = logins(bench.size.block, 1)
            held, failed = latencies(report), report["failed"]
        there = others.count("open")
    lio.wait_for(works, "the end of a crowd", 60)
    settle()
    idle += latencies(logins(bench.size.block, 1))
    return {"idle_us": idle, "held_us": held, "failed": failed, "bound_s": BOUND,
            "there": there}


def together(bench, rtt):
    """Seconds until many initiators that begin at the same time have logged in."""
    bench.targets.get(bench.method)
    with Network(int(rtt)):
        logins = bench.targets.log_in(
            bench.method, "--parallel", bench.size.together, "--warm-up",
            1)["logins"]
    return (max(each["begin_us"] + each["latency_us"] for each in logins) -
            min(each["begin_us"] for each in logins)) / 1e6


def rate(bench):
    """Logins per second by method, number of portal groups and of initiators, and what
    the CPUs allow."""
    found = {method: {groups: {
        initiators: rate_of(bench, method, bench.targets.several(method, groups),
                            initiators, repeat)
        for initiators, repeat in bench.size.rate.items() if initiators >= groups}
        for groups in (1, bench.size.portal_groups)}
        for method in dict.fromkeys((bench.method, "CHAP"))}
    found["cpus"] = os.cpu_count()
    if bench.yard:
        # the least: what the host takes from the guest's CPUs looks like work
        found["chap_cpu_us"] = min(cpu_us(bench) for _ in range(LEAST))
        found["powers_us"] = min(bench.yard.login(GROUP) for _ in range(LEAST))
    return found


def connect(device, network, host):
    """Give an end of a link to another guest its address."""
    address = "10.9.%s.%d" % (network, host)
    for command in ("addr add %s/24 dev %s" % (address, device),
                    "link set %s up" % device):
        subprocess.run(["ip", *command.split()], check=True)
    return address


def serve(bench, network):
    """Offer a target for CHAP to the guest at the other end of the link."""
    target = bench.targets.get("CHAP")
    portal = connect("vec0", network, 1) + ":3260"
    target.add_portal(portal)
    return [portal, target.name]


def meet(_, *networks):
    """Be the guest with the initiators, at the other end of the others' links."""
    for n, network in enumerate(networks):
        connect("vec%d" % n, network, 2)


def chap(bench, initiators):
    """CHAP logins per second to one portal group."""
    return rate_of(bench, "CHAP", bench.targets.several("CHAP", 1), int(initiators),
                   2 * bench.size.rate[int(initiators)])


def far(bench, initiators, portal, name):
    """The same to a portal group of another guest."""
    target = types.SimpleNamespace(portal=portal, name=name)
    return rate_of(bench, "CHAP", [target], int(initiators),
                   4 * bench.size.rate[int(initiators)])


def rate_of(bench, method, targets, initiators, repeat):
    """Count logins in the time in which all initiators are busy."""
    groups = len(targets)
    settle()
    at = int(time.monotonic()) + bench.size.start if groups > 1 else 0
    reports = [finish(p) for p in [
        start(*how(method), "--parallel", initiators // groups, "--repeat", repeat,
              "--warm-up", 1, "--begin-at", at, target=to) for to in targets]]
    begins, ends = [], []
    for report in reports:
        for n in range(report["parallel"]):
            mine = [each for each in report["logins"] if each["connection"] == n]
            begins.append(mine[0]["begin_us"])
            ends.append([each["begin_us"] + each["latency_us"] for each in mine])
    begin, end = max(begins), min(each[-1] for each in ends)
    if begin >= end:                    # too few logins
        begin, end = min(begins), max(each[-1] for each in ends)
    done = sum(begin < each <= end for some in ends for each in some)
    return 1e6 * done / (end - begin)


def cpu_us(bench):
    """CPU time of a CHAP login at both ends, without that of the program's start."""
    to = bench.targets.get("CHAP")
    used = []
    for repeat in bench.size.cpu:
        settle()
        before = busy()
        login(*how("CHAP"), "--repeat", repeat, target=to)
        used.append(busy() - before)
    few, many = bench.size.cpu
    return 1e6 * (used[1] - used[0]) / (many - few)


def busy():
    """Seconds of all CPUs that were not idle."""
    idle = sum(map(int, lio.read("/proc/stat").split()[4:6])) / \
        os.sysconf("SC_CLK_TCK")
    return os.cpu_count() * time.monotonic() - idle


def io(bench):
    """Requests of an established session: alone, with a steady rate of logins to the
    same portal group, and in a storm of them."""
    to = bench.targets.get(bench.method)
    settings = openiscsi.chap() if bench.method == "CHAP" else openiscsi.srp()
    where = {"target": to.name, "portal": to.portal}
    size = bench.size
    with openiscsi.OpenIscsi(settings) as initiator:
        initiator.login(**where)
        disk = os.open(openiscsi.disk(), os.O_RDWR | os.O_DIRECT)
        try:
            requests(disk, 0.2)
            settle()
            idle = requests(disk, size.seconds)
            steady = requests_during(
                bench, disk, size.seconds, "--timeout", BOUND, "--parallel", 16,
                "--repeat", int(STEADY * size.seconds / 16) + 2, "--rate", STEADY)
            settle()
            after = requests(disk, size.seconds)
            storm = requests_during(bench, disk, 60, "--parallel", size.together,
                                    "--repeat", size.storm)
        finally:
            os.close(disk)
        initiator.logout(**where)
    return {"idle": idle, "after": after, "steady": steady, "storm": storm}


def requests_during(bench, disk, seconds, *logins):
    """Requests for so many seconds, at most as long as there are logins, how many
    logins fail, and the share of the CPU that their initiators use meanwhile."""
    at = int(time.monotonic()) + bench.size.start
    p = start(*how(bench.method), *logins, "--warm-up", 1, "--begin-at", at,
              target=bench.targets.get(bench.method))
    time.sleep(max(0, at - time.monotonic()))
    with Running("iscsi-login") as initiators:
        found = requests(disk, seconds, lambda: p.poll() is None)
    report = result(p)
    return {"logins_per_second": report["logins_per_second"],
            "failed": report["failed"],
            "initiators": initiators.seconds / found["seconds"], **found}


def requests(disk, seconds, go_on=lambda: True):
    """Write and read in turns, one request at a time, bypassing the page cache."""
    buffer = mmap.mmap(-1, BLOCK)       # aligned
    end = os.lseek(disk, 0, os.SEEK_END)
    count = errors = 0
    slowest = 0
    began = now = time.monotonic()
    while now < began + seconds and (count % 64 or go_on()):
        at = count // 2 * BLOCK % end
        try:
            if count % 2:
                os.preadv(disk, [buffer], at)
            else:
                os.pwritev(disk, [buffer], at)
        except OSError:
            errors += 1
        before, now = now, time.monotonic()
        slowest = max(slowest, now - before)
        count += 1
    return {"mb_per_s": count * BLOCK / 1e6 / (now - began), "slowest_s": slowest,
            "errors": errors, "seconds": now - began}
