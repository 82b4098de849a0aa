#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# iscsiadm reads passwords from standard input or a file, and logins with them work
# versions: both
# log: failed with status 0[02]
import subprocess

import expect
import initiator
import openiscsi
from lio import Target

PASSWORD = "pass word: = # %s"
FILE = "/run/password"


def update(key, stdin):
    """Run -v - with this standard input: an open file, or bytes."""
    command = ["iscsiadm", "-m", "node", "-T", initiator.TARGET, "-p",
               "127.0.0.1:3260", "-o", "update", "-n",
               "node.session.auth." + key, "-v", "-"]
    how = {"input": stdin} if isinstance(stdin, bytes) else {"stdin": stdin}
    done = subprocess.run(command, stdout=subprocess.PIPE, check=False,
                          stderr=subprocess.STDOUT, **how)
    return done.returncode, done.stdout.decode()


def logs_in(method, settings, key):
    target.param("AuthMethod", method)
    with openiscsi.OpenIscsi(settings) as i:
        i.add()
        expect.equal(update(key, b"wrong\n"), (0, ""), "update of " + key)
        expect.equal(i.try_login(add=False), 24, "login, wrong password")
        expect.equal(update(key, (PASSWORD + "\n").encode()), (0, ""),
                     "update of " + key)
        expect.equal(i.try_login(add=False), 0,
                     "login, from standard input: " + i.output)
        i.logout()

        expect.equal(update(key, b"wrong\n")[0], 0, "update of " + key)
        with open(FILE, "rb") as f:
            expect.equal(update(key, f), (0, ""), "update of %s by a file" %
                         key)
        expect.equal(i.try_login(add=False), 0, "login, from a file: " +
                     i.output)
        i.logout()

        for bad, why in ((b"", "no password"), (b"x" * 256, "at most 255"),
                         (b"a\0b", "control characters")):
            status, output = update(key, bad)
            expect.true(status and why in output and key in output,
                        "%r: %s" % (bad, output))
        expect.equal(i.try_login(add=False), 0, "login, unchanged: " +
                     i.output)
        i.logout()


openiscsi.put(FILE, PASSWORD)
target = Target()
auth = target.acl().auth
auth.srp(password=PASSWORD)
auth.chap(password=PASSWORD)
logs_in("SRP", openiscsi.srp(password="-"), "srp_password")
logs_in("CHAP", openiscsi.chap(password="-"), "password")
