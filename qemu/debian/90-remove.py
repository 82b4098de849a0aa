# SPDX-License-Identifier: GPL-2.0-or-later
# Removing the packages as in Documentation/install.md leaves Debian's own module
import expect
import pair

pair.ready()
pair.unmount()

# Removal is refused while a target is running
status, output = pair.run("target", "apt-get", "purge", "-y", "iscsi-target-srp-dkms")
expect.equal(status, 100, "apt-get's status: " + output)
# dpkg writes to a pseudo-terminal of apt
expect.true("its module serves iSCSI targets, such as\n  " + pair.TARGET in
            output.replace("\r", ""), "removal while a target runs: " + output)
expect.true("installed" in pair.sh("target", "dkms status iscsi-target-srp"),
            "what a refused removal leaves is not built")
expect.true(pair.logged_in(), "the session ended")
pair.disk()

pair.documented("initiator", "initiator remove")
expect.equal(pair.sessions(), "", "sessions")
pair.must("initiator", "apt-get", "purge", "-y", "iscsi-tcp-srp-dkms")
expect.true("/kernel/drivers/scsi/" in pair.sh("initiator", "modinfo -n iscsi_tcp"),
            "the initiator's modinfo shows another module than the kernel's")
pair.documented("target", "target remove")
expect.true("/kernel/drivers/target/iscsi/" in
            pair.sh("target", "modinfo -n iscsi_target_mod"),
            "modinfo shows another module than the kernel's")
expect.equal(pair.sh("target", "ls -d /usr/src/iscsi-target-srp* "
                     "/var/lib/dkms/iscsi-target-srp /lib/modules/*/updates/dkms/* "
                     "/etc/request-key.d/iscsi_srp.conf /usr/sbin/iscsi-srpd "
                     "2>/dev/null || true"), "", "files left by the packages")
pair.sh("target", "modprobe -r iscsi_target_mod || true; modprobe iscsi_target_mod")
expect.true("srp" not in pair.run("target", "cat",
                                  "/sys/module/iscsi_target_mod/version")[1],
            "the module in use")
