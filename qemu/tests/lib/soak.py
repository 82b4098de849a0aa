#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""soak.py [-i INITIATORS] SECONDS: initiators that log in at once, then for so long write and
read, log out, leave without it, reinstate their sessions and use wrong passwords.

Each login must end as it is meant to, each block must be what its initiator wrote, at the
end every counter must balance, and nothing may be left.
"""
import argparse
import collections
import multiprocessing.connection
import os
import random
import time
import traceback

import expect
import fuzzwatch
import lio
from initiator import Initiator, outcome
from kernellog import KernelLog, findings

NAME = "iqn.2024-01.org.example:soak"
USERS = {"alice": "password123", "bob": "bob's password"}
GROUP = "SRP-768"                       # the initiators' arithmetic is in Python
LANES = 50                              # processes; each has a part of the initiators
ACTIONS = {"io": 70, "again": 10, "left": 5, "reinstated": 5, "wrong": 5, "unknown": 5}
TIMEOUT = 30                            # seconds for an answer
PINGS = 5                               # seconds between looks for pings
SHOW = 60                               # seconds between lines about progress
SETTLE = .25                            # part of the time after which memory is measured
EXPECTED = ["failed with status 0201", "login of .* with user table entry"]


class Member:
    """An initiator with a block of the disk, and its session."""

    def __init__(self, number):
        self.number = number
        self.user = sorted(USERS)[number % len(USERS)]
        self.how = {"name": NAME + str(number), "user": self.user,
                    "password": USERS[self.user], "timeout": TIMEOUT}
        self.session, self.block = None, bytes(512)

    def log_in(self, isid=None):
        session = Initiator(isid=isid, **self.how)
        try:
            session.login()
        except Exception:
            session.close()
            raise
        self.session = session

    def io(self):
        before = self.block
        self.block = os.urandom(len(before))
        start = time.monotonic()
        expect.equal(self.session.read(512, self.number), before, "block read")
        expect.true(self.session.write(self.block, self.number), "a write failed")
        return time.monotonic() - start

    def log_out(self):
        expect.equal(self.session.logout(), 0, "logout")
        self.leave()

    def leave(self):
        self.session.close()
        self.session = None

    def reinstate(self):
        old = self.session
        self.log_in(old.isid)
        old.close()

    def refused(self, how):
        expect.equal(outcome(lambda i: i.login(), **dict(self.how, **how)), "0201",
                     "login with %s" % how)


class Lane:
    """A process with a part of the initiators, which does one thing after the other."""

    def __init__(self, members, seed):
        self.members, self.rng = members, random.Random(seed)
        self.counts, self.slowest = collections.Counter(), 0

    def begin(self):
        for member in self.members:
            member.log_in()
            self.counts["in"] += 1
            self.answer_pings()

    def churn(self, seconds):
        end, pinged = time.monotonic() + seconds, 0
        while time.monotonic() < end:
            if time.monotonic() > pinged + PINGS:
                self.answer_pings()
                pinged = time.monotonic()
            what = self.rng.choices(*zip(*ACTIONS.items()))[0]
            getattr(self, what)(self.rng.choice(self.members))
            self.counts[what] += 1

    def end(self):
        for member in self.members:
            member.log_out()

    def answer_pings(self):
        for member in self.members:
            if member.session:
                member.session.answer_pings()

    def io(self, member):
        self.slowest = max(self.slowest, member.io())

    def again(self, member):
        member.log_out()
        member.log_in()

    def left(self, member):
        member.leave()
        member.log_in()

    def reinstated(self, member):
        member.reinstate()

    def wrong(self, member):
        member.refused({"password": "wrong"})

    def unknown(self, member):
        member.refused({"user": "mallory"})

    def serve(self, commands):
        """Do what is asked for, and tell how it ended."""
        while True:
            try:
                name, *words = commands.recv()
            except EOFError:
                return
            error = None
            try:
                getattr(self, name)(*words)
            except Exception:
                error = traceback.format_exc()
            commands.send((error, self.counts, self.slowest))


class Soak:
    def __init__(self, initiators):
        self.target = lio.Target()
        self.target.demo()
        self.target.attrib("cache_dynamic_acls", 0)
        for user, password in USERS.items():
            lio.User(self.target, user, user, password, groups=(GROUP,))
        self.initiators = initiators
        self.counts, self.slowest = collections.Counter(), 0
        self.log = KernelLog()
        self.log.new()
        members = [Member(number) for number in range(initiators)]
        self.lanes = []
        for number in range(LANES):
            here, there = multiprocessing.Pipe()
            lane = Lane(members[number::LANES], number)
            if not os.fork():
                for other in self.lanes + [here]:
                    other.close()       # or no lane would see the end
                lane.serve(there)
                os._exit(0)
            there.close()
            self.lanes.append(here)

    def all(self, *command):
        """Let all lanes do it, and wait for them."""
        for lane in self.lanes:
            lane.send(command)
        waiting, self.counts = list(self.lanes), collections.Counter()
        while waiting:
            for lane in multiprocessing.connection.wait(waiting, 1):
                error, counts, slowest = lane.recv()
                if error:
                    raise AssertionError(error)
                self.counts += counts
                self.slowest = max(self.slowest, slowest)
                waiting.remove(lane)
            self.kernel_log()

    def run(self, seconds):
        began = time.monotonic()
        self.all("begin")
        expect.equal(self.target.sessions(), self.initiators, "sessions")
        print("%d logged in after %.1f s" % (self.initiators, time.monotonic() - began),
              flush=True)
        memory, left = None, seconds
        while left > 0:
            part = min(left, SHOW if memory else seconds * SETTLE)
            left -= part
            self.all("churn", part)
            memory = memory or fuzzwatch.memory()
            print("%.0f s: %s; slowest read and write %.2f s; %+d KiB" % (
                seconds - left, dict(self.counts), self.slowest,
                fuzzwatch.memory() - memory), flush=True)
        expect.true(fuzzwatch.memory() - memory < fuzzwatch.MEMORY, "more memory is in use")
        self.balance()

    def kernel_log(self):
        expect.equal(findings(self.log.new(), EXPECTED), [], "kernel log")

    def balance(self):
        counts = self.counts
        good = sum(counts[what] for what in ("in", "again", "left", "reinstated"))
        bad = counts["wrong"] + counts["unknown"]
        said = self.target.statistics()
        expect.equal((said["accepts"], said["authenticate_fails"],
                      sum(said.values())), (good, bad, good + bad), "statistics")
        srp = self.target.auth.counters()
        expect.equal((srp["logins_srp"], srp["logins_chap"], srp["logins_none"]),
                     (good, 0, 0), "logins of the portal group")
        lio.wait_for(lambda: self.target.sessions() == self.initiators,
                     "the end of sessions that were left", 30)
        self.all("end")
        lio.wait_until_quiet([self.target], 30)
        for lane in self.lanes:
            lane.close()
        lio.clear()


def soak(initiators, seconds):
    lio.write(lio.PARAMETERS + "/slow_down_guessing", "N")
    lio.write(lio.PARAMETERS + "/srp_min_group", GROUP)
    Soak(initiators).run(seconds * expect.PATIENCE)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("-i", dest="initiators", type=int, default=1000)
    parser.add_argument("seconds", type=int)
    options = parser.parse_args()
    soak(options.initiators, options.seconds)


if __name__ == "__main__":
    main()
