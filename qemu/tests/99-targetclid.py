#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# targetclid supports SRP, but cannot read a password: it says so and continues
# versions: both
# timeout: 240
# log: ^iSCSI SRP: srp_verifier_
import os
import subprocess

import admin
import expect
import lio
import srp
from admin import ACL, IQN, targetcli
from initiator import NAME, TARGET

SOCKET = "/var/run/targetclid.sock"
AUTH = "%s/%s/tpgt_1/acls/%s/auth" % (lio.ISCSI, TARGET, NAME)
VERIFIER = "srp_verifier_SRP-1536"
VALUE = srp.octets(srp.verifier("SRP-1536", b"alice", b"set", bytes(16))).hex()
SECRET = "for the daemon"
rows = expect.Table()


def values():
    return {name: lio.read(os.path.join(AUTH, name))
            for name in os.listdir(AUTH)}


def by_daemon():
    """Run targetcli with its commands sent to the daemon."""
    before = values()
    for words in ([ACL, "srp_password", "alice"], ["/iscsi", "srp_password", "x"],
                  [IQN + "/srp_users", "create", "bob"]):
        # its exit status is not that of the command
        output = admin.run("targetcli", *words, stdin=SECRET + "\n")[1]
        rows.row(" ".join(words), [
            "targetclid cannot read a password" in output,
            "targetcli --disable-daemon" in output], [True, True])
    output = admin.run("targetcli", "/iscsi", "srp_status", "1")[1]
    rows.row("srp_status 1", "targetclid cannot repeat" in output, True)
    rows.row("values", values() == before, True)
    rows.row("users", os.listdir("%s/%s/srp_users" % (lio.ISCSI, TARGET)), [])

    # Everything else works with the daemon, and it reveals no verifier
    targetcli(ACL, "set", "auth", VERIFIER + "=" + VALUE)
    rows.row("a verifier", lio.read("%s/%s" % (AUTH, VERIFIER)), VALUE)
    rows.row("get", "(set)" in targetcli(ACL, "get", "auth"), True)
    output = admin.run("targetcli", ACL, "set", "auth", VERIFIER + "=0")[1]
    rows.row("a wrong verifier", "below the N" in output, True)
    for top, _, files in os.walk(admin.HOME):
        for name in files:
            with open(os.path.join(top, name), "rb") as f:
                data = f.read()
            rows.row("secrets in " + name, [
                SECRET.encode() in data, VALUE.encode() in data],
                     [False, False])


def session():
    admin.create()
    admin.srp_only()
    admin.password()
    targetcli("set", "global", "auto_use_daemon=true", "loglevel_file=debug")
    with subprocess.Popen(["targetclid"], env=admin.environment(),
                          stdin=subprocess.DEVNULL) as daemon:
        try:
            lio.wait_for(lambda: SOCKET in lio.read("/proc/net/unix"),
                         "targetclid", 20)
            by_daemon()
            rows.row("targetclid runs", daemon.poll(), None)
        finally:
            # Not SIGTERM: 3.0.2 survives it while a client is connected
            daemon.kill()
    # Doing what the message says helps
    targetcli("--disable-daemon")
    admin.password(secret="another")
    admin.forget()


session()
rows.end()
