# SPDX-License-Identifier: GPL-2.0-or-later
# The target reboots: its portal requires TLS as before, and the session continues
# log: failed with status 0[02]
import expect
import pair
from wire import Wire

with pair.tls(), Wire() as wire:
    pair.patient_data_disk()
    pair.data("write", pair.MOUNTED + "/before", "before the boot", 8)
    configuration = pair.saved()
    pair.host("reboot", "target")
    pair.wait_for(pair.logged_in, "session", step=3)
    expect.equal(pair.encrypted(), [pair.TLS], "how the session is encrypted")
    # Same session and disk, with the file system still mounted
    pair.data("check", pair.MOUNTED + "/before", "before the boot", 8)
    pair.data("write", pair.MOUNTED + "/after", "after the boot", 8)
    pair.unmount()
    pair.data_disk()
    pair.data("check", pair.MOUNTED + "/after", "after the boot", 8)
    pair.sh("initiator", "rm %s/before %s/after" % (pair.MOUNTED, pair.MOUNTED))
    expect.equal(pair.saved(), configuration, "the configuration, saved again")
wire.check_tls(16 << 20, pair.TARGET.encode(), pair.USER.encode())
pair.saved()
