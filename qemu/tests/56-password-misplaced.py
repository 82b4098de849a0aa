#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# A password in the wrong place of a targetcli command is not passed on or logged
# versions: both
import os
import shutil

import admin
import expect
from admin import ACL, IQN, TPG, Terminal, targetcli

SECRET = "Sesam-4711"
ARGV = "/run/argv"
rows = expect.Table()


def kept():
    """The files of targetcli that contain the password."""
    found = []
    for top, _, files in os.walk(admin.HOME):
        for name in files:
            with open(os.path.join(top, name), "rb") as f:
                if SECRET.encode() in f.read():
                    found.append(name)
    return found


def misplaced():
    admin.create()
    targetcli("set", "global", "loglevel_file=debug")
    for words in ([ACL, "srp_password", "alice", SECRET],
                  [TPG, "srp_password", "alice", "groups=SRP-1536," + SECRET],
                  ["/iscsi", "srp_password", "alice", SECRET],
                  [ACL, "srp_password", "alice", "SRP-1536", SECRET],
                  [ACL, "srp_password", "alice", "SRP-1536", "1h", SECRET],
                  [ACL, "srp_password", "alice", "SRP-1536", SECRET + " x,{"],
                  [IQN + "/srp_users", "create", "bob", "bob", SECRET]):
        what = " ".join(words[:-1])
        output = admin.refused(*words, stdin="x\n")
        rows.row(what, SECRET in output, False)
    rows.row("logged", kept(), [])

    # Typed, the password is not in the history either
    shell = Terminal("targetcli")
    shell.until("/> ")
    for line, says in ((ACL + " srp_password alice " + SECRET, "no SRP group"),
                       ("cd %s/srp_users" % IQN, "srp_users"),
                       ("create bob bob %s\t" % SECRET, "no SRP group"),
                       ("pwd", "srp_users")):
        shell.type(line + "\n")
        shell.until(says)
        shell.until("> ")
    shell.type("exit\n")
    rows.row("exit status", shell.end(), 0)
    history = open(admin.HOME + "/history.txt", encoding="utf-8").read()
    rows.row("history", ["pwd" in history, kept()], [True, []])
    admin.forget()


os.makedirs("/run/bin", exist_ok=True)
with open("/run/bin/iscsi-srp-passwd", "w", encoding="ascii") as f:
    f.write('#!/bin/sh\necho "$@" >>%s\nexec %s "$@"\n' % (
        ARGV, shutil.which("iscsi-srp-passwd")))
os.chmod("/run/bin/iscsi-srp-passwd", 0o755)
os.environ["PATH"] = "/run/bin:" + os.environ["PATH"]
misplaced()
rows.row("run", os.path.exists(ARGV), False)
rows.end()
