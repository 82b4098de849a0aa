# SPDX-License-Identifier: GPL-2.0-or-later
"""Assertions of tests."""
import os
import sys

# A debug kernel is slow: multiply all time limits
PATIENCE = 4 if os.path.exists("/run/lio-srp/debug") else 1


def equal(got, wanted, what):
    if got != wanted:
        raise AssertionError("%s: got %r, wanted %r" % (what, got, wanted))


def one_of(got, wanted, what):
    if got not in wanted:
        raise AssertionError("%s: got %r, wanted one of %r" % (what, got,
                                                               wanted))


def true(condition, what):
    if not condition:
        raise AssertionError(what)


def within(seconds, limit, what):
    if seconds > limit * PATIENCE:
        raise AssertionError("%s took %.1f s, limit %g s" % (
            what, seconds, limit * PATIENCE))


class Table:
    """Check all rows, then report the failures together."""

    def __init__(self):
        self.failures = []

    def row(self, what, got, wanted):
        if got != wanted and not (isinstance(wanted, tuple) and got in wanted):
            self.failures.append("%s: got %r, wanted %r" % (what, got, wanted))

    def end(self):
        if self.failures:
            raise AssertionError("\n".join(self.failures))


def skip(reason):
    """Skip the test: a requirement is missing."""
    print(reason)
    sys.exit(77)
