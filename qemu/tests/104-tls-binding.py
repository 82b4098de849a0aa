#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# TLS is bound to SRP: another certificate, or none, is refused by both ends
# log: failed with status 020[012]
import contextlib
import hashlib
import hmac
import socket
import ssl
import threading

import expect
import tls
from initiator import Initiator, Rejected
from iscsi import from_binary, to_hex
from lio import Discovery, Target, held, wait_for

KEY = "X-org.linux-iscsi.tls-bind"
RELAY = ("127.0.0.1", 3261)
THIEF = ("127.0.0.1", 3262)             # has the certificate and its key


def bind(i, end, certificate):
    return hmac.new(i.client.K, end + certificate, "sha256").digest()


def login(seen=None, end=b"I", key=KEY, target_auth="Yes", wrap=tls.wrap,
          value=None, **how):
    """Log in and bind a certificate, unless it is None.

    What became of it: a status, and what the target has bound: the certificate,
    "wrong", the value as it is, or None.
    """
    with Initiator(wrap=wrap, **how) as i:
        try:
            i.choose("SRP", "SRP")
            i.user(target_auth)
            i.ephemeral()
            extra = []
            if seen:
                extra = [(key, value or to_hex(bind(i, end, seen)))]
            answer = i.prove(extra=extra)
            got = answer.keys.get(KEY)
            i.operational()
        except Rejected as reject:
            return reject.status, None
        if not got or not got.startswith("0x"):
            return "0000", got
        for certificate in hashes:
            if hmac.compare_digest(from_binary(got), bind(i, b"T", certificate)):
                return "0000", certificate
        return "0000", "wrong"


class Relay:
    """Ends TLS with a certificate of its own, and begins it again to the target."""

    def __init__(self, certificate, portal=RELAY):
        self.heard = b""
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(certificate.path, certificate.key)
        self.listener = socket.create_server(portal)
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            with contextlib.suppress(OSError):
                here = self.context.wrap_socket(self.listener.accept()[0],
                                                server_side=True)
                there = tls.wrap(socket.create_connection(("127.0.0.1", 3260)))
                for ends in (here, there), (there, here):
                    threading.Thread(target=self.copy, args=ends,
                                     daemon=True).start()

    def copy(self, source, sink):
        with contextlib.suppress(OSError, ValueError):
            while data := source.recv(65536):
                self.heard += data
                sink.sendall(data)
        for sock in source, sink:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)


certificate, other = tls.Certificate(), tls.Certificate("other")
right, wrong = certificate.hash(), other.hash()
hashes = [right, wrong]
target = Target()
acl = target.acl()
discovery = Discovery()
for auth in acl.auth, discovery:
    auth.srp()
target.np("tls", "allow")
table = expect.Table()

with tls.Tlshd(certificate):
    Relay(other)
    thief = Relay(certificate, THIEF)
    for how in {}, {"discovery": True}:
        what = "discovery" if how else "session"
        policies = [discovery] if how else [acl.auth, target.auth]
        for required in False, True:
            for auth in policies:
                auth.policy(tls_bind=required)
                text = "%s, srp_tls_bind = %d: " % (what, required)
                table.row(text + "flag", auth.get("srp_tls_bind"), "%d" % required)
                target.np("tls_certificate", right.hex())
                for mutual in "Yes", "No":
                    table.row(text + "right, TargetAuth=" + mutual,
                              login(right, target_auth=mutual, **how), ("0000", right))
                table.row(text + "wrong", login(wrong, **how), ("0201", None))
                table.row(text + "the target's own", login(right, b"T", **how),
                          ("0201", None))
                table.row(text + "too short", login(right, value="0x11", **how),
                          ("0200", None))
                table.row(text + "in the middle", login(wrong, portal=RELAY, **how),
                          ("0201", None))
                table.row(text + "with the certificate's key, unnoticed",
                          login(right, portal=THIEF, **how), ("0000", right))
                table.row(text + "wrong password", login(right, password="wrong", **how),
                          ("0201", None))
                missing = ("0202", None) if required else ("0000", None)
                table.row(text + "none", login(**how), missing)
                table.row(text + "stripped", login(right, key="X-other", **how), missing)
                table.row(text + "in the middle, stripped",
                          login(wrong, key="X-other", portal=RELAY, **how), missing)
                # Not understood
                missing = ("0202", None) if required else ("0000", "NotUnderstood")
                table.row(text + "plain", login(right, wrap=None, **how), missing)
                target.np("tls_certificate", "\n")
                table.row(text + "no certificate", login(right, **how), missing)
                # The next certificate, while the old one is still in use
                target.np("tls_certificate", "%s %s" % (wrong.hex(), right.hex()))
                for seen in right, wrong:
                    table.row(text + "one of two", login(seen, **how), ("0000", seen))
                auth.policy(tls_bind=False)
    with Initiator(wrap=tls.wrap, portal=THIEF) as i:
        table.row("the thief's certificate", tls.certificate_of(i), certificate.der)
        i.login().logout()
table.row("heard with the certificate's key", b"SRP_U=alice" in thief.heard, True)

# Certificates that are signed with other hashes
for digest in "sha384", "sha512":
    signed = tls.Certificate("target", digest)
    expect.equal(len(signed.hash()), hashlib.new(digest).digest_size, "hash")
    target.np("tls_certificate", signed.hash().hex())
    hashes.append(signed.hash())
    with tls.Tlshd(signed):
        table.row(digest, login(signed.hash()), ("0000", signed.hash()))
wait_for(lambda: not held(), "the end of all connections")
table.end()
