#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# targetcli creates a target, iscsi-srp-passwd stores its SRP credentials
# versions: both
# log: failed with status 0[02]
import subprocess

import expect
import openiscsi
from initiator import NAME, TARGET
from lio import ISCSI

SCRIPT = """
/backstores/fileio create disk /run/disk.img 16M
/iscsi create %(target)s
/iscsi/%(target)s/tpg1/luns create /backstores/fileio/disk
/iscsi/%(target)s/tpg1/acls create %(name)s
/iscsi/%(target)s/tpg1 set attribute authentication=1
/iscsi/%(target)s/tpg1 set parameter AuthMethod=SRP
exit
""" % {"target": TARGET, "name": NAME}

done = subprocess.run(["targetcli"], input=SCRIPT.encode(), check=False,
                      stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
tpg = "%s/%s/tpgt_1" % (ISCSI, TARGET)
expect.equal(done.returncode, 0, "targetcli: " + done.stdout.decode())

auth = "%s/acls/%s/auth" % (tpg, NAME)
done = subprocess.run(["iscsi-srp-passwd", "--configfs", auth, "alice"],
                      input=b"password123\n", stdout=subprocess.PIPE,
                      stderr=subprocess.STDOUT, check=False)
expect.equal(done.returncode, 0, "iscsi-srp-passwd: " + done.stdout.decode())

with openiscsi.OpenIscsi(openiscsi.srp()) as initiator:
    initiator.login()
    openiscsi.exchange_data(openiscsi.disk(), "/run/disk.img")
with openiscsi.OpenIscsi(openiscsi.srp(password="wrong")) as initiator:
    expect.true(initiator.try_login() != 0, "login with a wrong password")
subprocess.run(["targetcli", "clearconfig", "confirm=True"], check=True,
               stdout=subprocess.DEVNULL)
