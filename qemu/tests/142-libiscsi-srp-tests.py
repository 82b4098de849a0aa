#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# The SRP tests of libiscsi's iscsi-test-cu pass
# log: failed with status 0[02]
# timeout: 120
import expect
import libiscsi
from initiator import NAME
from lio import Target

TESTS = ("Simple", "WrongCredentials", "InvalidA", "InvalidProof",
         "ReplayedProof", "Order", "Groups", "Encodings")

target = Target()
for name in NAME, libiscsi.SECOND_NAME:
    target.acl(name).auth.srp(groups=("SRP-1536", "SRP-2048", "MODP-8192"))
environment = libiscsi.srp()
table = expect.Table()
for test in TESTS:
    passed, output = libiscsi.cunit("iSCSI.iSCSISRP." + test, "-V", env=environment)
    table.row("%s: %s" % (test, output), [passed, "[SKIPPED]" in output],
              [True, False])
table.end()
