#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# 300 initiators write, read, leave and log in again for a minute; every counter balances
# kernel: last
# timeout: 300
# log: failed with status 0201
# log: login of .* with user table entry
import soak

soak.soak(300, 60)                      # 1000 of them for an hour: make soak
