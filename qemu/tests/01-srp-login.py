#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# The real initiator logs in with mutual SRP; write and read a file system
# versions: both
import os
import subprocess

import expect
import openiscsi
from lio import Target

target = Target(megabytes=32)
acl = target.acl()
acl.auth.srp(groups=("MODP-3072", "SRP-2048", "SRP-1536"))

with openiscsi.OpenIscsi(openiscsi.srp()) as initiator:
    initiator.login()
    disk = openiscsi.disk()
    openiscsi.exchange_data(disk, target.image)
    subprocess.run(["mkfs.ext4", "-q", disk], check=True)
    os.makedirs("/run/mnt", exist_ok=True)
    for step in range(2):
        subprocess.run(["mount", disk, "/run/mnt"], check=True)
        if step == 0:
            with open("/run/mnt/file", "w", encoding="ascii") as f:
                f.write("over SRP")
        else:
            with open("/run/mnt/file", encoding="ascii") as f:
                expect.equal(f.read(), "over SRP", "file read back")
        subprocess.run(["umount", "/run/mnt"], check=True)
    initiator.logout()
    expect.equal(openiscsi.sessions(), [], "sessions after the logout")
