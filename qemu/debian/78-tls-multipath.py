# SPDX-License-Identifier: GPL-2.0-or-later
# Two portals with TLS: writing continues while one link is down
# log: failed with status 0[02]
import pair
import recovery

with pair.tls():
    pair.login()
    recovery.multipath(**{"node.conn[0].tls": "Yes"})
