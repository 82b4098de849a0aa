#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# rtslib names what it cannot set, and the limit, and changes nothing
# versions: both
# log: ^iSCSI SRP: (srp_salt|srp_userid|srp_verifier_)
import json
import os
import subprocess
import sys

import admin
import expect
import lio
import srp
from initiator import NAME, TARGET
from lio import Target

N, _ = srp.GROUPS["SRP-1536"]
VERIFIER = "srp_verifier_SRP-1536"
CASES = [("srp_salt", value, "1 to 1024 bytes in hexadecimal") for value in
         ("xyz", "0x", "1f3", "ab" * 1025, "12 34", "-1")] + [
    (VERIFIER, value, "below the N of its group") for value in
    ("12g4", "%x" % N, "%x" % (N + 1), "0", "-1", "1" * 5000, " 12")] + [
    ("srp_userid", value, "1 to 255 bytes of UTF-8") for value in
    ("u" * 256, "é" * 128, "a\nb", "\udcff")] + [
    ("srp_userid", "NULL", "not a permitted value"),
    ("srp_verifier_SRP-999", "12", "There is no SRP group 'SRP-999'"),
    ("srp_nonsense", "12", "This kernel has no SRP value 'srp_nonsense'")]
USERS = ["0x61", "0b11", "a;b", "a,b", "a=b", "two words", " x ", "Zoë", "0"]

# Runs in a separate process with the chosen rtslib; returns the error for each
# (name, value)
PROGRAM = """
import json, sys
from rtslib import FabricModule, NodeACL, RTSLibError, TPG, Target
acl = NodeACL(TPG(Target(FabricModule('iscsi'), sys.argv[1]), 1), sys.argv[2])
said = []
for name, value in json.load(sys.stdin):
    try:
        acl.set_srp(name, value)
        said.append('' if acl.get_srp(name) == value else acl.get_srp(name))
    except RTSLibError as e:
        said.append(str(e))
print(json.dumps(said))
"""


def said(tools, values, *how):
    done = subprocess.run(
        list(how) + [sys.executable, "-c", PROGRAM, TARGET, NAME],
        input=json.dumps(values).encode(), env=admin.environment(tools),
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    expect.equal(done.returncode, 0, "rtslib: " + done.stdout.decode())
    return json.loads(done.stdout.decode())


def state():
    return {name: auth.get(name) for name in os.listdir(auth.path)}


target = Target()
auth = target.acl().auth
auth.srp()
rows = expect.Table()
for tools in [None] + (["newest"] if os.path.isdir(admin.OTHERS + "newest")
                       else []):
    before = state()
    for (name, value, why), text in zip(CASES, said(
            tools, [(name, value) for name, value, _ in CASES])):
        rows.row("%s: %s=%.20r: %s" % (tools, name, value, text),
                 name.rpartition("_")[2] in text and why in text, True)
    rows.row("%s: state" % tools, state() == before, True)
    for user, text in zip(USERS, said(tools, [("srp_userid", user)
                                              for user in USERS])):
        rows.row("%s: user %r" % (tools, user), text, "")
    rows.row("%s: the last user" % tools, auth.get("srp_userid"), USERS[-1])
    auth.set("srp_userid", "alice")

    # Root without CAP_SYS_ADMIN
    text, = said(tools, [("srp_salt", "00")], "setpriv", "--bounding-set",
                 "-sys_admin", "--inh-caps", "-sys_admin")
    rows.row("%s: no permission: %s" % (tools, text),
             "srp_salt" in text and "ermitted" in text or
             "ermission denied" in text, True)
    rows.row("%s: state" % tools, state() == before, True)
rows.end()
