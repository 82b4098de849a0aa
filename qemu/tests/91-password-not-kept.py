#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# A password or verifier typed into targetcli is not echoed, logged or stored
# versions: both
# timeout: 240
import os

import admin
import expect
import openiscsi
import srp
from admin import ACL, Terminal

SECRET = "Sesam, 'open' 0x1b=;"
SALT = bytes(range(16))
VERIFIER = srp.octets(srp.verifier("SRP-1536", b"alice", b"typed", SALT)).hex()


def kept():
    """Every file that a targetcli session may leave."""
    for top in admin.HOME, admin.SAVED:
        for path, _, files in os.walk(top):
            for name in files:
                with open(os.path.join(path, name), "rb") as f:
                    yield os.path.join(path, name), f.read()


def session():
    admin.create()
    admin.srp_only()

    # On a terminal, it asks twice, without echo
    shell = Terminal("targetcli")
    shell.until("/> ")
    shell.type("cd %s\n" % ACL)
    shell.until("> ")
    shell.type("srp_password alice\n")
    shell.until("alice: ")
    shell.type(SECRET + "\n")
    shell.until("gain")
    shell.type("another\n")
    shell.until("nothing is changed")
    shell.until("> ")
    shell.type("srp_password alice\n")
    shell.until("alice: ")
    shell.type(SECRET + "\n")
    shell.until("gain")
    shell.type(SECRET + "\n")
    shell.until("Set the SRP password of alice")
    shell.until("> ")
    shell.type("exit\n")
    expect.equal(shell.end(), 0, "exit status: " + shell.shown)
    expect.true(SECRET not in shell.shown, "echoed: " + shell.shown)
    with openiscsi.OpenIscsi(openiscsi.srp(password=SECRET)) as initiator:
        initiator.login()
    for path, data in kept():
        expect.true(SECRET.encode() not in data, "the password is in " + path)
    history = open(admin.HOME + "/history.txt", encoding="utf-8").read()
    expect.true("srp_password alice" in history, "history: " + history)

    # Values meant for scripts, but typed: a verifier is a secret too
    shell = Terminal("targetcli")
    shell.until("> ")
    shell.type("%s set auth srp_salt=%s srp_verifier_SRP-1536=%s\n" % (
        ACL, SALT.hex(), VERIFIER))
    shell.until("is now")
    shell.type("%s get auth\n" % ACL)
    shell.until("(set)")
    shell.type("exit\n")
    expect.equal(shell.end(), 0, "exit status: " + shell.shown)
    # readline echoes the input; nothing else may show it
    expect.equal(shell.shown.count(VERIFIER[-60:]) <= 1, True,
                 "the verifier is shown: " + shell.shown)
    for path, data in kept():
        if path.startswith(admin.HOME):
            expect.true(VERIFIER.encode() not in data,
                        "the verifier is in " + path)
    # alice's other verifiers have another salt, so only this group works
    with openiscsi.OpenIscsi(openiscsi.srp(password="typed",
                                           groups="SRP-1536")) as initiator:
        initiator.login()

    # It does not take a password as an argument
    output = admin.refused(ACL, "srp_password", "alice", "SRP-1536", SECRET,
                           stdin="x\n")
    expect.true("nothing" in output.lower() or "parameter" in output.lower(),
                output)
    admin.forget()


session()
