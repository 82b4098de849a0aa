# SPDX-License-Identifier: GPL-2.0-or-later
# The initiator is upgraded from Debian 12 to 13 as documented, while it writes to the disk
# machines: -u
# log: failed with status 0[02]
import expect
import pair
import upgrade

SERVICES = "iscsid.socket open-iscsi.service"
FILES = ("/etc/iscsi/initiatorname.iscsi", "/var/lib/iscsi")

pair.data_disk()
expect.true(pair.PASSWORD in pair.sh("initiator", "grep -r srp_password /var/lib/iscsi"),
            "no password in the records")
start, session = pair.since("initiator"), upgrade.session()
enabled = pair.sh("initiator", "systemctl is-enabled " + SERVICES)
files = upgrade.files("initiator", *FILES)
with upgrade.Writer() as writer:
    upgrade.upgrade("initiator", "lio-srp-initiator", "open-iscsi", "libopeniscsiusr")
    pair.wait_for(pair.logged_in, "session after the upgrade")
    writer.busy()
expect.equal(upgrade.session(), session, "session after the upgrade")
expect.equal(upgrade.files("initiator", *FILES), files, "records after the upgrade")
said = pair.log("initiator", start, "-k")
expect.true("I/O error" not in said, said)
pair.unmount()

before = pair.logins()
upgrade.reboot("initiator")
expect.true(pair.logins() > before, "the target counted no SRP login")
expect.equal(pair.sh("initiator", "systemctl is-enabled " + SERVICES), enabled,
             "services that are enabled")
expect.equal(pair.sh("initiator", "systemctl is-active " + SERVICES), "active\nactive\n",
             "services that are active")
expect.equal(upgrade.files("initiator", *FILES), files, "records after the reboot")
pair.data_disk()
writer.check()
pair.sh("initiator", "rm " + upgrade.PATH)
pair.reject_wrong_password()
