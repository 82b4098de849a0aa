# SPDX-License-Identifier: GPL-2.0-or-later
# Two portals, both with SRP: writing continues while one link is down
# log: failed with status 0[02]
import recovery

recovery.multipath()
