# SPDX-License-Identifier: GPL-2.0-or-later
# With TLS, the link is down for 30 s while data is written: no data is lost
# log: failed with status 0[02]
import pair
import recovery

with pair.tls():
    pair.login()
    recovery.link_cut()
