# SPDX-License-Identifier: GPL-2.0-or-later
# The target is upgraded from Debian 12 to 13 as documented, while the initiator writes
# machines: -u
# log: failed with status 0[02]
import expect
import pair
import upgrade

SERVICE = "rtslib-fb-targetctl.service"
USERS = "/etc/iscsi-srp-users"
FILES = ("/etc/rtslib-fb-target/saveconfig.json", USERS)

pair.patient_data_disk()
pair.must("target", "iscsi-srp-passwd", "-f", USERS, "bob", stdin="of bob\n")
start, session = pair.since("initiator"), upgrade.session()
enabled = pair.sh("target", "systemctl is-enabled " + SERVICE)
files = upgrade.files("target", *FILES)
with upgrade.Writer() as writer:
    upgrade.upgrade("target", "lio-srp-target", "iscsi-target-srp-dkms", "iscsi-srp-utils",
                    "targetcli-fb", "python3-rtslib-fb")
    pair.wait_for(pair.logged_in, "session after the upgrade")
    writer.busy()
expect.equal(upgrade.session(), session, "session after the upgrade")
expect.equal(upgrade.files("target", *FILES), files, "files after the upgrade")
# The new version of rtslib has restarted the target, with the module of before
expect.true(pair.logins() >= 1, "no SRP login since then")

kernel = upgrade.reboot("target")
expect.true("%s, x86_64: installed" % kernel in
            pair.sh("target", "dkms status iscsi-target-srp"), "dkms status")
expect.true("/updates/dkms/" in pair.sh("target", "modinfo -n iscsi_target_mod"),
            "modinfo shows another module")
expect.equal(pair.sh("target", "cat /sys/module/iscsi_target_mod/version"),
             pair.sh("target", "modinfo -F version iscsi_target_mod"),
             "version of the module that is loaded")
expect.equal(pair.sh("target", "systemctl is-enabled " + SERVICE), enabled,
             "whether the service is enabled")
expect.equal(pair.sh("target", "systemctl is-active " + SERVICE), "active\n", "the service")
expect.equal(upgrade.files("target", *FILES), files, "files after the reboot")
pair.must("target", "iscsi-srp-passwd", "-f", USERS, "--check", "bob", stdin="of bob\n")
expect.true(pair.logins() >= 1, "no SRP login since the target has booted")

# Same session and disk, with the file system still mounted
expect.equal(upgrade.session(), session, "session after the reboot")
pair.data("write", pair.MOUNTED + "/after", "after the upgrade", 8)
pair.unmount()
pair.data_disk()
writer.check()
pair.data("check", pair.MOUNTED + "/after", "after the upgrade", 8)
said = pair.log("initiator", start, "-k")
expect.true("I/O error" not in said, said)
pair.sh("initiator", "rm %s %s/after" % (upgrade.PATH, pair.MOUNTED))
pair.reject_wrong_password()
