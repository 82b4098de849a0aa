#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# A renewed certificate goes on to SRP, is learned from it, and logged; another key does not
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
DISCOVERY = {"discovery.sendtargets.tls": "Yes"}
PORTAL, RELAY = "127.0.0.1:3260", "127.0.0.1:3261"
NODE, SENDTARGETS = "node.conn[0].tls_", "discovery.sendtargets.tls_"
AUTH_FAILED = 24
EMPTY = "<empty>"
IMPOSTOR = "and it has another key: the target may be an impostor"


def recorded(portal=PORTAL, prefix=NODE):
    """The fingerprints of certificate and key in a record."""
    where = ("-m", "node", "-T", TARGET) if prefix == NODE else (
        "-m", "discoverydb", "-t", "sendtargets")
    text = initiator.must(*where, "-p", portal)
    return tuple(re.search("^%s = (.*)$" % re.escape(prefix + key), text, re.M)[1]
                 for key in ("fingerprint", "key_fingerprint"))


def present(shown, *accepted):
    """tlshd presents a certificate, the kernel accepts logins bound to these."""
    target.np("tls_certificate", " ".join(c.hash().hex() for c in accepted or [shown]))
    tlshd.stop()
    tlshd.use(shown)
    tlshd.start()


def pair(certificate):
    """What a record has that knows this certificate."""
    return certificate.hash().hex(), certificate.hash_of_key().hex()


def changed(before, now):
    return "has changed from %s to %s, and SRP has confirmed the new one" % (
        before.hash().hex(), now.hash().hex())


def login(what, status, srp, known, said=None, portal=PORTAL):
    """The login's status, the SRP logins at the target, and what the record has then."""
    before = len(lio.read(initiator.log))
    with tracing.Trace() as events:
        got = initiator.try_login(add=False, portal=portal)
    table.row(what, got, status)
    table.row(what + ": SRP logins", len(events.of("login")), srp)
    if not got:
        # It is stored in the background
        if not status:
            lio.wait_for(lambda: recorded(portal)[0] == known[0], "the fingerprint")
        initiator.logout(portal=portal)
    table.row(what + ": record", recorded(portal), known)
    log = lio.read(initiator.log)[before:]
    if said:
        table.row(what + ": said", said if said in log else log, said)
    table.row(what + ": change", "has changed from" in log,
              bool(said and "has changed from" in said))


def heard(_, data):
    """What a relay could read."""
    seen.append(data)
    return data


first = tls.Certificate("first")
second, third = (tls.Certificate(name, before=first) for name in ("second", "third"))
ended = tls.Certificate("ended", before=first, ended=True)
other = tls.Certificate("other")
table = expect.Table()
table.row("certificates", len({c.hash() for c in (first, second, third, ended, other)}), 5)
target = Target()
auth, discovery = target.acl().auth, lio.Discovery()
auth.srp()
discovery.srp()
target.np("tls", "require")

with tls.Tlshd(first) as tlshd, openiscsi.OpenIscsi(
        openiscsi.srp(), openiscsi.for_discovery(openiscsi.srp()), TLS,
        DISCOVERY) as initiator:
    present(first)
    initiator.add()
    login("first", 0, 1, pair(first))

    # The kernel was not told of the new certificate: SRP does not confirm it
    present(second, first)
    login("renewed, not confirmed", AUTH_FAILED, 1, pair(first))
    present(second, second, first)
    login("renewed", 0, 1, pair(second), changed(first, second))
    login("again", 0, 1, pair(second))
    # Nobody looks at the dates
    present(ended)
    login("it has ended", 0, 1, pair(ended), changed(second, ended))
    present(second)
    login("and back", 0, 1, pair(second), changed(ended, second))
    present(other)
    login("another key", AUTH_FAILED, 0, pair(second), IMPOSTOR)

    # Who has stolen the key gets to SRP, no further, and is not learned; others hear nothing
    present(second)
    initiator.add(portal=RELAY)
    for key, value in zip(("fingerprint", "key_fingerprint"), pair(second)):
        initiator.update(NODE + key, value, portal=RELAY)
    for what, certificate, srp, said in ("with the key", third, 1, None), (
            "with another key", other, 0, IMPOSTOR):
        seen = []
        with tlsrelay.Relay(certificate, heard):
            login("relay " + what, AUTH_FAILED, srp, pair(second), said, portal=RELAY)
        table.row("relay %s: SRP" % what, b"SRP_U" in b"".join(seen), bool(srp))
        table.row("relay %s: hears" % what, seen != [], bool(srp))

    # A certificate set by hand, and none: the key of the last one does not count
    initiator.update(NODE + "fingerprint", other.hash().hex())
    by_hand = (other.hash().hex(), EMPTY)
    table.row("set by hand", recorded(), by_hand)
    login("set by hand, the last key", AUTH_FAILED, 0, by_hand)
    present(other)
    login("set by hand, its own", 0, 1, pair(other))
    initiator.update(NODE + "fingerprint", "")
    table.row("cleared", recorded(), (EMPTY, EMPTY))
    present(first)
    login("cleared, another key", 0, 1, pair(first))

    # A record without the key refuses a renewed certificate until it has the key
    typed = first.hash().hex(":").upper()
    initiator.update(NODE + "fingerprint", typed)
    present(second)
    login("without the key, renewed", AUTH_FAILED, 0, (typed, EMPTY))
    present(first)
    login("without the key", 0, 1, pair(first))

    # pin means this certificate
    initiator.update(NODE + "verify", "pin")
    present(second)
    login("pin, renewed", AUTH_FAILED, 0, pair(first))
    initiator.update(NODE + "verify", "srp")

    # Renewed while a session is up: it comes back, and says so
    present(first)
    initiator.try_login(add=False)
    disk = openiscsi.disk()
    openiscsi.exchange_data(disk, target.image)
    present(second, second, first)
    target.enable(False)
    target.enable()
    openiscsi.exchange_data(disk, target.image)
    lio.wait_for(lambda: recorded() == pair(second), "the renewed certificate")
    table.row("session: said", lio.read(initiator.log).count(changed(first, second)), 2)
    initiator.logout()

    # The same for discovery
    for certificate, accepted, status, known, said in (
            (first, first, 0, first, None),
            (second, first, AUTH_FAILED, first, None),
            (second, second, 0, second, changed(first, second)),
            (other, other, AUTH_FAILED, second, IMPOSTOR)):
        what = "discovery, %d of %s" % (status, certificate.path)
        present(certificate, accepted)
        got, found = initiator.discover()
        table.row(what, (got != 0, found), (status != 0, [] if status else [TARGET]))
        table.row(what + ": record", recorded(prefix=SENDTARGETS), pair(known))
        if said:
            table.row(what + ": said", said if said in initiator.output else
                      initiator.output, said)
table.end()
