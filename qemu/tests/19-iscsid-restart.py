#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# After a restart of iscsid, a dropped connection logs in again with SRP
import expect
import openiscsi
import tracing
from lio import Target

target = Target()
target.acl().auth.srp()

with openiscsi.OpenIscsi(openiscsi.srp(), {
        "node.conn[0].timeo.noop_out_interval": "1",
        "node.conn[0].timeo.noop_out_timeout": "2"}) as initiator:
    initiator.login()
    disk = openiscsi.disk()
    openiscsi.exchange_data(disk, target.image)
    initiator.stop()
    initiator.start()
    openiscsi.wait_logged_in()
    with tracing.Trace() as events:
        target.enable(False)            # closes every connection
        target.enable()
        openiscsi.exchange_data(disk, target.image)
    expect.true(len(events.of("login")) >= 1,
                "no login by SRP after the connection was cut: " + events.raw)
