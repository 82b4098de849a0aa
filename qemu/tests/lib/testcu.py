#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Run libiscsi's iscsi-test-cu against this guest's target, each test by itself.

    testcu.py none|srp

none: the target needs no authentication; srp: it allows nothing but SRP.  Prints
"Linux RELEASE", and a line "SUITE.TEST RESULT" for each: passed, failed, skipped (by
the test itself, which says that the target lacks something), or hangs.
"""
import os
import re
import subprocess
import sys

import libiscsi
import lio
from initiator import NAME

SECONDS = 120                           # for one test


def names():
    """All tests but those of SRP, which has its own test."""
    _, output = libiscsi.run("iscsi-test-cu", "--list")
    found = re.findall(r"^ALL\.(\w+\.\w+)$", output, flags=re.M)
    return [name for name in found if not name.startswith("iSCSISRP.")]


def outcome(name, env):
    try:
        passed, output = libiscsi.cunit("ALL." + name, "--dataloss", env=env,
                                        seconds=SECONDS)
    except subprocess.TimeoutExpired:
        return "hangs"
    if not passed:
        print("%s: %s" % (name, output), file=sys.stderr)
        return "failed"
    return "skipped" if "[SKIPPED]" in output else "passed"


def main():
    srp = sys.argv[1] == "srp"
    target = lio.Target(methods="SRP" if srp else "None", authentication=int(srp),
                        megabytes=64)
    # For reservations that outlive the target, and for UNMAP
    os.makedirs(lio.read(lio.ROOT + "/dbroot") + "/pr", exist_ok=True)
    for name in "emulate_tpu", "emulate_tpws":
        lio.write("%s/attrib/%s" % (target.disk, name), "1")
    for name in NAME, libiscsi.SECOND_NAME:
        acl = target.acl(name)
        if srp:
            acl.auth.srp()
    env = libiscsi.srp() if srp else {}
    print("Linux", os.uname().release, flush=True)
    for name in names():
        print(name, outcome(name, env), flush=True)
        # Reservations end with their session
        lio.wait_for(lambda: not target.sessions(), "the end of " + name, 60)


if __name__ == "__main__":
    main()
