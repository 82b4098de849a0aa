# SPDX-License-Identifier: GPL-2.0-or-later
# The initiator reboots and logs in automatically
# log: failed with status 0[02]
import expect
import pair

pair.data_disk()
pair.data("write", pair.MOUNTED + "/file", "initiator", 8)
pair.unmount()
before = pair.logins()
pair.host("reboot", "initiator")
pair.wait_for(pair.logged_in, "session", step=3)
expect.true("group: MODP-3072" in pair.sessions(), pair.sessions())
expect.true(pair.logins() > before, "the target counted no SRP login")
pair.data_disk()
pair.data("check", pair.MOUNTED + "/file", "initiator", 8)
pair.sh("initiator", "rm %s/file" % pair.MOUNTED)
