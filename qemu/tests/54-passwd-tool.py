#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# Logins work with credentials stored by iscsi-srp-passwd
# log: failed with status 0[02]
import subprocess

import expect
import srp
from background import timed_login
from lio import Discovery, Target

target = Target()
acl = target.acl()
table = expect.Table()


def passwd(*args, password="password123"):
    """Run the tool; return (status, output)."""
    done = subprocess.run(("iscsi-srp-passwd",) + args, check=False,
                          input=password.encode() + b"\n", timeout=30,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return done.returncode, done.stdout.decode()


def groups_set(auth):
    return [g for g in srp.GROUPS if auth.get("srp_verifier_" + g) != "NULL"]


def login(**how):
    return timed_login(**how)[0]


for where, auth in (("ACL", acl.auth), ("portal group", target.auth),
                    ("discovery", Discovery(False))):
    # Verifiers of groups that were not requested are removed
    auth.srp(groups=srp.GROUPS)
    table.row(where, passwd("--configfs", auth.path, "alice"), (0, ""))
    table.row(where + ": user", auth.get("srp_userid"), "alice")
    table.row(where + ": bytes of the salt", len(auth.get("srp_salt")), 32)
    table.row(where + ": groups", groups_set(auth),
              ["SRP-1536", "SRP-2048", "MODP-3072"])
    # It prints the same values that it stores
    salt = bytes.fromhex(auth.get("srp_salt"))
    for group in groups_set(auth):
        table.row("%s: verifier of %s" % (where, group),
                  auth.get("srp_verifier_" + group),
                  srp.octets(srp.verifier(group, b"alice", b"password123",
                                          salt)).hex().zfill(
                      len(auth.get("srp_verifier_" + group))))

table.row("login", login(), "0000")
table.row("login with another password", login(password="Password123"), "0201")

table.row("change", passwd("--configfs", acl.auth.path, "Zoë",
                           password="another"), (0, ""))
table.row("login with the old user", login(), "0201")
table.row("login with the old password", login(user="Zoë"), "0201")
table.row("login with the new", login(user="Zoë", password="another"), "0000")

# Writing the printed lines to the files has the same effect
status, output = passwd("-g", "SRP-1536", "bob", password="of bob")
table.row("lines", status, 0)
acl.auth.no_srp()
for line in output.splitlines():
    name, value = line.split("=", 1)
    acl.auth.set(name, value)
table.row("login by lines", login(user="bob", password="of bob"), "0000")

# A directory without SRP files, as on a kernel without SRP
status, output = passwd("--configfs", target.tpg + "/param", "alice")
table.row("no SRP there", status, 69)
table.row("no SRP there: error", "whose LIO supports SRP" in output, True)
table.end()
