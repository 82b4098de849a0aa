#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# SIGTERM replaces the workers, as the package does after an upgrade, without a failed login
import signal
import threading
import time

import expect
import helper
import lio
from background import timed_login
from lio import Target

target = Target()
target.acl().auth.srp()
expect.equal(timed_login()[0], "0000", "first login")

# Idle workers leave, also the last one
old = helper.workers()
helper.send_workers(signal.SIGTERM)
lio.wait_for(lambda: not set(old) & set(helper.workers()),
             "the exit of idle workers")
expect.equal(timed_login()[0], "0000", "login with new workers")

# Working ones finish their jobs
over = threading.Event()


def replace():
    while not over.is_set():
        helper.send_workers(signal.SIGTERM)
        # Longer than a start takes: the kernel tries two
        time.sleep(1)


thread = threading.Thread(target=replace)
thread.start()
try:
    end = time.monotonic() + 6
    while time.monotonic() < end:
        ended, seconds = timed_login()
        expect.equal(ended, "0000", "login during a replacement")
        expect.within(seconds, 9, "login during a replacement")
finally:
    over.set()
    thread.join()
