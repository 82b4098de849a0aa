# SPDX-License-Identifier: GPL-2.0-or-later
# The target boots the newest kernel of Debian's backports: the session continues, by SRP
# log: failed with status 0[02]
import sys

import expect
import pair

if pair.run("target", "sh", "-c", "ls /lib/modules | grep '^[7-9]'")[0]:
    print("this Debian release has no newer kernel in backports")
    sys.exit(77)
before = pair.sh("target", "uname -r").strip()
pair.patient_data_disk()
pair.write_before("the update")
start = pair.since("initiator")
pair.host("reboot", "target", "backports")
release = pair.sh("target", "uname -r").strip()
expect.true(release != before, "still " + before)
expect.true(release in pair.sh("target", "dkms status iscsi-target-srp"), "dkms status")
expect.true("/updates/dkms/" in pair.sh("target", "modinfo -n iscsi_target_mod"),
            "modinfo shows another module")
pair.wait_for(pair.logged_in, "session", step=3)
expect.true(pair.logins() >= 1, "no SRP login since the target has booted")
pair.logged("initiator", start, r"authenticated by SRP \(MODP-3072")
pair.same_file_system("the update")
