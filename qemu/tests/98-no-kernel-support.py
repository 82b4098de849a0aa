#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# On a kernel without SRP each tool says so, and everything else is restored
# boot: unpatched
# timeout: 180
import json
import os
import subprocess

import admin
import expect
import lio
import openiscsi
import target as fake
from admin import ACL, IQN, TPG, targetcli
from initiator import NAME, TARGET
from lio import ISCSI

NO_SRP = ("this kernel's iSCSI target has no SRP (boot one with "
          "CONFIG_ISCSI_TARGET_SRP)")
OTHER = "iqn.2024-01.org.example:by-chap"
GROUP = "%s/%s/tpgt_1" % (ISCSI, TARGET)
AUTH = "%s/acls/%s/auth" % (GROUP, NAME)
OTHER_TPG = "/iscsi/%s/tpg1" % OTHER
FILE = "/run/with-srp.json"
VALUES = {"srp_userid": "alice", "srp_salt": "00" * 16,
          "srp_verifier_SRP-1536": "02"}
CHAP = openiscsi.chap(password="of_chap_1234")
rows = expect.Table()


class FakeTarget(fake.Target):
    port = 3262


def says(what, output, *texts):
    """Check that output contains all texts and no Python traceback."""
    missing = [text for text in texts if text not in output]
    rows.row(what, missing and output, [])
    rows.row(what + ": no traceback", "Traceback" in output, False)


def tool(*args):
    """Run iscsi-srp-passwd; return (status, output)."""
    done = subprocess.run(("iscsi-srp-passwd",) + args, input=b"pw\n",
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          check=False)
    return done.returncode, done.stdout.decode()


def set_up(tools):
    """Create one target that offers SRP, if possible, and one with CHAP."""
    admin.create(tools=tools)
    admin.srp_only(tools=tools)
    for words in (["set", "global", "auto_add_default_portal=false"],
                  ["/iscsi", "create", OTHER],
                  [OTHER_TPG + "/portals", "create", "127.0.0.1", "3261"],
                  [OTHER_TPG + "/luns", "create", "/backstores/fileio/disk"],
                  [OTHER_TPG + "/acls", "create", NAME],
                  [OTHER_TPG, "set", "attribute", "authentication=1"],
                  ["%s/acls/%s" % (OTHER_TPG, NAME), "set", "auth",
                   "userid=alice", "password=of_chap_1234"]):
        targetcli(*words, tools=tools)


def with_srp(saved):
    """Turn the file into one saved on a kernel with SRP."""
    config = json.loads(saved.decode())
    config["fabric_modules"] = [dict({
        "discovery_" + name: value for name, value in VALUES.items()},
                                     name="iscsi")]
    for target in config["targets"]:
        if target["wwn"] == TARGET:
            target["srp_users"] = [dict(VALUES, label="alice", enabled="1")]
            target["tpgs"][0].update(VALUES)
            target["tpgs"][0]["node_acls"][0].update(VALUES)
    with open(os.open(FILE, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w",
              encoding="ascii") as f:
        json.dump(config, f, sort_keys=True, indent=2)


def commands(tools):
    """Check what targetcli says when asked for SRP."""
    for where in ACL, TPG, "/iscsi":
        for words in ["srp_password", "alice"], ["srp_clear"]:
            says("%s %s" % (where, words[0]), admin.refused(
                where, *words, stdin="x\n", tools=tools), NO_SRP)
    says("set auth", admin.refused(ACL, "set", "auth", "srp_userid=alice",
                                   tools=tools), "srp_userid")
    says("status", admin.refused(ACL, "srp_status", tools=tools),
         "This kernel's iSCSI target does not count SRP logins")
    shown = targetcli("ls", "/iscsi", tools=tools)
    says("ls", shown, "SRP offered, but this kernel has none")
    rows.row("a table of users", "srp_users" in shown, False)


def restored(tools):
    admin.clear(tools=tools)
    output = admin.restore(FILE, tools=tools)
    says("restore", output, NO_SRP, "1 SRP users of target " + TARGET,
         "SRP of discovery not restored",
         "stays disabled, as it offers SRP: " + NO_SRP)
    rows.row("the target with SRP",
             [lio.read(GROUP + "/enable"), lio.read(GROUP + "/param/AuthMethod"),
              lio.read(GROUP + "/attrib/authentication"),
              os.path.isdir("%s/acls/%s/lun_0" % (GROUP, NAME))],
             ["0", "SRP", "1", True])
    rows.row("the disk", "disk" in targetcli("ls", "/backstores", tools=tools),
             True)
    for conf, wanted in (CHAP, True), ({}, False):
        with openiscsi.OpenIscsi(conf) as initiator:
            rows.row("the other target, %s" % (conf or "no authentication"),
                     initiator.try_login(target=OTHER,
                                         portal="127.0.0.1:3261") == 0, wanted)
    # Saving would drop the SRP settings in the file
    before = lio.read(FILE)
    says("saveconfig", admin.refused("saveconfig", FILE, tools=tools),
         "Not saved: %s has SRP credentials" % FILE, NO_SRP)
    rows.row("the file", lio.read(FILE), before)


def verifiers():
    """Check that iscsi-srp-passwd exits with EX_UNAVAILABLE."""
    for auth in AUTH, GROUP + "/auth", ISCSI + "/discovery_auth":
        status, output = tool("--configfs", auth, "alice")
        rows.row("--configfs " + auth, status, 69)
        says("--configfs", output, auth + "/srp_userid does not exist",
             "on a kernel whose LIO supports SRP")
    rows.row("a users file", tool("-f", "/run/users", "alice"), (0, ""))
    for mode in "--apply", "--export":
        status, output = tool("-f", "/run/users", mode,
                              "%s/%s/srp_users" % (ISCSI, TARGET))
        rows.row(mode, status, 69)
        says(mode, output, "on a kernel whose LIO supports SRP")


def initiators():
    """The initiator works without SRP in the kernel, but this target lacks it."""
    targetcli(TPG, "enable")
    with openiscsi.OpenIscsi(openiscsi.srp(), openiscsi.for_discovery(
            openiscsi.srp())) as initiator:
        rows.row("iscsiadm, this kernel's target", initiator.try_login() != 0,
                 True)
        says("iscsiadm, this kernel's target", initiator.output,
             "iscsiadm: Could not login to")
        with FakeTarget() as other:
            status, output = initiator.discover("127.0.0.1:%d" % other.port)
            rows.row("iscsiadm, a target with SRP",
                     (status, other.name in output), (0, True))


for version in [None] + (["newest"] if os.path.isdir(admin.OTHERS + "newest")
                         else []):
    set_up(version)
    expect.true(not os.path.exists(AUTH + "/srp_userid"), "a kernel with SRP")
    with_srp(admin.save(tools=version))
    commands(version)
    restored(version)
    if not version:
        verifiers()
        initiators()
    admin.forget()
rows.end()
