#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# An impostor with another certificate: SRP ends the first login, none begins later
# timeout: 180
# versions: both
# log: TLS
# log: failed with status 0[02]0[012]
import re

import expect
import lio
import openiscsi
import tls
import tlsrelay
import tracing
from initiator import TARGET
from lio import Target

TLS = {"node.conn[0].tls": "Yes"}
KEY = "node.conn[0].tls_fingerprint"
BIND = b"X-org.linux-iscsi.tls-bind="
FATAL, AUTH_FAILED = 19, 24


def recorded(portal="127.0.0.1:3260"):
    found, = re.findall("^%s = (.*)$" % re.escape(KEY), initiator.must(
        "-m", "node", "-T", TARGET, "-p", portal), re.M)
    return found


def login(what, status, srp, said=None, **where):
    """A login ends with this status, and so many SRP logins began at the target."""
    before = len(lio.read(initiator.log))
    with tracing.Trace() as events:
        got = initiator.try_login(add=False, **where)
    table.row(what, got, status)
    table.row(what + ": SRP logins", len(events.of("login")), srp)
    if said:
        log = lio.read(initiator.log)[before:]
        table.row(what + ": said", said if said in log else log, said)
    if not got:
        lio.wait_for(lambda: recorded(**where) != "<empty>", "the fingerprint")
        initiator.logout(**where)


def without_bind(from_target, data):
    """Remove the key of one direction; the lengths stay right."""
    if from_target is stripped_from and BIND in data:
        start = data.index(BIND)
        end = data.index(b"\0", start) + 1
        key = b"X-something=" + b"a" * (end - start - 13) + b"\0"
        return data[:start] + key + data[end:]
    return data


certificate, other = tls.Certificate(), tls.Certificate("other")
right, wrong = certificate.hash().hex(), other.hash().hex()
target = Target()
auth = target.acl().auth
auth.srp()
target.np("tls", "allow")
target.np("tls_certificate", right)
table = expect.Table()

with openiscsi.OpenIscsi(openiscsi.srp(), TLS) as initiator:
    initiator.add()
    initiator.add(portal="127.0.0.1:3261")
    relay = {"portal": "127.0.0.1:3261"}
    # The target's kernel refuses: it has another certificate than the connection
    for required in True, False:
        auth.policy(tls_bind=required)
        with tls.Tlshd(other):
            login("impostor, srp_tls_bind=%d" % required, AUTH_FAILED, 1)
    with tls.Tlshd(certificate):
        # Both ends of a relay are TLS, but not the same
        with tlsrelay.Relay(other):
            login("relay", AUTH_FAILED, 1, **relay)
        # Nor can it remove the initiator's proof, or the target's
        for stripped_from, said in ((False, "can't accept X-something=NotUnderstood"),
                                    (True, None)):
            with tlsrelay.Relay(other, without_bind):
                login("relay, strips %s" % ("SRP_HM" if stripped_from else "SRP_M"),
                      AUTH_FAILED if stripped_from else FATAL, 1, said, **relay)
        with tlsrelay.Relay(other, to_target=False):
            login("relay to a plain portal", FATAL, 1,
                  "did not confirm its TLS certificate", **relay)
        table.row("fingerprint after impostors", recorded(**relay), "<empty>")
        # A target that was not told its certificate cannot confirm it
        target.np("tls_certificate", "\n")
        login("unconfirmed", FATAL, 1, "did not confirm its TLS certificate")
        target.np("tls_certificate", right)
        table.row("fingerprint so far", recorded(), "<empty>")

        login("the target", 0, 1, "%s: from now on it must have the same key" % right)
        table.row("fingerprint", recorded(), right)
    # From now on no impostor gets as far as SRP, and the wrong password neither
    initiator.update(KEY, right, **relay)
    with tls.Tlshd(other):
        login("known, impostor", AUTH_FAILED, 0,
              "the target may be an impostor")
        with tlsrelay.Relay(other):
            login("known, relay", AUTH_FAILED, 0,
                  "the target's certificate has the fingerprint %s" % wrong, **relay)
        table.row("fingerprint after impostors", recorded(), right)

        # The certificate of the target was replaced: known when SRP has confirmed it
        target.np("tls_certificate", "%s %s" % (wrong, right))
        login("renewed", AUTH_FAILED, 0, "clear tls_fingerprint")
        initiator.update(KEY, "")
        login("renewed, cleared", 0, 1, "%s: from now on it must have the same key" % wrong)
        table.row("fingerprint of the new one", recorded(), wrong)

    # A session that is up meets an impostor, then a target with a new certificate
    with tls.Tlshd(other) as tlshd:
        initiator.try_login(add=False)
        disk = openiscsi.disk()
        openiscsi.exchange_data(disk, target.image)
        tlshd.stop()
        tlshd.use(certificate)
        tlshd.start()
        with tracing.Trace() as events:
            target.enable(False)
            target.enable()
            lio.wait_for(lambda: "the target may be an impostor" in
                         lio.read(initiator.log)[-3000:], "a refusal", 20)
        table.row("impostor of a session: SRP logins", len(events.of("login")), 0)
        initiator.update(KEY, "")
        openiscsi.exchange_data(disk, target.image)
        said = "has changed from %s to %s, and SRP has confirmed" % (wrong, right)
        table.row("change of a session", said in lio.read(initiator.log), True)
        lio.wait_for(lambda: recorded() == right, "the fingerprint")
        initiator.logout()
table.end()
