#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# Nobody gets in, nothing hangs and nothing is left after mutated logins and sessions
# timeout: 180
# log: failed with status 0[0-3]
# log: too many logins under way
import fuzzer

EXCHANGES = 1500                        # many more: qemu/fuzz
SEED = 20240117

raise SystemExit(bool(fuzzer.fuzz(SEED, range(EXCHANGES)).findings))
