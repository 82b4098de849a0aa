# SPDX-License-Identifier: GPL-2.0-or-later
# The target's module is loaded again, with the saved configuration, while the initiator
# writes and others log in: the session goes on, and no right password is called wrong
# log: failed with status 0[023]
# log: the helper
import expect
import pair
import upgrade
from background import Background

TIMES = 2
END = "/run/lio-srp-logins-end"
LOGINS = r"""
read -r password
rm -f %s
until test -e %s; do
    said=$(echo "$password" | iscsi-login --user %s --initiator %s 127.0.0.1 %s 2>&1) &&
        echo "logged in" || echo "$said"
done
""" % (END, END, pair.USER, pair.INITIATOR, pair.TARGET)
RELOAD = """
systemctl stop rtslib-fb-targetctl
rmdir /sys/kernel/config/target/iscsi
modprobe -r iscsi_target_mod
! test -e /sys/module/iscsi_target_mod
systemctl start rtslib-fb-targetctl
"""

pair.patient_data_disk()
configuration, session = pair.saved(), upgrade.session()
start = pair.since("initiator")
with upgrade.Writer() as writer:
    logins = Background(lambda: pair.sh("target", LOGINS, stdin=pair.PASSWORD + "\n"))
    try:
        for _ in range(TIMES):
            pair.sh("target", RELOAD)
            # The counters have begun again: of the initiator, and of one login beside it
            pair.wait_for(lambda: pair.logins() >= 2 and pair.logged_in(), "session", step=3)
            writer.busy()
    finally:
        # Also after a failure, or the writer waits for ever
        pair.sh("target", "touch %s; systemctl start rtslib-fb-targetctl" % END)
        said = logins.result(pair.TIMEOUT)
expect.equal(upgrade.session(), session, "session")
expect.equal(pair.saved(), configuration, "the configuration, saved again")
expect.true(said.count("logged in") > TIMES, "logins meanwhile: " + said)
expect.true("authentication failure" not in said, "a right password: " + said)
pair.unmount()
pair.data_disk()
writer.check()
said = pair.log("initiator", start, "-k")
expect.true("I/O error" not in said, said)
pair.sh("initiator", "rm " + upgrade.PATH)
pair.reject_wrong_password()
