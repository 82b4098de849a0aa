#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Fuzzes the logins of the target of this machine.

    fuzzer.py [--seconds N | --exchanges N] [--only NUMBER] [SEED]

Each exchange has a number and depends only on it and on SEED: --only repeats one, and
shows what was sent and received.
"""
import argparse
import collections
import itertools
import threading
import time

import fuzzwatch
import lio
from fuzzlogin import Exchange, Finding, Hung
from initiator import PORTAL

LANES = 16                              # exchanges at a time
WARM_UP = 300                           # exchanges before memory is measured
SHOWN = 600                             # characters of a PDU


class Fuzzer:
    """Exchanges in several threads, and in another one what is checked meanwhile."""

    def __init__(self, seed, numbers, seconds=None):
        self.seed, self.numbers = seed, iter(numbers)
        self.end = seconds and time.monotonic() + seconds
        self.outcomes = collections.Counter()
        self.maybe = 0
        self.findings = []
        self.last = None                # exchange
        self.lock = threading.Lock()

    def _next(self):
        with self.lock:
            if self.findings or self.end and time.monotonic() > self.end:
                return None
            return next(self.numbers, None)

    def _lane(self):
        while (number := self._next()) is not None:
            exchange = None
            try:
                exchange = Exchange(self.seed, number, PORTAL)
                outcome = exchange.run()
            except Exception as error:  # of the target, or of this program
                with self.lock:
                    self.findings.append((number, error, exchange))
                return
            with self.lock:
                self.outcomes[outcome] += 1
                self.maybe += outcome != "in" and exchange.maybe
                self.last = exchange

    def run(self, watch):
        lanes = [threading.Thread(target=self._lane) for _ in range(LANES)]
        for lane in lanes:
            lane.start()
        checks = 0
        try:
            while any(lane.is_alive() for lane in lanes):
                time.sleep(.1)
                watch.kernel_log()
                checks += 1
                if checks % 10 == 0:
                    watch.right_login()
                if not watch.memory and self.count() > WARM_UP:
                    watch.measure(self.count())
        except Exception as error:
            self.findings.append((None, error, None))
        for lane in lanes:
            lane.join()

    def count(self):
        return sum(self.outcomes.values())


def show(exchange):
    print(vars(exchange.plan))
    for direction, octets in exchange.transcript:
        print(direction, len(octets), octets[:48].hex(), repr(octets[48:])[:SHOWN])


def fuzz(seed, numbers, seconds=None):
    """Fuzz a target of its own; print what is found, and return the Fuzzer."""
    watch = fuzzwatch.set_up()
    fuzzer = Fuzzer(seed, numbers, seconds)
    start = time.monotonic()
    fuzzer.run(watch)
    spent = time.monotonic() - start
    if not fuzzer.findings:
        try:
            watch.end(fuzzer.count(), fuzzer.outcomes["in"], fuzzer.maybe)
        except Exception as error:
            fuzzer.findings.append((None, error, None))
    for number, error, exchange in fuzzer.findings:
        print("seed %d, exchange %s: %r" % (seed, number, error))
        if isinstance(error, Finding):
            print(error)
        if isinstance(error, Hung):
            print(*watch.stacks(), sep="\n")
        if exchange:
            show(exchange)
    print("seed %d: %d exchanges in %.0f s, %.0f a second; %+d KiB; %s" % (
        seed, fuzzer.count(), spent, fuzzer.count() / spent, watch.more,
        ", ".join("%s: %d" % pair for pair in sorted(fuzzer.outcomes.items()))))
    return fuzzer


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=int)
    parser.add_argument("--exchanges", type=int)
    parser.add_argument("--only", type=int)
    parser.add_argument("seed", type=int, nargs="?", default=int(time.time()))
    options = parser.parse_args()
    lio.write(lio.PARAMETERS + "/slow_down_guessing", "N")
    numbers = itertools.count() if options.exchanges is None else range(options.exchanges)
    if options.only is not None:
        numbers = [options.only]
    fuzzer = fuzz(options.seed, numbers, options.seconds)
    if options.only is not None and fuzzer.last:
        show(fuzzer.last)
    return bool(fuzzer.findings)


if __name__ == "__main__":
    raise SystemExit(main())
