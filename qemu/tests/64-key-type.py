#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# Only the kernel can use the key type: even root can neither create nor read keys
# log: failed with status 0[023]
# log: the helper
import os
import subprocess

import expect
import fakehelper
import helper
import keyctl
import lio
from background import login, timed_login
from lio import Target, wait_for

lio.no_precompute()                     # only the jobs of logins
target = Target()
target.acl().auth.srp()
helper.only_worker()                    # a stored verifier starts it
before = [key[0] for key in helper.channels()]
keyctl.join_session()
HELLO = fakehelper.HELLO.pack(1, 0)
table = expect.Table()


def refused(what, call):
    try:
        table.row(what, "done: %r" % (call(),), "refused")
    except OSError:
        pass


refused("add_key", lambda: keyctl.add_key("iscsi_srp", "x", HELLO))
refused("add_key, no payload", lambda: keyctl.add_key("iscsi_srp", "x", b""))
refused("request_key", lambda: keyctl.request_key("iscsi_srp", "x"))
refused("request_key with callout",
        lambda: keyctl.request_key("iscsi_srp", "x", "info"))
expect.equal([key[0] for key in helper.channels()], before, "workers' keys")
for command in (["keyctl", "request2", "iscsi_srp", "x", "info"],
                ["keyctl", "add", "iscsi_srp", "x", "y", "@s"]):
    done = subprocess.run(command, stdout=subprocess.PIPE, check=False,
                          stderr=subprocess.STDOUT)
    table.row(" ".join(command), done.returncode != 0, True)

# a worker's key, used by a process that does not possess it
with helper.fake("hold"):
    attempt = login()
    wait_for(lambda: " job " in fakehelper.account(), "a job in flight")
    serial = helper.channels()[0][0]
    for uid in 0, 65534:
        if uid:
            pid = os.fork()
            if pid:
                _, status = os.waitpid(pid, 0)
                table.row("as uid %d" % uid, status, 0)
                continue
            os.setuid(uid)
        refused("read of a worker's key, uid %d" % uid,
                lambda: keyctl.read(serial, 4096))
        refused("update of a worker's key, uid %d" % uid,
                lambda: keyctl.update(serial, fakehelper.RESULT.pack(
                    1, 1, 0, 1, 0)))
        refused("link of a worker's key, uid %d" % uid,
                lambda: keyctl.link(serial, keyctl.SESSION_KEYRING))
        if uid:
            os._exit(bool(table.failures))
attempt.result()
table.end()
expect.equal(timed_login()[0], "0000", "login afterwards")
