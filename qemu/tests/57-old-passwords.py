#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# A password that keep_old kept ends with its owner, which shows it until then
# versions: both
# timeout: 240
# log: failed with status 0[023]
# log: ^iSCSI SRP: srp_verifier_
import os

import admin
import expect
import lio
from admin import ACL, IQN, TPG, targetcli
from background import srp_login
from initiator import NAME, TARGET, outcome

USERS = IQN + "/srp_users"
SECOND = NAME + "2"
GROUP = TPG + "/acls/hosts"
rows = expect.Table()


def logs_in(secret, name=NAME, user="alice"):
    # two attempts: the target may ask for a retry, see iscsi-srp.rst
    return "0000" in [outcome(srp_login, user=user, password=secret, name=name)
                      for _ in range(2)]


def entries():
    return sorted(os.listdir("%s/%s/srp_users" % (lio.ISCSI, TARGET)))


def salt(place, name=NAME):
    """The salt of an entry of the table, or of an ACL."""
    where = "srp_users/" + place if place else "tpgt_1/acls/%s/auth" % name
    return lio.read("%s/%s/%s/srp_salt" % (lio.ISCSI, TARGET, where))


def rotate(where=ACL, old="old", new="new", user="alice"):
    admin.password(where, user, old)
    return admin.password(where, user, new, "keep_old=always")


def kept(what, where, says):
    """old-1 is there, and its owner says so"""
    rows.row(what + ": kept", entries(), ["old-1"])
    rows.row(what + ": ls", says in targetcli("ls", where, "1"), True)


admin.create()
admin.srp_only()
if not os.path.isdir("%s/%s/srp_users" % (lio.ISCSI, TARGET)):
    expect.skip("this kernel has no table of users")

# Each of these ends the old password, and says so
rotate()
kept("ACL", ACL, "old password valid until it is deleted")
rows.row("old password", logs_in("old"), True)
rows.row("the user's salt", salt(None), salt("old-1"))
output = targetcli(ACL, "set", "auth", "srp_verifier_SRP-1536=")
rows.row("set says", "old password srp_users/old-1 is valid" in output, True)
output = admin.password(ACL, "alice", "newest")
rows.row("srp_password says", "srp_users/old-1" in output, True)
rows.row("srp_password", [entries(), logs_in("old"), logs_in("newest")],
         [[], False, True])
rotate()
output = targetcli(ACL, "srp_clear")
rows.row("srp_clear says", "srp_users/old-1" in output, True)
rows.row("srp_clear", [entries(), logs_in("old")], [[], False])
rotate()
output = targetcli(TPG + "/acls", "delete", NAME)
rows.row("delete says", "srp_users/old-1" in output, True)
rows.row("delete", entries(), [])
targetcli(TPG + "/acls", "create", NAME)
rows.row("delete: old password", logs_in("old"), False)
rotate(TPG)
kept("portal group", TPG, "old password valid")
targetcli(TPG, "srp_clear")
rows.row("portal group", entries(), [])
targetcli(USERS, "create", "zoe", stdin="old\n")
rotate(USERS + "/zoe", user="zoe")
rows.row("table", entries(), ["old-1", "zoe"])
rows.row("table: the user's salt", salt("zoe"), salt("old-1"))
targetcli(USERS, "create", "zoe2", "user=zoe", stdin="second\n")
rows.row("table: another entry", salt("zoe2"), salt("zoe"))
targetcli(USERS, "delete", "zoe2")
rows.row("table: ls", "old password valid" in targetcli("ls", USERS + "/zoe"),
         True)
targetcli(USERS, "delete", "zoe")
rows.row("table, deleted", entries(), [])

# keep_old again keeps both, and names both; saved and restored they are the same
rotate()
output = admin.password(ACL, "alice", "newest", "keep_old=1h")
rows.row("both", [entries(), "old-1" in output, "old-2" in output],
         [["old-1", "old-2"], True, True])
rows.row("both: ls", "2 old passwords" in targetcli("ls", ACL), True)
saved = admin.save()
admin.clear()
rows.row("restore", admin.restore(), "")
rows.row("saved again", admin.save("/run/again.json") == saved, True)
targetcli(ACL, "srp_clear")
rows.row("restored, cleared", entries(), [])

# In a group, each member's old password is kept; a refused one changes nothing
targetcli(TPG + "/acls", "create", SECOND)
admin.password(ACL, "alice", "old")
admin.password("%s/acls/%s" % (TPG, SECOND), "alice", "other")
salts = salt(None), salt(None, SECOND)
rows.row("members: salts", salts[0] != salts[1], True)
for name in SECOND, NAME:
    lio.write("%s/%s/tpgt_1/acls/%s/tag" % (lio.ISCSI, TARGET, name), "hosts")
admin.refused(GROUP, "srp_password", "alice", "SRP-1536,SRP-9", "keep_old=1h",
              stdin="x\n")
rows.row("refused", entries(), [])
admin.password(GROUP, "alice", "new", "keep_old=1h")
rows.row("members", entries(), ["old-1", "old-2"])
rows.row("members: same salts", (salt(None), salt(None, SECOND)), salts)
rows.row("members: old passwords",
         [logs_in("old"), logs_in("other", SECOND), logs_in("old", SECOND)],
         [True, True, False])
rows.row("members: new password",
         [logs_in("new"), logs_in("new", SECOND)], [True, True])
targetcli(TPG + "/acls", "delete", SECOND)
rows.row("one left", len(entries()), 1)
targetcli("/iscsi", "delete", TARGET)
rows.row("no target", os.path.isdir("%s/%s" % (lio.ISCSI, TARGET)), False)
rows.end()
admin.forget()
