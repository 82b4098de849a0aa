# SPDX-License-Identifier: GPL-2.0-or-later
# TLS with the password alone: all that is sent after the TCP handshake is encrypted
# log: TLS refused|failed with status 0[02]
import hashlib

import expect
import pair
from wire import Wire

pair.ready()
if pair.run("target", "sh", "-c", "command -v tlshd")[0]:
    # Debian 12
    status, output = pair.run("target", "targetcli", pair.BOTH_PORTALS, "enable_tls")
    expect.true(status and "tlshd, which begins TLS connections, is not installed" in output,
                "enable_tls without tlshd: status %d: %s" % (status, output))
    expect.true(pair.logged_in(), "the session ended")
    pair.disk()
    expect.skip("Debian 12 has no tlshd")

with pair.tls():
    with Wire() as wire:
        pair.login()
        expect.equal(pair.encrypted(), [pair.TLS], "how the session is encrypted")
        pair.data_disk()
        pair.data("write", pair.MOUNTED + "/file", "encrypted", 8)
        pair.unmount()
        pair.logout()
        pair.login()
        pair.data_disk()
        pair.data("check", pair.MOUNTED + "/file", "encrypted", 8)
        pair.sh("initiator", "rm %s/file" % pair.MOUNTED)
        pair.unmount()
        pair.logout()
    connections = wire.check_tls(
        16 << 20, pair.INITIATOR.encode(), pair.TARGET.encode(), pair.USER.encode(),
        b"SRP_U", b"SessionType", hashlib.sha256(b"encrypted 0").digest())
    expect.equal(connections, 2, "connections on the wire")

    # Neither end falls back
    moment = pair.since("target")
    pair.set_node("node.conn[0].tls", "No")
    pair.set_node("node.session.initial_login_retry_max", "1")
    status, output = pair.node("--login")
    expect.true(status, "login without TLS: " + output)
    pair.logged("target", moment, "TLS", "-k")
