#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# While all that they use is changed, right logins are not told they are wrong, and none hangs
# timeout: 180
# log: failed with status 0[0-3]
# log: login of .* with user table entry
# log: the helper
import races

raise SystemExit(not races.races(20240118, number=1000))       # many more: qemu/races
