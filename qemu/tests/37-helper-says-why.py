#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# A helper that cannot start logs the reason, in one line, and the target backs off
# log: failed with status 0[023]
# log: the helper
import re
import time

import devlog
import expect
import helper
from background import timed_login
from lio import Target, wait_for

PASSWD = "/etc/passwd"

target = Target()
target.acl().auth.srp()
table = expect.Table()
with open(PASSWD, encoding="utf-8") as f:
    before = f.read()


def cannot_start(lines, what, passwd, why):
    """Run two logins with another user database; check what is logged."""
    with open(PASSWD, "w", encoding="utf-8") as out:
        out.write(passwd)
    helper.reset()
    lines.clear()
    start = time.monotonic()
    for _ in range(2):
        ended, seconds = timed_login()
        table.row(what, ended, "0301")
        table.row(what + ": in time", seconds < 3 * expect.PATIENCE, True)
    table.row(what + ": a negative key",
              any(key[2] == "iscsi_srp" and "N" in key[1]
                  for key in helper.keys()), True)
    try:                                # another process logs it
        wait_for(lambda: lines, "a line in the log", 2)
    except AssertionError:
        pass                            # the table shows it
    # The second login started nothing if it came during the back-off
    if time.monotonic() - start < 4:
        table.row(what + ": lines", len(lines), 1)
    table.row(what + ": reason", [line for line in lines if why not in line],
              [])
    table.row(what + ": reason is there", bool(lines), True)


try:
    with devlog.Lines("iscsi-srpd") as said:
        cannot_start(said, "no user", re.sub("(?m)^iscsi-srpd:.*\n", "", before),
                     "user iscsi-srpd does not exist; create it with")
        cannot_start(said, "user is root", re.sub(
            "(?m)^iscsi-srpd:x:[0-9]+:[0-9]+:", "iscsi-srpd:x:0:0:", before),
            "user iscsi-srpd has UID 0 and GID 0, and neither may be 0")
finally:
    with open(PASSWD, "w", encoding="utf-8") as f:
        f.write(before)
    helper.reset()
table.row("afterwards", timed_login()[0], "0000")
table.end()
