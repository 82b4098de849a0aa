#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# Saving loses nothing: with two savers at once, and with users the kernel refused
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


for version in [None] + (["newest"] if os.path.isdir(admin.OTHERS + "newest")
                         else []):
    savers(version)
    refused_users(version)
rows.end()
