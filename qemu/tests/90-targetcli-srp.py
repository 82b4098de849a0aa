#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# targetcli switches a target to SRP, and its configuration is restored
# versions: both
# timeout: 180
# log: failed with status 0[023]
import os

import admin
import expect
import lio
import openiscsi
from admin import ACL, TPG, targetcli

DISCOVERY = lio.ISCSI + "/discovery_auth"


def shown(where, what):
    """The part of an ls line that describes the node itself."""
    for line in targetcli("ls", where, "1").splitlines():
        if "o- " + what in line:
            return line[line.index("[") + 1:line.rindex("]")]
    raise AssertionError("no %s in ls %s" % (what, where))


def logs_in(secret, wanted, user="alice"):
    with openiscsi.OpenIscsi(openiscsi.srp(user, secret)) as initiator:
        expect.equal(initiator.try_login() == 0, wanted,
                     "login as %s, %s: %s" % (user, secret, initiator.output))
        if wanted:
            openiscsi.exchange_data(openiscsi.disk(), admin.IMAGE)


def walk():
    acl, tpg = ACL.rpartition("/")[2], "tpg1"
    rows = expect.Table()

    admin.create()
    output = admin.password()
    rows.row("what is missing", ["AuthMethod=SRP" in output,
                                 "authentication=1" in output], [True, True])
    rows.row("SRP not offered", shown(TPG, tpg), "no-gen-acls, no-auth")
    targetcli(TPG, "set", "attribute", "authentication=1")
    rows.row("only CHAP and None", "SRP not offered" in shown(ACL, acl),
             True)
    targetcli(TPG, "set", "parameter", "AuthMethod=SRP,CHAP")
    rows.row("no CHAP user", shown(ACL, acl).rpartition(",")[0],
             "SRP MODP-3072, mutual, CHAP offered without credentials")
    targetcli(ACL, "set", "auth", "userid=alice", "password=of_chap")
    rows.row("both", shown(ACL, acl).rpartition(",")[0],
             "SRP MODP-3072, mutual, CHAP also offered: can be downgraded")
    rows.row("both, portal group", shown(TPG, tpg),
             "no-gen-acls, auth per-acl, CHAP also offered: can be downgraded")
    targetcli(TPG, "set", "parameter", "AuthMethod=SRP,None")
    rows.row("None, which is refused", shown(TPG, tpg),
             "no-gen-acls, auth per-acl, SRP only")
    targetcli(TPG, "set", "parameter", "AuthMethod=SRP")
    targetcli(ACL, "set", "auth", "userid=", "password=")
    rows.row("SRP", shown(ACL, acl).rpartition(",")[0],
             "SRP MODP-3072, mutual, SRP only")
    rows.row("SRP, portal group", shown(TPG, tpg),
             "no-gen-acls, auth per-acl, SRP only")
    targetcli(TPG, "set", "attribute", "authentication=0")
    rows.row("not required", shown(TPG, tpg),
             "no-gen-acls, no authentication required")
    targetcli(TPG, "set", "attribute", "authentication=1")

    # get and info never show a verifier, and show the salt as a fingerprint
    verifier = open(verifier_file(), encoding="ascii").read().strip()
    salt = open(verifier_file("srp_salt"), encoding="ascii").read().strip()
    for words in ["get", "auth"], ["info"]:
        output = targetcli(ACL, *words)
        rows.row("%s: user" % words[0], "alice" in output, True)
        rows.row("%s: salt" % words[0],
                 ["16 bytes, fingerprint" in output, salt in output],
                 [True, False])
        rows.row("%s: verifier" % words[0],
                 ["(set)" in output, verifier[:40] in output], [True, False])

    admin.password("/iscsi", "bob", "of discovery", "SRP-1536")
    targetcli("/iscsi", "set", "discovery_auth", "enable=1")
    rows.row("discovery", shown("/iscsi", "iscsi"),
             "disc auth, SRP SRP-1536, mutual, SRP only, Targets: 1")
    admin.password(TPG, "carol", "of the group", "groups=SRP-2048,SRP-1536")
    verifier = lio.read(DISCOVERY + "/srp_verifier_SRP-1536")
    decoy = lio.read(DISCOVERY + "/srp_decoy_secret")
    output = targetcli("/iscsi", "get", "discovery_auth")
    rows.row("discovery: get", ["srp_decoy_secret=(set)" in output,
                                verifier[:40] in output, decoy in output],
             [True, False, False])
    rows.end()

    # Save, clear, restore and save: the files are equal and contain no password
    saved = admin.save()
    for secret in b"password123", b"of discovery", b"of the group":
        expect.true(secret not in saved, "%r is saved" % secret)
    for path, _, files in os.walk(admin.SAVED):
        for name in files:
            mode = os.stat(os.path.join(path, name)).st_mode & 0o7777
            expect.equal(mode, 0o600, "mode of %s in %s" % (name, path))
    admin.clear()
    expect.equal(lio.read(DISCOVERY + "/srp_userid"), "NULL",
                 "discovery's user after clearconfig")
    expect.equal(lio.read(DISCOVERY + "/srp_decoy_secret"), decoy,
                 "secret after clearconfig")
    lio.write(DISCOVERY + "/srp_decoy_secret", "NULL")  # as after a reboot
    expect.equal(admin.restore(), "", "targetctl restore")
    expect.equal(lio.read(DISCOVERY + "/srp_decoy_secret"), decoy,
                 "secret after the restore")
    expect.equal(admin.save(admin.SAVED + "/again.json"), saved,
                 "saved again")
    logs_in("password123", True)
    logs_in("password124", False)

    # Use in scripts; set a new password
    targetcli(ACL, "set", "auth", "srp_userid=dave")
    logs_in("password123", False)
    admin.password(secret="two", user="dave")
    logs_in("two", True, "dave")
    targetcli(ACL, "srp_clear")
    rows.row("cleared", shown(ACL, acl).rpartition(",")[0],
             "SRP offered without credentials")
    logs_in("two", False, "dave")
    admin.forget()


def verifier_file(name="srp_verifier_MODP-3072"):
    return "/sys/kernel/config/target%s/auth/%s" % (
        ACL.replace("/tpg1/", "/tpgt_1/"), name)


walk()
