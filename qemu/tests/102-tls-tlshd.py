#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# Without tlshd, or with one that is slow, dies or lies, nobody gets in, and plain logins go on
# timeout: 150
# log: TLS handshake with ::ffff:127\.0\.0\.1 failed:
# log: login from .* without TLS refused: the portal's tls is require
# log: failed with status 0202
import contextlib
import signal
import socket
import time

import expect
import tls
from background import login
from faketlshd import FakeTlshd
from initiator import outcome
from lio import Target, held, wait_for

HELLO = b"\x16"                         # the first octet of a handshake
LIMIT = 25                              # seconds; a login has 15


def plain():
    return outcome(lambda i: i.login())


def secured(**how):
    return outcome(lambda i: i.login(), wrap=tls.wrap, **how)


def connect(data=HELLO):
    sock = socket.create_connection(("127.0.0.1", 3260), 60)
    sock.sendall(data)
    return sock


def closed(sock):
    """Wait until the target has closed a connection; True if it sent nothing."""
    with contextlib.suppress(ConnectionError):
        return not sock.recv(1)
    return True


target = Target()
target.acl().auth.srp()
target.np("tls", "allow")
certificate = tls.Certificate()
table = expect.Table()

start = time.monotonic()
table.row("TLS without tlshd", secured(), "closed")
expect.within(time.monotonic() - start, 5, "refusal")
table.row("plain without tlshd", plain(), "0000")
target.np("tls", "require")
table.row("TLS without tlshd, required", secured(), "closed")
table.row("plain without tlshd, TLS required", plain(), "0202")
target.np("tls", "allow")

with tls.Tlshd():
    table.row("tlshd without certificate", secured(), "closed")
    table.row("plain beside it", plain(), "0000")

with tls.Tlshd(certificate) as tlshd:
    tlshd.signal(signal.SIGSTOP)
    slow = login(lambda i: i.login(), wrap=tls.wrap)
    table.row("plain while tlshd is stopped", plain(), "0000")
    table.row("TLS while tlshd is stopped", slow.running(), True)
    tlshd.signal(signal.SIGCONT)
    table.row("TLS once it goes on", slow.result(), "0000")

    with connect() as sock:
        wait_for(tlshd.children, "the process of a handshake")
        tlshd.signal(signal.SIGKILL)
        table.row("plain while a handshake hangs", plain(), "0000")
        start = time.monotonic()
        table.row("a handshake whose tlshd was killed", closed(sock), True)
        expect.within(time.monotonic() - start, LIMIT, "its end")

with FakeTlshd() as fake:
    for status, what in (13, "failure"), (0, "success without keys"):
        attempt = login(lambda i: i.login(), wrap=tls.wrap)
        fake.done(fake.take(), status)
        table.row("tlshd replies " + what, attempt.result(), "closed")
    # The initiator leaves
    with connect():
        handshake = fake.take()
    wait_for(lambda: not held(), "the end of a connection whose initiator has left")
    fake.done(handshake, 0)
    # It is never taken
    connect().close()
    wait_for(lambda: not held(), "the end of another one")
    # The portal goes
    with connect() as sock:
        handshake = fake.take()
        target.remove_portal(target.portal)
        table.row("handshake of a portal that is removed", closed(sock), True)
        fake.done(handshake, 0)
    target.add_portal(target.portal)
    target.np("tls", "require")

with tls.Tlshd(certificate):
    table.row("TLS at last", secured(), "0000")
wait_for(lambda: not held(), "the end of all connections")
table.end()
