#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# The real initiator inside TLS, with nothing but the password: all of it encrypted
# timeout: 180
# versions: both
# log: TLS
import re

import capture
import expect
import lio
import openiscsi
import tls
import tlsrelay
from initiator import NAME, TARGET
from lio import Discovery, Target

TLS = {"node.conn[0].tls": "Yes"}
DISCOVERY = {"discovery.sendtargets.tls": "Yes"}
NOPS = {"node.conn[0].timeo.noop_out_interval": "1",
        "node.conn[0].timeo.noop_out_timeout": "2"}
KEY = "node.conn[0].tls_fingerprint"
RECOVERED = "is operational after recovery"


def shown(level="1"):
    """How iscsiadm says that the session is encrypted."""
    found = re.findall(r"TLS: (.*)", initiator.must("-m", "session", "-P", level))
    return found[0] if len(found) == 1 else found


def recorded(where=("-m", "node", "-T", TARGET, "-p", "127.0.0.1:3260"), key=KEY):
    """A value in a record."""
    found, = re.findall("^%s = (.*)$" % re.escape(key), initiator.must(*where), re.M)
    return found


def cut():
    """Close every connection."""
    target.enable(False)
    target.enable()


certificate = tls.Certificate()
fingerprint = certificate.hash().hex()
target = Target(methods="SRP,CHAP")
target.np("tls", "require")
target.np("tls_certificate", fingerprint)
acl, discovery = target.acl(), Discovery()
for auth in acl.auth, discovery:
    auth.srp()
    auth.policy(tls_bind=True)

table = expect.Table()
with tls.Tlshd(certificate):
    settings = openiscsi.srp(), openiscsi.for_discovery(openiscsi.srp())
    with openiscsi.OpenIscsi(*settings, TLS, DISCOVERY, NOPS) as initiator, \
            capture.Capture() as packets:
        # Discovery learns the certificate, too
        table.row("discovery", initiator.discover(), (0, [TARGET]))
        table.row("fingerprint of discovery", recorded(
            ("-m", "discoverydb", "-t", "sendtargets", "-p", "127.0.0.1:3260"),
            "discovery.sendtargets.tls_fingerprint"), fingerprint)
        table.row("and again", initiator.discover(), (0, [TARGET]))

        table.row("fingerprint before the first login", recorded(), "<empty>")
        initiator.login(add=False)
        table.row("shown", shown(),
                  "TLS1.3, AES-256-GCM, certificate confirmed by SRP")
        lio.wait_for(lambda: recorded() == fingerprint, "the fingerprint", 5)
        disk = openiscsi.disk()
        openiscsi.exchange_data(disk, target.image)

        # A cut connection comes back, and so does that of an iscsid that starts again
        cut()
        openiscsi.exchange_data(disk, target.image)
        table.row("shown after a cut", shown(),
                  "TLS1.3, AES-256-GCM, certificate confirmed by SRP")
        initiator.stop()
        initiator.start()
        # The second since the login
        lio.wait_for(lambda: lio.read(initiator.log).count(RECOVERED) == 2,
                     "the session to be taken over", 20)
        openiscsi.exchange_data(disk, target.image)
        # Rediscovery keeps the settings
        table.row("rediscovery", initiator.discover(), (0, [TARGET]))
        table.row("fingerprint after it", recorded(), fingerprint)
        initiator.logout()
        log = lio.read(initiator.log)
    # Nothing is plain, and what the helper knows stays there
    wire = packets.octets()
    table.row("captured", len(wire) > 1 << 20, True)
    table.row("no record of TLS", packets.plain(), [])
    table.row("connections", len(packets.streams()) >= 8, True)
    for what in NAME, TARGET, "alice", "SRP_U", "AuthMethod", "SessionType":
        table.row("plain on the wire: " + what, what.encode() in wire, False)
    table.row("password in the log", "password123" in log, False)

    # SRP that does not ask the target to prove itself: the certificate does
    with openiscsi.OpenIscsi(openiscsi.srp(target_auth="No"), TLS) as initiator:
        initiator.login()
        openiscsi.exchange_data(openiscsi.disk(), target.image)

    # The certificate is known from elsewhere: with CHAP, too
    acl.auth.policy(tls_bind=False)
    acl.auth.chap()
    named = tlsrelay.certificate_for("127.0.0.1")
    pin = dict(TLS, **{"node.conn[0].tls_verify": "pin"})
    ca = dict(TLS, **{"node.conn[0].tls_verify": "ca"})
    for what, verify, status, output in (
            ("right pin", dict(pin, **{KEY: fingerprint}), 0,
             "TLS1.3, AES-256-GCM, certificate pinned"),
            ("wrong pin", dict(pin, **{KEY: named.hash().hex()}), 24, None),
            ("another CA", dict(ca, **{"node.conn[0].tls_ca": named.path}), 24, None),
            ("no file of a CA", dict(ca, **{"node.conn[0].tls_ca": "/none"}), 19,
             None)):
        with openiscsi.OpenIscsi(openiscsi.chap(), verify) as initiator:
            table.row(what, initiator.try_login(), status)
            if output:
                table.row("shown, " + what, shown(), output)

# The CA is the certificate itself
with tls.Tlshd(named):
    for what, path, status in (("right CA", named.path, 0),
                               ("another CA", certificate.path, 24)):
        ca["node.conn[0].tls_ca"] = path
        with openiscsi.OpenIscsi(openiscsi.chap(), ca) as initiator:
            table.row("named, " + what, initiator.try_login(), status)
            if not status:
                table.row("shown, " + what, shown(),
                          "TLS1.3, AES-256-GCM, certificate signed by CA")
table.end()
