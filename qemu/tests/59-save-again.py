#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# Saving loses nothing, and brings back nothing that another tool owns
# versions: both
# timeout: 240
# log: ^iSCSI SRP: (srp_verifier_|srp_salt|enabled)
import json
import os
import shutil
import subprocess

import admin
import expect
import lio
from admin import ACL, IQN, TPG, targetcli
from initiator import NAME, TARGET

USERS = IQN + "/srp_users"
SAVER = """
import sys
from rtslib.savefile import write_private
for number in range(150):
    write_private(sys.argv[1], sys.argv[2] * 5000)
"""
NODES = {"discovery": "/iscsi", TARGET + "/tpgt_1": TPG,
         "%s/tpgt_1/acls/%s" % (TARGET, NAME): ACL}
NOTES = "/run/rtslib-srp-not-restored"
rows = expect.Table()


def savers():
    path = "/run/saved/file"
    os.makedirs(os.path.dirname(path), exist_ok=True)
    running = [subprocess.Popen(["/usr/bin/python3", "-c", SAVER, path, letter],
                                env=admin.environment(),
                                stderr=subprocess.PIPE) for letter in "abc"]
    for process in running:
        errors = process.communicate()[1].decode()
        rows.row("a saver's status", [process.returncode, errors], [0, ""])
    text = lio.read(path)
    rows.row("one saver's text", text == text[0] * 5000, True)
    rows.row("nothing beside it", os.listdir(os.path.dirname(path)), ["file"])


def refused_users():
    admin.create()
    for name in "alice", "bob":
        targetcli(USERS, "create", name, "tpgt=1", stdin="x\n")
    config = json.loads(admin.save().decode())
    users = config["targets"][0]["srp_users"]
    users[0]["srp_verifier_SRP-9999"] = "12"
    with open(admin.SAVE_FILE, "w", encoding="ascii") as f:
        json.dump(config, f)
    for what in "once", "twice":
        admin.clear()
        output = admin.restore()
        rows.row(what + ": says", "SRP user alice" in output, True)
        path = "%s/%s/srp_users/alice" % (lio.ISCSI, TARGET)
        rows.row(what + ": no user", [lio.read(path + "/" + name) for name in
                                      ("srp_userid", "enabled")], ["NULL", "0"])
        rows.row(what + ": ls", "not restored" in targetcli("ls", USERS), True)
        saved = json.loads(admin.save().decode())
        rows.row(what + ": saved", saved["targets"][0]["srp_users"], users)
    targetcli(USERS, "delete", "alice")
    saved = json.loads(admin.save().decode())
    rows.row("deleted: saved", saved["targets"][0]["srp_users"], users[1:])
    admin.forget()


def srp_values(config):
    """The saved SRP values of each of NODES, in that order."""
    tpg = config["targets"][0]["tpgs"][0]
    return [{name: value for name, value in node.items()
             if "srp_" in name and "decoy" not in name}
            for node in (config["fabric_modules"][0], tpg, tpg["node_acls"][0])]


def refused_nodes():
    """Values of other nodes than users are kept until they are changed here."""
    def saved():
        return srp_values(json.loads(admin.save().decode()))

    def shown():
        lines = targetcli("ls", "/iscsi").split("\n")
        return [name for name in ("iscsi", "tpg1", NAME) for line in lines
                if "o- " + name in line and "SRP not restored" in line]

    def restore(config):
        with open(admin.SAVE_FILE, "w", encoding="ascii") as f:
            json.dump(config, f)
        admin.clear()
        return admin.restore()

    admin.create()
    admin.srp_only()
    for where in NODES.values():
        admin.password(where)
    targetcli(ACL, "set", "auth", "srp_mutual_required=1")
    config = json.loads(admin.save().decode())
    tpg = config["targets"][0]["tpgs"][0]
    for node, prefix in ((config["fabric_modules"][0], "discovery_"), (tpg, ""),
                         (tpg["node_acls"][0], "")):
        node[prefix + "srp_verifier_SRP-1536"] = "f" * 384
    before = srp_values(config)
    for what in "once", "twice":
        output = restore(config)
        for owner in NODES:
            rows.row("%s: %s" % (what, owner),
                     "SRP of %s not restored" % owner in output, True)
        rows.row(what + ": portal group",
                 lio.read("%s/%s/tpgt_1/enable" % (lio.ISCSI, TARGET)), "0")
        rows.row(what + ": ls", shown(), ["iscsi", "tpg1", NAME])
        rows.row(what + ": saved", saved(), before)
    rows.row("notes", [oct(os.stat(NOTES).st_mode & 0o777), len(os.listdir(NOTES))],
             ["0o700", 3])
    targetcli(TPG, "set", "auth", "srp_mutual_required=1")
    wanted = [before[0], dict(before[1], srp_mutual_required="1"), before[2]]
    rows.row("a policy since: saved", saved(), wanted)
    admin.refused(ACL, "set", "auth", "srp_verifier_SRP-1536=" + "f" * 384)
    rows.row("refused again: saved", saved(), wanted)
    for where in NODES.values():
        targetcli(where, "srp_clear")
    rows.row("cleared: ls", shown(), [])
    rows.row("cleared: saved", saved(), [{}, {"srp_mutual_required": "1"}, {}])
    # Deleted and created again, and set again
    restore(config)
    if admin.newest():
        targetcli(TPG + "/acls", "delete", NAME)
    else:
        path = "%s/%s/tpgt_1/acls/%s" % (lio.ISCSI, TARGET, NAME)
        for name in os.listdir(path + "/lun_0"):
            if os.path.islink(path + "/lun_0/" + name):
                os.remove(path + "/lun_0/" + name)
        os.rmdir(path + "/lun_0")
        os.rmdir(path)
    targetcli(TPG + "/acls", "create", NAME)
    admin.password(TPG, "bob")
    after = saved()
    rows.row("set again: saved", [after[0], after[1]["srp_userid"], after[2]],
             [before[0], "bob", {}])
    rows.row("set again: ls", shown(), ["iscsi"])
    # Set and cleared by another tool
    path = lio.ISCSI + "/discovery_auth/srp_userid"
    for name, value in ("carl", "carl"), ("NULL", None):
        with open(path, "w", encoding="ascii") as f:
            f.write(name + "\n")
        rows.row(name + ": saved", saved()[0].get("discovery_srp_userid"), value)
    admin.forget()
    rows.row("notes left", len(os.listdir(NOTES)), 0 if admin.newest() else 1)
    shutil.rmtree(NOTES)


def entries():
    return sorted(os.listdir("%s/%s/srp_users" % (lio.ISCSI, TARGET)))


def users_of_a_file():
    """Each tool changes and brings back its own entries only."""
    def passwd(*args, stdin=""):
        return subprocess.run(["iscsi-srp-passwd", "-f", "/run/users", *args],
                              input=stdin.encode(), stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, check=False).stdout.decode()

    table = "%s/%s/srp_users" % (lio.ISCSI, TARGET)
    admin.create()
    targetcli(USERS, "create", "zoe", stdin="old\n")
    admin.password(USERS + "/zoe", "zoe", "new", "keep_old=1h")
    passwd("--batch", stdin="[ann]\nsrp_password=x\n[zoe]\nsrp_password=x\n")
    output = passwd("--apply", table)
    rows.row("apply", ["added ann" in output, "zoe: belongs to targetcli" in output],
             [True, True])
    rows.row("rotation stays", entries(), ["ann", "old-1", "zoe"])
    for words in (["srp_password", "ann"], ["srp_clear"], ["set", "auth", "note=x"]):
        output = admin.refused(USERS + "/ann", *words, stdin="x\n")
        rows.row(" ".join(words), "belongs to iscsi-srp-passwd" in output, True)
    admin.refused(USERS, "delete", "ann")
    rows.row("ls", "of iscsi-srp-passwd" in targetcli("ls", USERS), True)
    saved = json.loads(admin.save().decode())["targets"][0]["srp_users"]
    rows.row("saved", [user["label"] for user in saved], ["old-1", "zoe"])
    # Removed from the file, the user does not come back with a restore
    passwd("--batch", stdin="[ann]\nremove=1\n[zoe]\nremove=1\n")
    admin.clear()
    rows.row("restore", admin.restore(), "")
    rows.row("restored", entries(), ["old-1", "zoe"])
    os.remove("/run/users")
    admin.forget()


savers()
refused_users()
refused_nodes()
users_of_a_file()
rows.end()
