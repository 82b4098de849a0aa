# SPDX-License-Identifier: GPL-2.0-or-later
"""Run actions in threads and measure their time."""
import threading
import time

from expect import PATIENCE
from initiator import outcome


class Background:
    """Run action() in a thread; result() waits for it."""

    def __init__(self, action):
        self.action = action
        self.value = self.error = self.seconds = None
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self):
        start = time.monotonic()
        try:
            self.value = self.action()
        except Exception as error:      # raised by result()
            self.error = error
        self.seconds = time.monotonic() - start

    def running(self):
        return self.thread.is_alive()

    def result(self, seconds=30):
        self.thread.join(seconds * PATIENCE)
        if self.thread.is_alive():
            raise AssertionError("not done within %g s" % seconds)
        if self.error:
            raise self.error
        return self.value


def srp_login(i):
    """Script of a complete SRP login."""
    i.login()
    i.logout()


def login(script=srp_login, **how):
    """Log in in the background; the result is that of outcome()."""
    return Background(lambda: outcome(script, **how))


def timed_login(script=srp_login, **how):
    """Log in; return (outcome, seconds)."""
    start = time.monotonic()
    ended = outcome(script, **how)
    return ended, time.monotonic() - start
