# SPDX-License-Identifier: GPL-2.0-or-later
# The target reboots: its portal requires TLS as before, and the session continues
# log: failed with status 0[02]
import expect
import pair
from wire import Wire

with pair.tls(), Wire() as wire:
    pair.patient_data_disk()
    pair.write_before("the boot")
    configuration = pair.saved()
    pair.host("reboot", "target")
    pair.wait_for(pair.logged_in, "session", step=3)
    expect.equal(pair.encrypted(), [pair.TLS], "how the session is encrypted")
    pair.same_file_system("the boot")
    expect.equal(pair.saved(), configuration, "the configuration, saved again")
wire.check_tls(16 << 20, pair.TARGET.encode(), pair.USER.encode())
pair.saved()
