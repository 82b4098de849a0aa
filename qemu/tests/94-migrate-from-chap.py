#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# Migrate from CHAP to SRP only: the initiator can always log in, its session stays up
# versions: both
# timeout: 240
# log: failed with status 0[02]
import admin
import expect
import openiscsi
from admin import ACL, TPG, targetcli
from background import Background

CHAP = openiscsi.chap(password="of_chap_1234")
SRP = openiscsi.srp()
rows = expect.Table()


def logs_in(conf):
    with openiscsi.OpenIscsi(conf) as initiator:
        return initiator.try_login() == 0


def step(what, chap, srp):
    rows.row(what + ": CHAP", logs_in(CHAP), chap)
    rows.row(what + ": SRP", logs_in(SRP), srp)


admin.create()
targetcli(ACL, "set", "auth", "userid=alice", "password=of_chap_1234")
targetcli(TPG, "set", "parameter", "AuthMethod=CHAP")
targetcli(TPG, "set", "attribute", "authentication=1")
step("CHAP only", True, False)
admin.password()
step("an SRP user, not offered", True, False)
targetcli(TPG, "set", "parameter", "AuthMethod=SRP,CHAP")
step("both", True, True)
targetcli(TPG, "set", "parameter", "AuthMethod=SRP")
step("SRP only", False, True)
targetcli(ACL, "set", "auth", "userid=", "password=")
step("no CHAP user any more", False, True)
rows.end()

# The same with a session that does I/O without interruption
targetcli(ACL, "set", "auth", "userid=alice", "password=of_chap_1234")
targetcli(TPG, "set", "parameter", "AuthMethod=CHAP")
targetcli(ACL, "srp_clear")
with openiscsi.OpenIscsi(CHAP) as initiator:
    initiator.login()
    disk = openiscsi.disk()
    session = openiscsi.sessions()
    done = []

    def work():
        rounds = 0
        while not done:
            openiscsi.exchange_data(disk, admin.IMAGE)
            rounds += 1
        return rounds

    busy = Background(work)
    admin.password()
    targetcli(TPG, "set", "parameter", "AuthMethod=SRP,CHAP")
    for name, value in (("authmethod", "SRP"), ("srp_username", "alice"),
                        ("srp_password", "password123")):
        initiator.update("node.session.auth." + name, value)
    targetcli(TPG, "set", "parameter", "AuthMethod=SRP")
    targetcli(ACL, "set", "auth", "userid=", "password=")
    done.append(True)
    expect.true(busy.result() > 0, "no data was exchanged")
    expect.equal(openiscsi.sessions(), session, "sessions")
    # the record has the new method: a new login uses it
    initiator.logout()
    expect.equal(initiator.try_login(add=False), 0,
                 "login by the changed record: " + initiator.output)
    openiscsi.exchange_data(openiscsi.disk(), admin.IMAGE)
admin.forget()
