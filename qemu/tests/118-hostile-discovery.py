#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# A fake target cannot make iscsiadm write elsewhere, nor control the terminal
# versions: both
import os
import re

import expect
import openiscsi
import target as peer

PORTAL = "127.0.0.1:3261"
GOOD = peer.Target.name
ADDRESS = ("TargetAddress", PORTAL + ",1")
ROOTS = "/etc/iscsi", "/var/lib/iscsi"
LONGEST = "iqn." + 219 * "a"             # 223 bytes: RFC 7143
LONG = "iqn." + 251 * "a"


class Answers(peer.Target):
    """Answers to SendTargets as a test says."""

    answer = ()

    def targets(self):
        return self.answer


def records():
    """Files of the records of nodes, and where there should be none."""
    return {os.path.relpath(os.path.join(where, name), root)
            for root in ROOTS for where, _, names in os.walk(root) for name in names
            if "send_targets" not in where}


table = expect.Table()


def answered(what, keys, names):
    """What iscsiadm prints; it must find and record exactly these targets."""
    openiscsi.forget()
    before = records()
    with Answers() as hostile:
        hostile.answer = keys
        status, _ = initiator.discover(PORTAL)
    found = [line.split()[1] for line in initiator.output.splitlines()
             if line.startswith(PORTAL)]
    table.row(what + ": found", (status == 0, found), (bool(names), names))
    table.row(what + ": records",
              {re.sub("nodes/([^/]*)/.*", r"\1", path) for path in records() - before},
              set(names))
    table.row(what + ": printable",
              [c for c in initiator.output if c != "\n" and not " " <= c <= "~"], [])
    return initiator.output


with openiscsi.OpenIscsi(openiscsi.for_discovery(openiscsi.srp())) as initiator:
    answered("an honest one", [("TargetName", GOOD), ADDRESS], [GOOD])
    answered("none", [], [])
    for name in ("", ".", "..", "../elsewhere", "a/../../b", "/etc/iscsi/x",
                 "\x1b[2J", "iqn.a b", "iqn.\x9b", LONG):
        answered("name %.20r" % name, [("TargetName", name), ADDRESS], [])
    answered("the longest", [("TargetName", LONGEST), ADDRESS], [LONGEST])
    said = answered("unknown key", [("TargetName", GOOD), ADDRESS,
                                    ("\x1b]0;owned\x07", "\x9b\x7f\r")], [GOOD])
    expect.true("unexpected SendTargets data: ?]0;owned?=" in said, said)
    said = answered("address", [("TargetName", GOOD),
                                ("TargetAddress", "\x1b[31mno:3260,1")], [])
    expect.true("cannot resolve ?[31mno" in said, said)
table.end()
