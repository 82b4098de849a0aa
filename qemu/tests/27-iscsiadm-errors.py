#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# iscsiadm stores users and passwords literally, and reports what it cannot store
# versions: both
import glob
import os
import subprocess

import expect
import lio
import openiscsi
from lio import Target

KEY = "node.session.auth."
rows = expect.Table()


def record():
    """Lines of the node record."""
    path, = [os.path.join(path, name) for top in openiscsi.DATABASE
             for path, _, names in os.walk(top) for name in names]
    return path


def by_nobody(*args):
    done = subprocess.run(
        ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups",
         "iscsiadm", "-m", "node"] + list(args), input=b"x\n", check=False,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return done.returncode, done.stdout.decode()


auth = Target().acl().auth
with openiscsi.OpenIscsi(openiscsi.srp(user="x", password="-")) as i:
    i.add()
    for user in ("0x61", "0b11", "a;b", "a,b", "a=b", "two words", "Zoë", "-u",
                 "#a", "u" * 255):
        password = "0x1b,;= #\\\"%s" % user[:200]
        auth.srp(user, password)
        rows.row("user " + user, i.node(
            "-o", "update", "-n", KEY + "srp_username", "-v", user), (0, ""))
        rows.row("password of " + user, i.node(
            "-o", "update", "-n", KEY + "srp_password", "-v", "-",
            stdin=password + "\n"), (0, ""))
        rows.row("login as " + user, i.try_login(add=False), 0)
        i.logout()

    before = lio.read(record())
    for args in (["-o", "update", "-n", KEY + "srp_password", "-v", "-"],
                 ["-o", "show"], ["-l"]):
        status, output = by_nobody(*args)
        rows.row("not root, %s: %s" % (args, output), status == 0, False)
    rows.row("not root: the record", lio.read(record()), before)

    # If the disk is full, the old record stays complete
    root = record().partition("/nodes/")[0]
    subprocess.run(["cp", "-a", root, "/run/kept"], check=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=128k", "none", root],
                   check=True)
    subprocess.run("cp -a /run/kept/. %s; cat /dev/zero >%s/rest" % (root, root),
                   shell=True, check=False, stderr=subprocess.DEVNULL)
    for key, value in (("srp_username", "bob"), ("srp_password", "-")):
        status, output = i.node("-o", "update", "-n", KEY + key, "-v", value,
                                stdin="other\n")
        rows.row("disk full: %s: %s" % (key, output), [
            status == 0, "it is unchanged: No space left" in output],
                 [False, True])
    rows.row("disk full: the record", lio.read(record()), before)
    rows.row("disk full: nothing beside it", glob.glob(root + "/**/.new",
                                                     recursive=True), [])
    os.unlink(root + "/rest")
    rows.row("room again", i.node("-o", "update", "-n", KEY + "srp_username",
                                  "-v", "bob"), (0, ""))
    rows.row("room again: the record", "srp_username = bob\n" in
             lio.read(record()), True)
    subprocess.run(["umount", root], check=True)
rows.end()
