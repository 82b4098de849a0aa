# SPDX-License-Identifier: GPL-2.0-or-later
# The link is down for 30 s while data is written: SRP logs in again, no data is lost
# log: failed with status 0[02]
import recovery

recovery.link_cut()
