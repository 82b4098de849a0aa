#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# A target with SRP is restored after a reboot
# boot: twice
# timeout: 120
# log: failed with status 0[02]
import os
import shutil

import admin
import expect
import openiscsi

KEPT = "/run/lio-srp/kept"
FILE = KEPT + "/saveconfig.json"
IMAGE = KEPT + "/disk.img"
DATA = b"written before the machine was booted again"


def before():
    admin.create()
    admin.srp_only()
    admin.password()
    admin.password("/iscsi", "bob", "of discovery")
    admin.targetcli("/iscsi", "set", "discovery_auth", "enable=1")
    admin.password(admin.TPG, "carol", "of the group", "SRP-2048,SRP-1536")
    with openiscsi.OpenIscsi(openiscsi.srp()) as initiator:
        initiator.login()
        with open(openiscsi.disk(), "r+b") as disk:
            disk.write(DATA)
            disk.flush()
            os.fsync(disk.fileno())
    admin.save()
    shutil.copy(admin.IMAGE, IMAGE)
    shutil.copy(admin.SAVE_FILE, FILE)
    expect.equal(os.stat(FILE).st_mode & 0o777, 0o600, "mode of " + FILE)


def after():
    expect.true("Targets: 1" not in admin.targetcli("ls"),
                "there is a target before anything is restored")
    shutil.copy(IMAGE, admin.IMAGE)
    os.makedirs(admin.SAVED, exist_ok=True)
    shutil.copy(FILE, admin.SAVE_FILE)
    with open(FILE, "rb") as f:
        saved = f.read()
    # Debian's service runs this at boot
    status, output = admin.run("targetctl", "restore")
    expect.equal((status, output), (0, ""), "targetctl restore")
    with openiscsi.OpenIscsi(openiscsi.srp(), openiscsi.for_discovery(
            openiscsi.srp("bob", "of discovery"))) as initiator:
        expect.equal(initiator.discover()[0], 0, "discovery")
        openiscsi.forget()
        initiator.login()
        with open(openiscsi.disk(), "rb") as disk:
            expect.equal(disk.read(len(DATA)), DATA, "the disk")
    for wrong in (openiscsi.srp(password="wrong"), openiscsi.chap(), {}):
        with openiscsi.OpenIscsi(wrong) as initiator:
            expect.true(initiator.try_login() != 0, "login with %s" % wrong)
    expect.equal(admin.save(), saved, "saved again")
    admin.forget()


if os.path.exists(FILE):
    after()
else:
    before()
