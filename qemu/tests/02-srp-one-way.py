#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# A one-way SRP login by the real initiator asks for no proof and gets none
import expect
import openiscsi
import tracing
from lio import Target

target = Target()
target.acl().auth.srp()

with openiscsi.OpenIscsi(openiscsi.srp(target_auth="No")) as initiator:
    with tracing.Trace() as events:
        initiator.login()
    openiscsi.exchange_data(openiscsi.disk(), target.image)

logins = events.of("login")
expect.equal(len(logins), 1, "logins traced")
expect.true("mutual" not in logins[0].text or "mutual=0" in logins[0].text or
            "mutual=no" in logins[0].text.lower(),
            "a one-way login is traced as such: " + logins[0].text)
