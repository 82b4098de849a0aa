#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# What rtslib says an initiator meets, and targetcli shows, is what logins meet
# log: failed with status 0[02]
# log: status 0301: SRP_M is wrong; the next try uses
# log: ^iSCSI SRP: (srp_min_group|AuthMethod|srp_only)
import json
import os
import random
import subprocess
import time

import admin
import expect
import lio
from initiator import NAME, TARGET, Refused, outcome
from lio import Target, User

# Answers each line with what an initiator meets: its ACL, the portal group, discovery
PROGRAM = """
import json, sys
from rtslib import FabricModule, NodeACL, TPG, Target
fabric = FabricModule('iscsi')
tpg = TPG(Target(fabric, sys.argv[1]), 1)
for line in sys.stdin:
    acl = NodeACL(tpg, sys.argv[2], 'lookup')
    print(json.dumps([{
        'methods': login.methods, 'required': login.required,
        'users': sorted([node.srp_userid for node in login.table_users()] +
                        ([login.own.srp_userid] if login.own_usable else []))
        if 'SRP' in login.offered else [],
        'mutual': bool(login.policy('srp_mutual_required'))}
        for login in (acl.srp_login(), tpg.srp_login(), fabric.srp_login())]),
        flush=True)
from rtslib import srplogin
srplogin.FIPS = sys.argv[3]
print(json.dumps([login.offered for login in (
    acl.srp_login(), tpg.srp_login(), fabric.srp_login())]), flush=True)
"""
STRONG, WEAK = ("SRP-1536", "SRP-1280"), ("SRP-1280",)
CHOICES = {
    "AuthMethod": ("SRP", "SRP,CHAP", "SRP,None", "CHAP", "CHAP,None"),
    "required": (0, 1, 1), "acl_required": (-1, -1, 0, 1),
    "own": (None, STRONG, WEAK), "tpg_own": (None, STRONG, WEAK),
    "chap": (False, True), "tpg_chap": (False, True),
    "only": (False, False, True), "acl_only": (False, False, False, True),
    "mutual": (False, True), "acl_mutual": (False, True),
    "minimum": (None, "SRP-1536"), "module": ("SRP-1280", "SRP-1536"),
    "groups": (STRONG, WEAK), "initiators": (None, NAME, NAME + "2"),
    "tpgt": (None, "1", "2 3"), "expires": (None, 3600, -3600),
    "enabled": (0, 1, 1, 1),
    "enforce": (False, True), "discovery": (None, STRONG, WEAK),
}
FIPS = "/run/fips"
rows = expect.Table()


def scope(auth, groups, chap, **policy):
    auth.no_policy()
    auth.no_srp()
    auth.no_chap()
    if groups:
        auth.srp(groups=groups)
    if chap:
        auth.chap()
    auth.policy(**policy)


def configure(case):
    auth, group = acl.auth, target.auth
    group.no_policy()
    target.param("AuthMethod", case["AuthMethod"])
    target.attrib("authentication", case["required"])
    acl.attrib("authentication", case["acl_required"])
    only = case["only"] and "SRP" in case["AuthMethod"]
    scope(auth, case["own"], case["chap"], only=case["acl_only"],
          mutual_required=case["acl_mutual"])
    scope(group, case["tpg_own"], case["tpg_chap"], only=only,
          mutual_required=case["mutual"])
    if case["minimum"] and case["tpg_own"] is not WEAK:
        group.policy(min_group=case["minimum"])
    lio.write(lio.PARAMETERS + "/srp_min_group", case["module"])
    user.srp("bob", groups=case["groups"])
    for name in "initiators", "tpgt", "enabled":
        user.set(name, str(case[name]) if case[name] is not None else "NULL")
    user.set("expires", str(int(time.time()) + case["expires"])
             if case["expires"] else "NULL")
    scope(discovery, case["discovery"], False)
    discovery.enforce(case["enforce"])


def logs_in(script, **how):
    try:
        return outcome(script, **how) == "0000"
    except Refused:                     # another method was chosen
        return False


def met(**how):
    """The same by logins."""
    def method(name):
        def script(i):
            getattr(i, name)()
            i.operational()
        return script

    def srp(target_auth):
        def script(i):
            i.srp(target_auth=target_auth)
            i.operational()
        return script

    def at_once(i):
        i.ask([], csg=1)
    users = [name for name in ("alice", "bob")
             if logs_in(srp("Yes"), user=name, **how)]
    return {
        "methods": (["SRP"] if users else []) +
                   [name for name in ("CHAP", "None")
                    if logs_in(method(name.lower()), **how)],
        "required": not logs_in(at_once, **how), "users": users,
        "mutual": not any(logs_in(srp("No"), user=name, **how) for name in users)}


target = Target()
target.demo()
acl = target.acl()
user = User(target, "bob", None)
discovery = lio.Discovery(False)
versions = [None] + (["newest"] if os.path.isdir(admin.OTHERS + "newest") else [])
rtslib = [subprocess.Popen(["/usr/bin/python3", "-W", "ignore", "-c", PROGRAM,
                            TARGET, NAME, FIPS], env=admin.environment(version),
                           stdin=subprocess.PIPE, stdout=subprocess.PIPE)
          for version in versions]
chance = random.Random(13)
for _ in range(25):
    case = {name: chance.choice(values) for name, values in CHOICES.items()}
    configure(case)
    wanted = [met(), met(name=NAME + ".other"), met(discovery=True)]
    for process in rtslib:
        process.stdin.write(b"\n")
        process.stdin.flush()
        said = json.loads(process.stdout.readline().decode())
        for what, real, claim in zip(("ACL", "no ACL", "discovery"), wanted, said):
            if not real["users"]:       # nobody could tell
                claim = dict(claim, mutual=real["mutual"])
            rows.row("%s %s" % (what, case), claim, real)

# An entry of the ACL's user with another salt is not used
configure({name: values[0] for name, values in CHOICES.items()} |
          {"own": STRONG, "initiators": NAME, "enabled": 1, "acl_required": 1})
user.srp("alice", "of the table", STRONG, bytes(16))
rows.row("another salt", logs_in(lambda i: i.srp(), password="of the table"), False)
for process in rtslib:
    process.stdin.write(b"\n")
    process.stdin.flush()
    said = json.loads(process.stdout.readline().decode())
    rows.row("another salt: rtslib", said[0]["users"], ["alice"])
user.srp("bob", groups=STRONG)

# targetcli shows the same
configure({name: values[0] for name, values in CHOICES.items()} |
          {"acl_required": 1, "enabled": 1, "enforce": True})
for what, shown in ((lambda: None, "SRP by srp_users, mutual, SRP only"),
                    (lambda: acl.auth.srp(groups=WEAK), "SRP SRP-1280, mutual"),
                    (lambda: target.auth.policy(min_group="SRP-1536"),
                     "below srp_min_group=SRP-1536"),
                    (lambda: acl.attrib("authentication", 0),
                     "no authentication required")):
    what()
    output = admin.targetcli("ls", admin.ACL, "1")
    rows.row("ls: " + shown, shown in output or output, True)

# These kernels have no FIPS mode, where SRP is not offered: this is what rtslib says
with open(FIPS, "w", encoding="ascii") as f:
    f.write("1\n")
target.param("AuthMethod", "SRP,CHAP")
target.attrib("authentication", 1)
acl.auth.policy(only=True)
for process in rtslib:
    output = process.communicate()[0].decode()
    rows.row("FIPS", json.loads(output)[:2], [["None"], ["CHAP"]])
    rows.row("FIPS: discovery", "SRP" in json.loads(output)[2], False)
rows.end()
