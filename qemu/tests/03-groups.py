#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# The real initiator logs in with each of the nine groups, including the small ones
import expect
import openiscsi
import srp
import tracing
from lio import Parameter, Target

target = Target()
acl = target.acl()
acl.auth.srp(groups=srp.GROUPS)
table = expect.Table()

with Parameter("srp_min_group", "SRP-768"):
    with openiscsi.OpenIscsi(openiscsi.srp(groups="SRP-1536")) as initiator:
        initiator.add()
        for group in srp.GROUPS:
            initiator.update("node.session.auth.srp_groups", group)
            with tracing.Trace() as events:
                status, output = initiator.node("-l")
            table.row(group, (status, status and output), (0, 0))
            if status == 0:
                table.row(group + " in the trace",
                          [event.field["group"]
                           for event in events.of("login")],
                          [str(list(srp.GROUPS).index(group) + 1)])
                initiator.logout()
table.end()
