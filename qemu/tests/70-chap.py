#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# CHAP works as before with the real initiator: one-way, mutual, wrong secrets
# log: failed with status 0[02]
import expect
import openiscsi
from lio import Target

SECRET, MUTUAL = "secret of alice", ("target", "secret of the target")

target = Target(methods="CHAP")
acl = target.acl()
acl.auth.chap(password=SECRET)

with openiscsi.OpenIscsi(openiscsi.chap(password=SECRET)) as initiator:
    initiator.login()
    openiscsi.exchange_data(openiscsi.disk(), target.image)
with openiscsi.OpenIscsi(openiscsi.chap(password="wrong secret")) as initiator:
    expect.true(initiator.try_login() != 0, "login with a wrong secret")

acl.auth.chap(password=SECRET, mutual=MUTUAL)
with openiscsi.OpenIscsi(openiscsi.chap(password=SECRET,
                                        mutual=MUTUAL)) as initiator:
    initiator.login()
    openiscsi.exchange_data(openiscsi.disk(), target.image)
with openiscsi.OpenIscsi(openiscsi.chap(
        password=SECRET, mutual=("target", "something else"))) as initiator:
    expect.true(initiator.try_login() != 0,
                "login with a wrong secret of the target's")
