#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# targetcli names what it refuses, and changes nothing
# versions: both
# timeout: 180
# log: ^iSCSI SRP: (srp_salt|srp_userid|srp_verifier_)
import os
import shutil
import subprocess

import admin
import expect
import lio
import openiscsi
import srp
from admin import ACL
from initiator import NAME, TARGET

AUTH = "%s/%s/tpgt_1/acls/%s/auth" % (lio.ISCSI, TARGET, NAME)
N, g = srp.GROUPS["SRP-1536"]


def state():
    return {name: lio.read(os.path.join(AUTH, name))
            for name in sorted(os.listdir(AUTH))
            if os.stat(os.path.join(AUTH, name)).st_mode & 0o200}


def walk():
    rows = expect.Table()
    admin.create()
    admin.srp_only()
    admin.password()
    before = state()

    def no(what, *words, says, stdin="x\n", where=ACL):
        output = admin.refused(where, *words, stdin=stdin)
        rows.row(what, [text for text in says if text not in output], [])
        if [text for text in says if text not in output]:
            rows.row(what + ": said", output, "")
        rows.row(what + ": state", state() == before, True)

    for value in "1f3", "xyz", "0x", "1f 30", "-1", "1f30;":
        no("salt " + value, "set", "auth", "srp_salt=" + value,
           says=[] if " " in value else ["srp_salt"])
    no("salt of 1025 bytes", "set", "auth", "srp_salt=" + "ab" * 1025,
       says=["srp_salt", "1024 bytes"])
    name = "srp_verifier_SRP-1536"
    for what, value in (("wrong hex", "12g4"), ("not below N", "%x" % N),
                        ("above N", "%x" % (N + 1)), ("0", "0"),
                        ("a bit too long", "%x" % (N << 1)),
                        ("5000 digits", "1" * 5000)):
        no("verifier " + what, "set", "auth", "%s=%s" % (name, value),
           says=[name, "below the N"])
    no("unknown group", "set", "auth", "srp_verifier_SRP-999=12",
       says=["srp_verifier_SRP-999"])
    no("user of 256 bytes", "set", "auth", "srp_userid=" + "u" * 256,
       says=["srp_userid", "1 to 255 bytes"])
    no("user NULL", "set", "auth", "srp_userid=NULL", says=["srp_userid"])

    no("password: user of 256 bytes", "srp_password", "u" * 256,
       says=["255", "nothing is changed"])
    no("password: unknown group", "srp_password", "alice", "SRP-999",
       says=["SRP-999", "nothing is changed"])
    no("password: empty", "srp_password", "alice", stdin="\n",
       says=["nothing is changed"])
    no("password: no line", "srp_password", "alice", stdin="",
       says=["nothing is changed"])
    no("password: too many arguments", "srp_password", "alice", "SRP-1536",
       "secret", says=[])
    no("password: user with a blank", "srp_password", "two words",
       says=["nothing is changed"])

    # Names and passwords with special characters
    for user in "0x61", "0b11", "a;b", "a,b", "Zoë", "-u", "a:b", "0":
        secret = "0x1b,;= ë"
        status, output = admin.run("targetcli", ACL, "srp_password", user,
                                   stdin=secret + "\n")
        if status:                      # the shell's parser has its limits
            rows.row("user %s refused clearly" % user,
                     "nothing is changed" in output, True)
            done = subprocess.run(["iscsi-srp-passwd", "--configfs", AUTH,
                                   "--", user], input=secret.encode() + b"\n",
                                  check=True)
            rows.row("iscsi-srp-passwd", done.returncode, 0)
        rows.row("user " + user, lio.read(AUTH + "/srp_userid"), user)
        with openiscsi.OpenIscsi(openiscsi.srp(user, secret)) as initiator:
            rows.row("login as " + user, initiator.try_login(), 0)

    # Not root
    status, output = admin.start(
        "setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups",
        "env", "HOME=/tmp", "targetcli", ACL, "srp_password", "alice",
        stdin="x\n")
    rows.row("not root", [status != 0, "Traceback" in output], [True, False])

    # iscsi-srp-passwd is missing
    tool = shutil.which("iscsi-srp-passwd")
    shutil.move(tool, "/run/hidden")
    before = state()
    no("no iscsi-srp-passwd", "srp_password", "alice",
       says=["iscsi-srp-passwd"])
    shutil.move("/run/hidden", tool)

    # The disk is full while it saves: the old file stays
    small = "/run/small"
    os.makedirs(small, exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8k", "tmpfs", small],
                   check=True)
    path = small + "/saveconfig.json"
    with open(path, "w", encoding="ascii") as f:
        f.write("what was there\n")
    output = admin.refused("saveconfig", path)
    # newer Python versions word it differently
    rows.row("disk full", "No space left" in output, True)
    rows.row("disk full: the old file", lio.read(path), "what was there")
    rows.row("disk full: nothing beside it", os.listdir(small),
             ["saveconfig.json"])
    subprocess.run(["umount", small], check=True)
    rows.end()
    admin.forget()


walk()
