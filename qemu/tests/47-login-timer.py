#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# login_timeout bounds a login, silent or not; so does a number of requests
# log: failed with status 0[02]
import contextlib
import time

import expect
import iscsi
import lio
from background import Background, srp_login, timed_login
from initiator import Initiator, Rejected, outcome
from iscsi import Closed
from lio import Target

LIMITS = {"short": 5, "long": 7}        # seconds; 5 is the least
REQUESTS = 64                           # a login may have as many
TEXT = 8192                             # bytes; no text is longer


def start(i):
    i.start("SRP")


def user(i):
    i.start("SRP")
    i.user()


def ephemeral(i):
    i.start("SRP")
    i.user()
    i.ephemeral()


def proved(i):
    i.srp()


def continued(i):
    """Text that continues, byte by byte."""
    i.start("SRP")
    for byte in b"SRP_U=alice\0TargetAuth=No\0X-a=":
        i.ask(data=bytes([byte]), more=True)
        time.sleep(1)


def many(i):
    """Requests of the operational stage, each of which is answered."""
    i.srp()
    while True:
        i.ask([("X-com.example.a", "1")], csg=1)
        time.sleep(1)


def part(i):
    """Half a request."""
    i.start("SRP")
    i.wire.sock.sendall(bytes([iscsi.LOGIN | iscsi.IMMEDIATE]))


targets, acls = {}, {}
for number, (name, limit) in enumerate(LIMITS.items()):
    portal = "127.0.0.1:%d" % (3260 + number)
    target = Target("iqn.2024-01.org.example:" + name, portal)
    target.attrib("login_timeout", limit)
    acls[name] = target.acl()
    acls[name].auth.srp()
    targets[name] = {"target": target.name,
                     "portal": ("127.0.0.1", 3260 + number)}
discovery = lio.Discovery(False)
table = expect.Table()
for value in 0, 4, 31:                  # as stock LIO has it
    try:
        target.attrib("login_timeout", value)
        table.row("login_timeout=%d" % value, "accepted", "refused")
    except OSError:
        pass


def dropped(script, name):
    """Seconds until the target disconnects."""
    start = time.monotonic()
    with Initiator(timeout=60, **targets[name]) as i:
        with contextlib.suppress(Closed):
            script(i)
            i.recv()
            return "an answer"
    return time.monotonic() - start


def failures(name):
    return {key: count for key, count in acls[name].auth.counters().items()
            if key.startswith("failures_") and count}


expect.equal(outcome(srp_login, **targets["short"]), "0000", "login")
before = lio.logins("timed_out")
held = {(script, "short"): Background(lambda s=script: dropped(s, "short"))
        for script in (start, user, ephemeral, proved, continued, many, part)}
held[user, "long"] = Background(lambda: dropped(user, "long"))
for (script, name), attempt in held.items():
    seconds = attempt.result(40)
    table.row("%s, dropped after %s s of %d" % (script.__name__, seconds,
                                                LIMITS[name]),
              isinstance(seconds, float) and
              LIMITS[name] - 1 < seconds < LIMITS[name] + 3 * expect.PATIENCE,
              True)
table.row("logins timed out", lio.logins("timed_out") - before, len(held))
table.row("counted as", failures("short"), {"failures_aborted": 7})
table.row("counted as", failures("long"), {"failures_aborted": 1})
table.row("login after it", timed_login(**targets["short"])[0], "0000")
table.row("wrong password after it",
          outcome(srp_login, password="wrong", **targets["short"]), "0201")
# no job was left behind
lio.wait_for(lambda: discovery.get("srp_queue_depth") == "0",
             "the end of the jobs of dropped logins")


def refused(first, limit, **how):
    """Whether the target refuses one of the next requests."""
    with Initiator(**targets["long"]) as i:
        first(i)
        try:
            for _ in range(limit):
                i.ask(**how)
        except (Closed, Rejected):
            return True
    return False


table.row("requests without progress is refused",
          refused(proved, REQUESTS + 1, keys=[("X-com.example.a", "1")], csg=1),
          True)
table.row("text without an end is refused",
          refused(start, TEXT + REQUESTS, data=b"X", more=True), True)
table.row("text of no bytes is refused",
          refused(start, TEXT + REQUESTS, data=b"", more=True), True)
table.row("login after it", timed_login(**targets["short"])[0], "0000")
table.end()
