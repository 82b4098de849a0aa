#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# The program of the helper is replaced again and again while many log in: no login fails,
# and the new program serves
# timeout: 240
import os
import shutil
import signal
import threading

import expect
import helper
import lio
import openiscsi
from background import Background, timed_login
from lio import Target

LANES, REPLACEMENTS, EACH = 8, 6, 20
INSTALLED = "/run/installed/iscsi-srpd"


def install():
    """As dpkg does: a new file takes the place of the old one, some time before workers
    are told to leave: one that is about to execute the old file has no name of ours yet."""
    shutil.copy(helper.PROGRAM, INSTALLED + ".new")
    os.rename(INSTALLED + ".new", INSTALLED)
    starting = set(helper.processes("request-key"))
    lio.wait_for(lambda: not starting & set(helper.processes("request-key")),
                 "helpers that were about to start", 20)


def outdated():
    """Workers whose program is not the one that is installed."""
    found = []
    for pid in helper.workers():
        try:
            if os.readlink("/proc/%d/exe" % pid) != INSTALLED:
                found.append(pid)
        except (FileNotFoundError, ProcessLookupError):
            pass
    return found


def log_in_often():
    """Log in until it is over; return the number of logins."""
    count = 0
    while not over.is_set():
        ended, seconds = timed_login()
        expect.equal(ended, "0000", "a login")
        expect.within(seconds, 9, "a login")
        count += 1
        logins.append(seconds)
    return count


target = Target()
auth = target.acl().auth
auth.srp()
over = threading.Event()
logins = []
os.makedirs(os.path.dirname(INSTALLED))
install()
with helper.Rule(INSTALLED), openiscsi.OpenIscsi(openiscsi.srp()) as initiator:
    initiator.login()
    disk = openiscsi.disk()
    counted = auth.counters()["logins_srp"]
    lanes = [Background(log_in_often) for _ in range(LANES)]
    try:
        for _ in range(REPLACEMENTS):
            install()
            helper.send_workers(signal.SIGTERM)
            # One that had not begun to wait notices it within a read's five seconds
            lio.wait_for(lambda: not outdated(), "the end of the workers of before", 20)
            openiscsi.exchange_data(disk, target.image)
            enough = len(logins) + EACH
            lio.wait_for(lambda: len(logins) >= enough or
                         not all(lane.running() for lane in lanes),
                         "%d logins by the new program" % EACH, 30)
    finally:
        over.set()
        made = sum(lane.result() for lane in lanes)
    expect.true(helper.workers(), "no worker")
    expect.equal(outdated(), [], "workers of an older program")
    expect.equal(auth.counters()["logins_srp"] - counted, made, "logins counted")
    print("%d logins, the longest %.1f s" % (made, max(logins)))
