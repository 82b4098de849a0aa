#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# Saving loses nothing, and brings back nothing that another tool owns
# timeout: 120
# log: ^iSCSI SRP: (srp_verifier_|srp_salt|enabled)
import json
import os
import subprocess

import admin
import expect
import lio
from admin import IQN, targetcli
from initiator import TARGET

USERS = IQN + "/srp_users"
SAVER = """
import sys
from rtslib.savefile import write_private
for number in range(150):
    write_private(sys.argv[1], sys.argv[2] * 5000)
"""
rows = expect.Table()


def savers(tools):
    path = "/run/saved/file"
    os.makedirs(os.path.dirname(path), exist_ok=True)
    running = [subprocess.Popen(["/usr/bin/python3", "-c", SAVER, path, letter],
                                env=admin.environment(tools),
                                stderr=subprocess.PIPE) for letter in "abc"]
    for process in running:
        errors = process.communicate()[1].decode()
        rows.row("a saver's status", [process.returncode, errors], [0, ""])
    text = lio.read(path)
    rows.row("one saver's text", text == text[0] * 5000, True)
    rows.row("nothing beside it", os.listdir(os.path.dirname(path)), ["file"])


def refused_users(tools):
    admin.create(tools=tools)
    for name in "alice", "bob":
        targetcli(USERS, "create", name, "tpgt=1", stdin="x\n", tools=tools)
    config = json.loads(admin.save(tools=tools).decode())
    users = config["targets"][0]["srp_users"]
    users[0]["srp_verifier_SRP-9999"] = "12"
    with open(admin.SAVE_FILE, "w", encoding="ascii") as f:
        json.dump(config, f)
    for what in "once", "twice":
        admin.clear(tools=tools)
        output = admin.restore(tools=tools)
        rows.row(what + ": says", "SRP user alice" in output, True)
        path = "%s/%s/srp_users/alice" % (lio.ISCSI, TARGET)
        rows.row(what + ": no user", [lio.read(path + "/" + name) for name in
                                      ("srp_userid", "enabled")], ["NULL", "0"])
        rows.row(what + ": ls", "not restored" in targetcli("ls", USERS), True)
        saved = json.loads(admin.save(tools=tools).decode())
        rows.row(what + ": saved", saved["targets"][0]["srp_users"], users)
    targetcli(USERS, "delete", "alice", tools=tools)
    saved = json.loads(admin.save(tools=tools).decode())
    rows.row("deleted: saved", saved["targets"][0]["srp_users"], users[1:])
    admin.forget()


def entries():
    return sorted(os.listdir("%s/%s/srp_users" % (lio.ISCSI, TARGET)))


def users_of_a_file(tools):
    """Each tool changes and brings back its own entries only."""
    def passwd(*args, stdin=""):
        return subprocess.run(["iscsi-srp-passwd", "-f", "/run/users", *args],
                              input=stdin.encode(), stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, check=False).stdout.decode()

    table = "%s/%s/srp_users" % (lio.ISCSI, TARGET)
    admin.create(tools=tools)
    targetcli(USERS, "create", "zoe", stdin="old\n", tools=tools)
    admin.password(USERS + "/zoe", "zoe", "new", "keep_old=1h", tools=tools)
    passwd("--batch", stdin="[ann]\nsrp_password=x\n[zoe]\nsrp_password=x\n")
    output = passwd("--apply", table)
    rows.row("apply", ["added ann" in output, "zoe: belongs to targetcli" in output],
             [True, True])
    rows.row("rotation stays", entries(), ["ann", "old-1", "zoe"])
    for words in (["srp_password", "ann"], ["srp_clear"], ["set", "auth", "note=x"]):
        output = admin.refused(USERS + "/ann", *words, stdin="x\n", tools=tools)
        rows.row(" ".join(words), "belongs to iscsi-srp-passwd" in output, True)
    admin.refused(USERS, "delete", "ann", tools=tools)
    rows.row("ls", "of iscsi-srp-passwd" in targetcli("ls", USERS, tools=tools), True)
    saved = json.loads(admin.save(tools=tools).decode())["targets"][0]["srp_users"]
    rows.row("saved", [user["label"] for user in saved], ["old-1", "zoe"])
    # Removed from the file, the user does not come back with a restore
    passwd("--batch", stdin="[ann]\nremove=1\n[zoe]\nremove=1\n")
    admin.clear(tools=tools)
    rows.row("restore", admin.restore(tools=tools), "")
    rows.row("restored", entries(), ["old-1", "zoe"])
    os.remove("/run/users")
    admin.forget()


for version in [None] + (["newest"] if os.path.isdir(admin.OTHERS + "newest")
                         else []):
    savers(version)
    refused_users(version)
    users_of_a_file(version)
rows.end()
