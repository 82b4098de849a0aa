#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# A one-way SRP login of the real initiator requests no proof and gets none
# versions: both
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

expect.equal([event.field["mutual"] for event in events.of("login")], ["0"],
             "logins traced, and whether they were mutual")
