#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""races.py [-f] [--logins N | --seconds N] [SEED]: logins while all that they use changes.

Initiators log in and leave at any step.  Meanwhile the target is configured, its helper
dies, and the clock is set: see disturb.py.  -f: allocations of the kernel fail as well.
Whatever happens, nobody gets in with a wrong password, no login hangs, one that has done
nothing wrong is not told so, and when all is over nothing is left and logins work.
"""
import argparse
import collections
import contextlib
import random
import socket
import threading
import time
import traceback

import disturb
import fuzzwatch
import lio
from fuzzlogin import DEMO, NAME, STATUSES, Finding
from fuzzwatch import GROUPS, SECRETS
from initiator import TARGET, Initiator, Rejected
from iscsi import Closed

LANES = 12                              # logins at a time
ROUND = 5                               # seconds until a look without disturbances
TIMEOUT = 20                            # seconds for an answer; LIO's limit is 15
HEALTHY = 15                            # seconds until a login works again
ONE_IN = 200                            # allocations, of which one fails
HELPER = ["the helper"]                 # what the log says when it dies
WHO = [                                 # user, arguments, methods
    ("alice", {"name": NAME + "srp", "target": TARGET}, ["srp"]),
    ("alice", {"name": NAME + "chap", "target": TARGET}, ["chap"]),
    ("alice", {"name": NAME + "both", "target": TARGET}, ["srp", "chap"]),
    ("bob", {"name": NAME + "guest", "target": DEMO}, ["srp"]),
    ("carol", {"name": NAME + "guest", "target": DEMO}, ["srp"]),
    ("alice", {"name": NAME + "guest", "target": DEMO}, ["srp", "chap"]),
    ("alice", {"name": NAME + "guest", "discovery": True}, ["srp", "chap"]),
]
# The credentials of these are only replaced
NOT_WRONG = NAME + "srp"


class Left(Exception):
    """The initiator leaves."""


class Attempt:
    """A login, and perhaps its session."""

    def __init__(self, rng, faults):
        self.rng, self.faults = rng, faults
        self.session = False
        self.user, self.how, methods = rng.choice(WHO)
        self.method = rng.choice(methods)
        self.wrong = rng.random() < .1
        self.leaves = rng.random() < .3
        self.maybe = False              # the target may have logged it in

    def _step(self, action, *words, **how):
        """One request and its answer, or only the request."""
        if self.leaves and self.rng.random() < .25:
            raise Left
        action(*words, **how)

    def run(self):
        """Return what became of it: "in", a status, "closed", "left", "refused" or "lost"."""
        password = "wrong" if self.wrong else SECRETS[self.user]
        try:
            with Initiator(user=self.user, password=password, timeout=TIMEOUT,
                           **self.how) as i:
                return self._whole(i)
        except Rejected as reject:
            return reject.status
        except Closed:
            return "closed"
        except ConnectionError:
            return "refused"            # no portal
        except Left:
            return "left"

    def _whole(self, i):
        try:
            self._login(i)
            self._session(i)
        except socket.timeout:
            # Without memory, LIO cannot queue an answer, and TCP cannot tell of the end
            if self.faults and (self.session or
                                i.wire.sock.getsockname()[1] not in lio.held()):
                return "lost"
            raise Finding("no answer and no end: %s" % vars(self)) from None
        return "in"

    def _login(self, i):
        self._step(i.choose, self.method.upper(), self.method.upper())
        if self.method == "srp":
            self._step(i.user, self.rng.choice(("Yes", "No")))
            self._step(i.ephemeral)
            self._step(i.prove)
        else:
            self._step(i.chap_rows)
        if self.wrong:
            raise Finding("a wrong password is accepted: %s" % vars(self))
        self.maybe = True
        self._step(i.operational)

    def _session(self, i):
        self.session = True
        if i.discovery:
            self._step(i.send_targets)
        else:
            for _ in range(self.rng.randrange(4)):
                self._step(i.ping if self.rng.random() < .5 else i.send_ping)
        if not self.leaves:
            with contextlib.suppress(Closed):
                i.logout()


class Races:
    def __init__(self, seed, number, seconds, one_in):
        self.seed, self.one_in = seed, one_in
        self.number, self.end = number, seconds and time.monotonic() + seconds
        self.watch = fuzzwatch.set_up()
        self.watch.expected += HELPER
        self.outcomes, self.done = collections.Counter(), collections.Counter()
        self.maybe = 0
        self.findings = []
        self.lock = threading.Lock()
        self.over = threading.Event()   # the round

    def _more(self):
        return not self.findings and (
            time.monotonic() < self.end if self.end else
            self.count() < self.number)

    def _found(self):
        with self.lock:
            self.findings.append(traceback.format_exc())
        self.over.set()

    def _lane(self, rng):
        while not self.over.is_set():
            attempt = Attempt(rng, self.one_in)
            try:
                outcome = attempt.run()
                if outcome == "0201" and not attempt.wrong and \
                        attempt.how.get("name") == NOT_WRONG or \
                        len(outcome) == 4 and outcome.isdigit() and outcome not in STATUSES:
                    raise Finding("%s: %s" % (outcome, vars(attempt)))
            except Exception:
                self._found()
                return
            with self.lock:
                self.outcomes[outcome] += 1
                self.maybe += outcome != "in" and attempt.maybe

    def _disturb(self, disturbances):
        while not self.over.is_set():
            name = disturbances.rng.choice(disturbances.all())
            try:
                getattr(disturbances, name)()
            except Exception:
                self._found()
                return
            self.done[name] += 1

    def _round(self, number):
        self.over.clear()

        def rng(what):
            return random.Random("%s/%d/%s" % (self.seed, number, what))
        threads = [threading.Thread(target=self._lane, args=(rng(lane),))
                   for lane in range(LANES)]
        threads += [threading.Thread(target=self._disturb, args=(
            kind(rng(kind.__name__), self.watch),)) for kind in
            (disturb.Configuration, disturb.Helper)]
        for thread in threads:
            thread.start()
        end = time.monotonic() + ROUND
        while time.monotonic() < end and self._more() and not self.over.wait(.1):
            self.watch.kernel_log()
        self.over.set()
        for thread in threads:
            thread.join()

    def _healthy(self):
        """Logins work again, at the latest when the helper may be started again."""
        end = time.monotonic() + HEALTHY * fuzzwatch.PATIENCE
        while True:
            try:
                return self.watch.right_login()
            except Rejected as reject:
                if reject.status not in ("0301", "0302") or time.monotonic() > end:
                    raise
            time.sleep(.1)

    def run(self):
        number, start = 0, time.monotonic()
        try:
            while self._more():
                with disturb.Faults(self.one_in) if self.one_in else \
                        contextlib.nullcontext():
                    self._round(number)
                number += 1
                if not self.findings:
                    self._healthy()
                if not self.watch.memory:
                    self.watch.measure(self.count())
            spent = time.monotonic() - start
            if not self.findings:
                self.watch.end(self.count(), self.outcomes["in"], self.maybe)
        except Exception:
            spent = time.monotonic() - start
            self._found()
        for finding in self.findings:
            print(finding)
        if any("no answer" in finding for finding in self.findings):
            print(*self.watch.stacks(), sep="\n")
        print("seed %d: %d logins in %.0f s; %+d KiB; %s" % (
            self.seed, self.count(), spent, self.watch.more,
            ", ".join("%s: %d" % pair for pair in sorted(self.outcomes.items()))))
        print(", ".join("%s: %d" % pair for pair in sorted(self.done.items())))
        return not self.findings

    def count(self):
        return sum(self.outcomes.values())


def races(seed, number=None, seconds=None, one_in=None):
    """Return whether nothing was found; print what was."""
    return Races(seed, number, seconds, one_in).run()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("-f", dest="faults", action="store_true")
    parser.add_argument("--seconds", type=int)
    parser.add_argument("--logins", type=int)
    parser.add_argument("seed", type=int, nargs="?", default=int(time.time()))
    options = parser.parse_args()
    lio.write(lio.PARAMETERS + "/slow_down_guessing", "N")
    return not races(options.seed, options.logins, options.seconds,
                     ONE_IN if options.faults else None)


if __name__ == "__main__":
    raise SystemExit(main())
