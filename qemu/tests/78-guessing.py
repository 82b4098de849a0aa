#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# After failed logins from an address, the next proofs of that user are verified later,
# but not those from other addresses
# log: failed with status 0[23]
# log: slowed down
import expect
from background import timed_login
from initiator import NAME
from lio import Parameter, Target

PAUSES = (0, 0, 0, 0.25, 0.5, 1, 2)     # seconds after so many failures, some of
                                        # which pass before the next login begins


def log_in(i, method):
    """A complete login."""
    getattr(i, method.lower())()
    i.operational()
    i.logout()


def attempt(method, **how):
    return timed_login(lambda i: log_in(i, method), **how)


target = Target(methods="SRP,CHAP")
acl = target.acl()
acl.auth.srp(groups=("SRP-1536",))
acl.auth.chap()

table = expect.Table()
with Parameter("slow_down_guessing", "Y"):
    for method, user in ("SRP", "alice"), ("SRP", "nobody"), ("CHAP", "alice"):
        what = "%s of %s: " % (method, user)
        for count, pause in enumerate(PAUSES[:-1]):
            # Another spelling of the same initiator is not another user
            status, seconds = attempt(method, user=user, password="wrong",
                                      name=NAME.upper() if count % 2 else NAME)
            table.row(what + "status of a guess", status, "0201")
        table.row(what + "it waited", seconds >= pause / 2, True)
        if user == "nobody":
            continue
        status, seconds = attempt(method, source="127.0.0.2")
        table.row(what + "status from another address", status, "0000")
        table.row(what + "it did not wait there", seconds < PAUSES[-1] / 2, True)
        status, seconds = attempt(method)
        table.row(what + "status with the right password", status, "0000")
        table.row(what + "it waited, too", seconds >= PAUSES[-1] / 2, True)
        status, seconds = attempt(method)
        table.row(what + "status of the login after it", status, "0000")
        table.row(what + "it did not wait", seconds < PAUSES[-1], True)
table.end()
