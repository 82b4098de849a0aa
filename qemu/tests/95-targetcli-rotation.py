#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# Change a password with targetcli: both are valid for a while, no session is lost
# versions: both
# timeout: 180
# log: failed with status 0[023]
# log: ^iSCSI SRP: (AuthMethod|initiators|srp_min_group|srp_verifier_)
import os

import admin
import expect
import lio
import openiscsi
from admin import ACL, IQN, TPG, refused, targetcli
from background import Background
from initiator import TARGET

rows = expect.Table()
USERS = IQN + "/srp_users"


def logs_in(secret, user="alice"):
    # two attempts: the target may ask for a retry, see iscsi-srp.rst
    conf = openiscsi.srp(user, secret)
    conf["node.session.initial_login_retry_max"] = "3"
    with openiscsi.OpenIscsi(conf) as initiator:
        return initiator.try_login() == 0


admin.create()
admin.srp_only()
if not os.path.isdir("%s/%s/srp_users" % (lio.ISCSI, TARGET)):
    expect.skip("this kernel has no table of users")
admin.password(secret="old")

with openiscsi.OpenIscsi(openiscsi.srp(password="old")) as initiator:
    initiator.login()
    disk, session, done = openiscsi.disk(), openiscsi.sessions(), []

    def work():
        while not done:
            openiscsi.exchange_data(disk, admin.IMAGE)

    busy = Background(work)
    output = admin.password(ACL, "alice", "new", "keep_old=1h")
    rows.row("says where the old one is", "srp_users/old-1" in output, True)
    shown = targetcli("ls", USERS)
    rows.row("ls", ["old-1" in shown, "expires 20" in shown], [True, True])
    done.append(True)
    busy.result()
    rows.row("the session", openiscsi.sessions(), session)

rows.row("new password", logs_in("new"), True)
rows.row("old password", logs_in("old"), True)
rows.row("another", logs_in("neither"), False)

# Everything is saved and restored
targetcli(TPG, "set", "auth", "srp_min_group=SRP-1536", "srp_only=1")
targetcli(ACL, "set", "auth", "srp_mutual_required=1")
targetcli(USERS, "create", "zoe", "user=Zoe", "tpgt=1", stdin="of the table\n")
saved = admin.save()
for tools in [None] + (["newest"] if os.path.isdir(admin.OTHERS + "newest")
                       else []):
    admin.clear(tools=tools)
    rows.row("restore", admin.restore(tools=tools), "")
    rows.row("saved again", admin.save("/run/again.json", tools=tools) == saved,
             True)
rows.row("old password, restored", logs_in("old"), True)
rows.row("counted", "logins_srp" in targetcli(ACL, "srp_status"), True)

targetcli(USERS, "delete", "old-1")
rows.row("old password, removed", logs_in("old"), False)
rows.row("new password, still", logs_in("new"), True)
rows.row("counted as wrong", "failures_password" in targetcli(
    ACL, "srp_status"), True)

# Refused commands change nothing
for what, words, says in (
        ("a time that is none", [ACL, "srp_password", "keep_old=7x"], "30m"),
        ("another user", [ACL, "srp_password", "bob", "keep_old=1h"],
         "nothing is changed"),
        ("discovery", ["/iscsi", "srp_password", "bob", "keep_old=1h"],
         "nothing is changed"),
        ("an initiator's name", [USERS + "/zoe", "set", "auth",
                                 "initiators=foo"], "initiators"),
        ("a label twice", [USERS, "create", "zoe"], "zoe"),
        ("a label with a slash", [USERS, "create", "a/b"], "label"),
        ("a user that is not there", [USERS, "delete", "nobody"], "nobody"),
        ("a group above all verifiers", [ACL, "set", "auth",
                                         "srp_min_group=MODP-8192"],
         "srp_min_group"),
        ("only weak verifiers", [ACL, "srp_password", "alice", "SRP-1024"],
         "srp_verifier_SRP-1024"),
        ("no SRP while srp_only", [TPG, "set", "parameter", "AuthMethod=CHAP"],
         "AuthMethod")):
    if what == "only weak verifiers":
        targetcli(ACL, "set", "auth", "srp_min_group=SRP-2048")
    output = refused(*words, stdin="x\n")
    rows.row(what, says if says in output else output, says)
rows.row("password after all that", logs_in("new"), True)
rows.end()
admin.forget()
