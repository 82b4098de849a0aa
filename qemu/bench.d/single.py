# SPDX-License-Identifier: GPL-2.0-or-later
"""Measurements of logins that run alone, and of memory."""
import contextlib
import os
import re
import statistics
import subprocess
import time

import helper
import lio
import srp
import target as fake
from initiator import NAME, Initiator
from logins import (GROUP, GROUPS, PASSWORD, Network, how, latencies, login, settle)
from tracing import Trace


def first(bench):
    """The first login after boot, then warm logins, each in a new process."""
    bench.targets.get(GROUP)
    # warm up the initiator's program with a login to another target
    with fake.Target(groups=(GROUP,)) as other:
        subprocess.run(["iscsi-login", "--initiator", NAME, *how(GROUP),
                        "127.0.0.1:%d" % other.port, other.name], check=False,
                       text=True, input=PASSWORD + "\n",
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    took = []
    for _ in range(1 + bench.size.warm):
        took += latencies(bench.targets.log_in(GROUP))
        settle()
    return {"first_us": took[0], "warm_us": took[1:]}


def latency(bench, rtt):
    """Latencies by method, with a round trip in ms."""
    found = {}
    for method in bench.methods:
        bench.targets.get(method)
    with Network(int(rtt)):
        for method in bench.methods:
            settle()
            found[method] = latencies(bench.targets.log_in(
                method, "--repeat", bench.size.block, "--warm-up", 1))
    return found


def cold(bench, rtt):
    """Latencies with the workers killed before each login."""
    found = {}
    for group in GROUPS:
        bench.targets.get(group)
    with Network(int(rtt)):
        for group in GROUPS:
            helper.reset()
            found[group] = latencies(bench.targets.log_in(group))
    return found


def target_side(bench):
    """Time at the target for each step, of logins that run alone."""
    found = {}
    for group in GROUPS:
        bench.targets.log_in(group)
        steps = {"SRP_U": [], "SRP_A": [], "SRP_M": []}
        alone = []
        for _ in range(bench.size.alone):
            settle()
            with Trace() as trace:
                bench.targets.log_in(group)
            for name, took in steps.items():
                took += [int(event.field["took_us"])
                         for event in trace.of("step")
                         if event.field["step"] == name]
            alone.append(bench.yard.alone(group, 0.2)["us"])
        if {len(took) for took in steps.values()} != {bench.size.alone}:
            raise AssertionError("not one step of each kind for each login")
        found[group] = {"alone_us": statistics.median(alone), **steps}
    return found


def memory(bench):
    """Memory of a worker, and kernel memory per user and per login in flight."""
    bench.targets.log_in(GROUP)
    settle()
    with open("/proc/%d/status" % helper.workers()[0], encoding="utf-8") as f:
        status = dict(re.findall(r"(\w+):\s*(\d+) kB", f.read()))
    found = {"worker_rss_kib": int(status["VmRSS"]),
             "worker_anon_kib": int(status["RssAnon"])}
    with lio.Parameter("srp_precompute", 0):    # keep the size of the pool
        # before the many users, which leave free places in slabs
        found.update(login_bytes(bench))
        found["user_bytes"] = user_bytes(bench)
    return found


def user_bytes(bench):
    users = bench.size.users
    acls = []
    bench.targets.make("users", 1, lambda to: acls.extend(
        to.acl("iqn.2024-01.org.example:user%d" % n) for n in range(users)))
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


def login_bytes(bench):
    """One login in each portal group, so that it works if logins take turns there."""
    logins = bench.size.in_flight
    targets = bench.targets.several(GROUP, logins)
    found = []
    with contextlib.ExitStack() as held:
        # the first half fills free places in existing slabs
        for some in targets[:logins // 2], targets[logins // 2:]:
            settle()
            before = slab()
            begun = [held.enter_context(in_flight(to)) for to in some]
            settle()
            found.append(slab() - before)
            for each in begun:
                each.user()
                each.ephemeral(GROUP)
            settle()
            found.append(slab() - before - found[-1])
    return {"connection_bytes": found[2] / len(begun),
            "login_bytes": found[3] / len(begun)}


def in_flight(to):
    """A login that has begun."""
    address, port = to.portal.rsplit(":", 1)
    initiator = Initiator(target=to.name, portal=(address, int(port)))
    initiator.choose("SRP", "SRP")
    return initiator


def users(bench):
    """Time to load a user table in one batch, and of logins with one and all users.

    All users share existing verifiers, because only user0 logs in.  Two targets
    take turns, one with one user and one with all users, and then swap, because
    two targets are never equally fast.
    """
    size = bench.size
    targets = bench.targets.make("tables", 2, lambda to: to.demo())
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
    for _ in range(2):
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
                    "--repeat", size.block, "--warm-up", 1, target=to)))
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
