#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# The commands in Documentation/admin.md work as written
# versions: both
# timeout: 240
import os

import admin
import expect
import openiscsi

PAGE = os.path.join(os.path.dirname(os.path.realpath(__file__)),
                    "../../Documentation/admin.md")
PROMPTS = "SRP password of alice: ", "The same again: "
with open(PAGE, encoding="utf-8") as f:
    commands = [line[6:].strip() for line in f if line.startswith("    # ")]
expect.true(len(commands) > 15, "only %d commands in admin.md" % len(commands))


def run(command):
    """Run on a terminal, and type the password when asked."""
    shell = admin.Terminal("bash", "-c", "set -o pipefail; " + command)
    if command.startswith("targetcli") and " srp_password" in command:
        for prompt in PROMPTS:
            shell.until(prompt)
            shell.type("password123\n")
    status = shell.end()
    expect.equal(status, 0, "%s: %s" % (command, shell.shown))
    return shell.shown


with openiscsi.OpenIscsi() as initiator:
    for command in commands:
        shown = run(command)
        if command == "targetcli ls /iscsi":
            expect.true("SRP MODP-3072, mutual, SRP only" in shown, shown)
        if "--login" in command:
            openiscsi.exchange_data(openiscsi.disk(), admin.IMAGE)
        if command.startswith("targetcli ls") and "srp_users" in command:
            expect.true("old-1" in shown, shown)
    expect.equal(len(openiscsi.sessions()), 1, "sessions at the end")
admin.forget()
