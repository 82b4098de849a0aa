#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# An initiator that is to use TLS never logs in without it, whatever goes wrong
# timeout: 180
# versions: both
# log: failed with status 020[012]
# log: TLS
import contextlib
import os
import time

import capture
import expect
import lio
import openiscsi
import tls
from initiator import NAME
from lio import Target

TLS = {"node.conn[0].tls": "Yes"}
KEY = "node.conn[0].tls"
HELPER = "/usr/libexec/iscsi-tls"
FATAL, AUTH_FAILED, TIMEOUT, DAMAGED = 19, 24, 8, 6


@contextlib.contextmanager
def no_helper():
    os.rename(HELPER, HELPER + ".away")
    try:
        yield
    finally:
        os.rename(HELPER + ".away", HELPER)


@contextlib.contextmanager
def no_user():
    before = lio.read("/etc/passwd")
    openiscsi.put("/etc/passwd", "".join(
        line + "\n" for line in before.splitlines() if not line.startswith("iscsi-tls:")))
    try:
        yield
    finally:
        openiscsi.put("/etc/passwd", before + "\n")


@contextlib.contextmanager
def nothing():
    yield


def login(what, status, said, conf, how=nothing):
    """The login fails, iscsid says why, and nothing of it was on the wire."""
    with openiscsi.OpenIscsi(openiscsi.srp(), conf) as initiator, \
            capture.Capture() as packets, how():
        start = time.monotonic()
        table.row(what, initiator.try_login(), status)
        log = initiator.output + lio.read(initiator.log)
        table.row(what + ": said", said if said in log else log[-2000:], said)
        expect.within(time.monotonic() - start, 30, what)
    wire = packets.octets()
    table.row(what + ": plain", NAME.encode() in wire or b"SRP" in wire, False)


def cut():
    target.enable(False)
    target.enable()


certificate = tls.Certificate()
target = Target()
target.acl().auth.srp()
table = expect.Table()

with tls.Tlshd(certificate) as tlshd:
    # The portal has no TLS: it takes the handshake for iSCSI, and closes
    login("plain portal", TIMEOUT, "is TLS enabled on its portal?", TLS)
    target.np("tls", "require")
    target.np("tls_certificate", certificate.hash().hex())
    login("without the helper", FATAL, "cannot start " + HELPER, TLS, no_helper)
    login("without its user", FATAL, "user iscsi-tls does not exist", TLS, no_user)
    login("no value", AUTH_FAILED, "it must be Yes or No", {KEY: "Ja"})
    login("no way", AUTH_FAILED, "it must be srp, pin or ca",
          dict(TLS, **{KEY + "_verify": "none"}))
    login("pin without fingerprint", AUTH_FAILED, "tls_fingerprint is not set",
          dict(TLS, **{KEY + "_verify": "pin"}))
    login("CHAP, and nobody says whose certificate it is", AUTH_FAILED,
          "authmethod is not SRP", dict(TLS, **openiscsi.chap()))
    tlshd.stop()
    login("no tlshd", TIMEOUT, "TLS with target", TLS)
    tlshd.start()

    # A portal that requires it refuses a plain login
    with openiscsi.OpenIscsi(openiscsi.srp()) as initiator:
        table.row("plain, to a portal that requires TLS",
                  initiator.try_login() != 0, True)

    # What a session has used it keeps, whatever its record says later
    target.np("tls", "allow")
    with openiscsi.OpenIscsi(openiscsi.srp(), TLS) as initiator, \
            capture.Capture() as packets:
        initiator.login()
        disk = openiscsi.disk()
        openiscsi.exchange_data(disk, target.image)
        initiator.update(KEY, "No")
        cut()
        openiscsi.exchange_data(disk, target.image)
        table.row("warning", "its record has no TLS, but its last login had" in
                  lio.read(initiator.log), True)
        # Nor does an iscsid that starts again know better
        initiator.stop()
        initiator.start()
        lio.wait_for(lambda: "used TLS, but its record does not" in
                     lio.read(initiator.log), "iscsid's message", 10)
        openiscsi.exchange_data(disk, target.image)
        initiator.update(KEY, "Yes")
        cut()
        openiscsi.exchange_data(disk, target.image)
        initiator.logout()
        # iscsid answers first
        lio.wait_for(lambda: not os.listdir("/run/iscsi-tls"), "no state of a session", 10)
    table.row("plain", NAME.encode() in packets.octets(), False)
    table.row("captured", len(packets.octets()) > 1 << 20, True)

    # TLS in iscsid.conf is for new sessions
    with openiscsi.OpenIscsi(openiscsi.srp()) as initiator:
        initiator.login()
        initiator.conf.update(TLS)
        initiator.write_conf()
        openiscsi.forget()
        initiator.stop()
        initiator.start()
        lio.wait_for(lambda: "is operational after recovery" in
                     lio.read(initiator.log), "the session to be taken over", 20)
        openiscsi.exchange_data(openiscsi.disk(), target.image)
        initiator.must("-m", "session", "-u")
table.end()
