# SPDX-License-Identifier: GPL-2.0-or-later
# The target reboots: Debian's service restores it, and the initiator continues
# log: failed with status 0[02]
import expect
import pair

pair.patient_data_disk()
pair.write_before("the boot")
configuration = pair.saved()
start = pair.since("initiator")
pair.host("reboot", "target")
expect.equal(pair.sh("target", "systemctl is-active rtslib-fb-targetctl"),
             "active\n", "the service that restores the target")
pair.wait_for(pair.logged_in, "session", step=3)
expect.true(pair.logins() >= 1, "no SRP login since the target has booted")
pair.logged("initiator", start, r"authenticated by SRP \(MODP-3072")
pair.same_file_system("the boot")
expect.equal(pair.saved(), configuration, "the configuration, saved again")
# The target's disk does not contain the password
expect.equal(pair.run("target", "grep", "-rls", pair.PASSWORD, "/etc", "/var/log",
                      "/root/.targetcli")[1], "", "files with the password")
