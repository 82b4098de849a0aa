#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# The real initiator keeps separate passwords and groups for two targets
# versions: both
import expect
import openiscsi
import tracing
from lio import Target

TARGETS = {
    "iqn.2024-01.org.example:first": ("127.0.0.1:3260", "of the first",
                                      "MODP-3072", "6"),
    "iqn.2024-01.org.example:second": ("127.0.0.1:3270", "of the second",
                                       "SRP-2048", "5"),
}
for name, (portal, password, _, _) in TARGETS.items():
    Target(name, portal).acl().auth.srp(
        password=password, groups=("SRP-1536", "SRP-2048", "MODP-3072"))

with openiscsi.OpenIscsi(openiscsi.srp(), {
        "node.session.nr_sessions": "2"}) as initiator:
    for name, (portal, password, group, _) in TARGETS.items():
        where = {"target": name, "portal": portal}
        initiator.add(**where)
        initiator.update("node.session.auth.srp_password", password, **where)
        initiator.update("node.session.auth.srp_groups", group, **where)
    with tracing.Trace() as events:
        initiator.must("-m", "node", "-l")
    expect.equal(len(openiscsi.sessions()), 4, "sessions")
    expect.equal(sorted(event.field["group"] for event in events.of("login")),
                 ["5", "5", "6", "6"], "groups of the logins")
    initiator.must("-m", "node", "-u")
