#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# SIGTERM replaces the workers, as the package does after an upgrade, without a failed login
import os
import signal
import sys
import threading
import time

import expect
import helper
import lio
from background import timed_login
from lio import Target

# Started by request-key: a helper that has got SIGTERM before it starts a worker
SIGNALLED = """#!%s
import os, signal, sys
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])
os.kill(os.getpid(), signal.SIGTERM)
os.execv("%s", ["iscsi-srpd", sys.argv[1]])
""" % (sys.executable, helper.PROGRAM)


def program(text):
    """Make a program of a text; return its path."""
    path = "/run/signalled"
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)
    os.chmod(path, 0o755)
    return path


target = Target()
target.acl().auth.srp()
expect.equal(timed_login()[0], "0000", "first login")

# Idle workers leave, also the last one
old = helper.workers()
helper.send_workers(signal.SIGTERM)
# One that had not begun to wait notices it within a read's five seconds
lio.wait_for(lambda: not set(old) & set(helper.workers()),
             "the exit of idle workers", 10)
expect.equal(timed_login()[0], "0000", "login with new workers")

# So does one whose parent alone got the signal
lio.no_precompute()
with helper.Rule(program(SIGNALLED)):
    expect.equal(timed_login()[0], "0000", "login with workers that leave")
    lio.wait_for(lambda: not helper.workers(), "the exit of all workers", 10)

# Working ones finish their jobs
over = threading.Event()


def replace():
    while not over.is_set():
        helper.send_workers(signal.SIGTERM)
        # Longer than a start takes: the kernel tries two
        time.sleep(expect.PATIENCE)


thread = threading.Thread(target=replace)
thread.start()
try:
    end = time.monotonic() + 6 * expect.PATIENCE
    while time.monotonic() < end:
        ended, seconds = timed_login()
        expect.equal(ended, "0000", "login during a replacement")
        expect.within(seconds, 9, "login during a replacement")
finally:
    over.set()
    thread.join()
