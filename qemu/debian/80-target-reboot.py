# SPDX-License-Identifier: GPL-2.0-or-later
# The target reboots, into the newest kernel of Debian's backports where there is one:
# Debian's service restores it, and the session continues, by SRP, and with TLS where it has
# TLS
# log: failed with status 0[02]
import contextlib

import expect
import pair
from wire import Wire

kernels = pair.sh("target", "ls /lib/modules").split()
newer = [kernel for kernel in kernels if kernel[0] in "789"]
with contextlib.ExitStack() as stack:
    wire = None
    if pair.run("target", "sh", "-c", "command -v tlshd")[0] == 0:
        stack.enter_context(pair.tls())
        wire = stack.enter_context(Wire())
    pair.patient_data_disk()
    pair.write_before("the boot")
    configuration = pair.saved()
    start = pair.since("initiator")
    before = pair.sh("target", "uname -r").strip()
    pair.host("reboot", "target", *["backports"] * bool(newer))
    release = pair.sh("target", "uname -r").strip()
    expect.one_of(release, newer or [before], "the kernel")
    expect.true(release in pair.sh("target", "dkms status iscsi-target-srp"), "dkms status")
    expect.true("/updates/dkms/" in pair.sh("target", "modinfo -n iscsi_target_mod"),
                "modinfo shows another module")
    expect.equal(pair.sh("target", "systemctl is-active rtslib-fb-targetctl"),
                 "active\n", "the service that restores the target")
    pair.wait_for(pair.logged_in, "session", step=3)
    expect.true(pair.logins() >= 1, "no SRP login since the target has booted")
    pair.logged("initiator", start, r"authenticated by SRP \(MODP-3072")
    if wire:
        expect.equal(pair.encrypted(), [pair.TLS], "how the session is encrypted")
    pair.same_file_system("the boot")
    again = pair.saved()
    for old, new in zip(configuration["storage_objects"], again["storage_objects"]):
        # A newer kernel has more of them
        new["attributes"] = {name: value for name, value in new["attributes"].items()
                             if name in old["attributes"]}
    expect.equal(again, configuration, "the configuration, saved again")
if wire:
    wire.check_tls(32 << 20, pair.TARGET.encode(), pair.USER.encode())
    pair.saved()
# The target's disk does not contain the password
expect.equal(pair.run("target", "grep", "-rls", pair.PASSWORD, "/etc", "/var/log",
                      "/root/.targetcli")[1], "", "files with the password")
