# SPDX-License-Identifier: GPL-2.0-or-later
# Following Documentation/install.md literally leads to an SRP login
import expect
import pair

said = pair.documented("target")
expect.true("SRP MODP-3072, mutual, SRP only" in said, said)
said += pair.documented("initiator")
pair.sh("target", "touch /root/documented")

shown = pair.sessions()
for line in ("username: alice", "group: MODP-3072", "target proved itself: Yes",
             "iSCSI Session State: LOGGED_IN"):
    expect.true(line in shown, "no '%s' in: %s" % (line, shown))
expect.equal(pair.logins(), 1, "SRP logins that the target counted")
pair.disk()

# The loaded module is the one that DKMS built
release = pair.sh("target", "uname -r").strip()
expect.true("%s, x86_64: installed" % release in
            pair.sh("target", "dkms status iscsi-target-srp"), "dkms status")
expect.true("/updates/dkms/" in pair.sh("target", "modinfo -n iscsi_target_mod"),
            "modinfo shows another module")
expect.equal(pair.sh("target", "cat /sys/module/iscsi_target_mod/version"),
             pair.sh("target", "modinfo -F version iscsi_target_mod"),
             "version of the module that is loaded")
