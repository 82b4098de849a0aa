#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# targetcli accepts values as people type them, and says what it does not accept
# versions: both
# timeout: 240
# log: ^iSCSI SRP: (AuthMethod|expires)
import os
import time

import admin
import expect
import lio
from admin import ACL, IQN, TPG, Terminal, targetcli
from initiator import NAME, TARGET

USERS = IQN + "/srp_users"
PLACE = "%s/%s" % (lio.ISCSI, TARGET)
METHODS = PLACE + "/tpgt_1/param/AuthMethod"
AUTH = "%s/tpgt_1/acls/%s/auth" % (PLACE, NAME)


def walk():
    rows = expect.Table()
    admin.create()

    for value, means in (("srp", "SRP"), ("Srp,chap", "SRP,CHAP"),
                         ("NONE", "None"), ("SRP", "SRP")):
        targetcli(TPG, "set", "parameter", "AuthMethod=" + value)
        rows.row("AuthMethod=" + value, lio.read(METHODS), means)
    for value in "SRPX", "SRP,", "yes":
        output = admin.refused(TPG, "set", "parameter", "AuthMethod=" + value)
        rows.row("AuthMethod=" + value, ["must be SRP, CHAP or None" in output,
                                         "Errno" in output], [True, False])
    targetcli(TPG, "set", "auth", "srp_only=1")
    output = admin.refused(TPG, "set", "parameter", "AuthMethod=chap")
    rows.row("srp_only", ["srp_only=1 requires SRP" in output, lio.read(METHODS)],
             [True, "SRP"])

    # The groups of a user are kept until others are given
    admin.password(ACL, "alice", "one", "SRP-1536")
    admin.password(ACL, "alice", "two")
    groups = [group for group in ("SRP-1536", "SRP-2048", "MODP-3072")
              if lio.read("%s/srp_verifier_%s" % (AUTH, group)) != "NULL"]
    rows.row("groups", groups, ["SRP-1536"])

    # Only what is set is shown
    output = targetcli(ACL, "get", "auth")
    rows.row("get", [name + "=" in output for name in
                     ("srp_userid", "srp_verifier_SRP-1536",
                      "srp_verifier_SRP-2048", "srp_only")],
             [True, True, False, True])

    targetcli(USERS, "create", "zoe", stdin="x\n")
    for words in ["'a", "b'"], ["two", "user=a b"], ['"c d"']:
        admin.refused(USERS, "create", *words, stdin="x\n")
    rows.row("labels", os.listdir(PLACE + "/srp_users"), ["zoe"])
    for value, seconds in ("7d", 604800), ("30m", 1800):
        targetcli(USERS + "/zoe", "set", "auth", "expires=" + value)
        late = int(lio.read(PLACE + "/srp_users/zoe/expires")) - time.time()
        rows.row("expires=" + value, seconds - 60 < late <= seconds, True)
    output = admin.refused(USERS + "/zoe", "set", "auth", "expires=7x")
    rows.row("expires=7x", "7d" in output, True)
    targetcli(USERS + "/zoe", "set", "auth", "expires=always")
    rows.row("expires=always", lio.read(PLACE + "/srp_users/zoe/expires"), "NULL")

    # Tab completes values
    shell = Terminal("targetcli")
    shell.until("/> ")
    shell.type("cd %s\n" % ACL)
    shell.until("> ")
    for typed, shown in (("srp_password keep_old=al\t", "ways"),
                         ("srp_password alice MODP-3\t", "072"),
                         ("set auth srp_min_group=SRP-15\t", "36")):
        shell.type(typed)
        shell.until(shown)
        shell.type("\x15\n")            # Ctrl-U
        shell.until("> ")
    shell.type("exit\n")
    rows.row("exit status", shell.end(), 0)
    rows.end()
    admin.forget()


walk()
