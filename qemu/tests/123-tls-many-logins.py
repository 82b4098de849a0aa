#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# A slow handshake delays its own login only; many at once all succeed
# timeout: 180
# versions: both
# log: TLS
# log: failed with status 0000
import contextlib
import signal

import expect
import lio
import openiscsi
import tls
from background import Background
from helper import processes
from lio import Target

TLS = {"node.conn[0].tls": "Yes"}
PATIENT = {"node.conn[0].timeo.login_timeout": "15",
           "node.session.initial_login_retry_max": "8"}
MANY = 8
PORTALS = ["127.0.0.1:%d" % port for port in range(3270, 3270 + MANY)]

certificate = tls.Certificate()
target = Target()
target.acl().auth.srp()
target.attrib("login_timeout", 30)
for portal in PORTALS:
    target.add_portal(portal)
    target.np("tls", "require", portal)
    target.np("tls_certificate", certificate.hash().hex(), portal)
table = expect.Table()

with tls.Tlshd(certificate) as tlshd, \
        openiscsi.OpenIscsi(openiscsi.srp(), TLS) as initiator:
    for portal in PORTALS:
        initiator.add(portal=portal)
    initiator.add()
    initiator.update("node.conn[0].tls", "No")

    # tlshd does not answer: another session logs in meanwhile
    def slow_login(seconds):
        initiator.update("node.conn[0].timeo.login_timeout", seconds, portal=PORTALS[0])
        tlshd.signal(signal.SIGSTOP)
        login = Background(lambda: initiator.node("-l", portal=PORTALS[0]))
        lio.wait_for(lambda: processes("iscsi-tls"), "a handshake", 5)
        return login
    slow = slow_login("60")
    handshake = processes("iscsi-tls")
    initiator.login(add=False)
    table.row("login beside a slow handshake", processes("iscsi-tls"), handshake)
    initiator.logout()
    table.row("logout beside it", processes("iscsi-tls"), handshake)
    tlshd.signal(signal.SIGCONT)
    table.row("the slow one", slow.result()[0], 0)
    table.row("its end", initiator.node("-u", portal=PORTALS[0])[0], 0)
    # It does not last longer than a login may
    slow = slow_login("5")
    table.row("too slow", slow.result()[0] != 0, True)
    table.row("handshakes left", processes("iscsi-tls"), [])
    tlshd.signal(signal.SIGCONT)
    # Killed in the middle of one
    slow = slow_login("5")
    tlshd.stop()
    table.row("tlshd killed", slow.result()[0] != 0, True)
    tlshd.start()
    table.row("afterwards", initiator.node("-l", portal=PORTALS[0])[0], 0)
    table.row("its end", initiator.node("-u", portal=PORTALS[0])[0], 0)

    # iscsid has all handshakes at the same time
    for portal in PORTALS:
        for item in PATIENT.items():
            initiator.update(*item, portal=portal)
    every = [Background(lambda p=portal: initiator.node("-l", portal=p))
             for portal in PORTALS]
    table.row("many at once", [login.result(130)[0] for login in every], [0] * MANY)
    table.row("sessions", len(openiscsi.sessions()), MANY)
    shown = initiator.must("-m", "session", "-P", "1")
    table.row("encrypted", shown.count("TLS: TLS1.3, "), MANY)
    table.row("handshakes left", processes("iscsi-tls"), [])
    # All are cut, and come back
    target.enable(False)
    target.enable()
    with contextlib.suppress(AssertionError):
        lio.wait_for(lambda: target.sessions() == MANY, "sessions", 60, step=0.2)
    table.row("sessions after a cut", target.sessions(), MANY)
    initiator.must("-m", "node", "-u")
    lio.wait_for(lambda: not openiscsi.sessions(), "the end of all sessions")
table.end()
