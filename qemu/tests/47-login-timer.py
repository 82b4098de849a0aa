#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# An initiator that stops responding in a login is dropped after 15 s
# log: failed with status 0[02]
import time

import expect
import lio
from background import Background, srp_login, timed_login
from initiator import Initiator, outcome
from iscsi import Closed
from lio import Target

LIMIT = 15                              # seconds; the target's limit
STEPS = {
    "SRP_U": lambda i: i.user(),
    "SRP_A": lambda i: (i.user(), i.ephemeral()),
}
# a login blocks its portal group, so use one portal group per login
targets = {}
for number, step in enumerate(STEPS):
    target = Target("iqn.2024-01.org.example:t%d" % number,
                    "127.0.0.1:%d" % (3260 + number))
    acl = target.acl()
    acl.auth.srp()
    targets[step] = (acl, {"target": target.name,
                           "portal": ("127.0.0.1", 3260 + number)})
discovery = lio.Discovery(False)


def silence(step):
    """Seconds from the answer of a step until the target disconnects."""
    with Initiator(timeout=2 * LIMIT, **targets[step][1]) as i:
        start = time.monotonic()
        i.start("SRP")
        STEPS[step](i)
        try:
            i.recv()
        except Closed:
            return time.monotonic() - start
    return "an answer"


table = expect.Table()
silent = {step: Background(lambda s=step: silence(s)) for step in STEPS}
for step, attempt in silent.items():
    seconds = attempt.result(2 * LIMIT)
    table.row("silent after %s, dropped after %s s" % (step, seconds),
              LIMIT - 2 < seconds < LIMIT + 5 * expect.PATIENCE, True)
    acl, where = targets[step]
    failures = {name: count for name, count in acl.auth.counters().items()
                if name.startswith("failures_") and count}
    table.row("silent after %s: counted as" % step, failures,
              {"failures_aborted": 1})
    ended, seconds = timed_login(**where)
    table.row("login after it", ended, "0000")
    table.row("login after it: %.1f s" % seconds, seconds < 3 *
              expect.PATIENCE, True)
    table.row("wrong password after it",
              outcome(srp_login, password="wrong", **where), "0201")
# no job was left behind
lio.wait_for(lambda: discovery.get("srp_queue_depth") == "0",
             "the end of the jobs of dropped logins")
table.end()
