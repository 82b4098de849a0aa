#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# Both ends enforce their minimum group, and the target's group order is used
# log: failed with status 0[02]
# log: ^iSCSI SRP: srp_min_group
import expect
import openiscsi
import srp
from initiator import Initiator
from lio import Parameter, Target

target = Target()
acl = target.acl()
acl.auth.srp(groups=srp.GROUPS)
ORDER = list(reversed(list(srp.GROUPS)))


def offer():
    with Initiator() as i:
        i.start("SRP")
        return i.user()


table = expect.Table()
table.row("default", offer(), ORDER[:ORDER.index("SRP-1536") + 1])
for group in srp.GROUPS:
    with Parameter("srp_min_group", group):
        table.row("srp_min_group=" + group, offer(),
                  ORDER[:ORDER.index(group) + 1])
for value in "SRP-1535", "\n", "srp-1536", "1536":
    try:
        with Parameter("srp_min_group", value):
            table.row("srp_min_group=%r" % value, "accepted", "refused")
    except OSError:
        pass
table.end()

with Parameter("srp_min_group", "SRP-768"):
    for group in srp.GROUPS:
        if group not in ("SRP-768", "SRP-1024"):
            acl.auth.set("srp_verifier_" + group, "NULL")
    expect.equal(offer(), ["SRP-1024", "SRP-768"], "offer of small groups")
    with openiscsi.OpenIscsi(openiscsi.srp()) as initiator:
        expect.true(initiator.try_login() != 0,
                    "the initiator took a group below its minimum")
