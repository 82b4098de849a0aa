#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# Without tlshd, or with one that is slow, dies or lies, nobody gets in, and plain logins go on
# timeout: 150
# log: TLS handshake with ::ffff:127\.0\.0\.1 failed:
# log: login from .* without TLS refused: the portal's tls is require
# log: failed with status 0202
import contextlib
import errno
import signal
import socket
import ssl
import time

import expect
import tls
from background import login
from faketlshd import FakeTlshd
from initiator import outcome
from kernellog import KernelLog
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
log = KernelLog()
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
    # tlshd lies, to an initiator that knows what it has done
    target.np("tls", "require")
    for status, cipher, what in ((0, "TLS_AES_128_GCM_SHA256", "0000"),
                                 (13, "TLS_AES_128_GCM_SHA256", "closed"),
                                 (0, None, "closed"), (13, None, "closed"),
                                 (errno.EAGAIN, None, "closed")):
        log.new()
        table.row("status %d, %s" % (status, cipher), outcome(
            lambda i: i.login(), wrap=fake.wrap(status, cipher)), what)
        if cipher is None:
            why = "tlshd says so" if status else "tlshd has not set the keys"
            table.row("log of status %d without keys" % status,
                      any(why in line for line in log.new()), True)
    target.np("tls", "allow")
    # More at once than the kernel takes before tlshd does
    socks = [connect() for _ in range(8)]
    handshakes = [fake.take() for _ in socks]
    table.row("handshakes", sorted(map(fake.port, handshakes)),
              sorted(sock.getsockname()[1] for sock in socks))
    for handshake in handshakes:
        fake.done(handshake, 13)
    table.row("their ends", [closed(sock) for sock in socks], [True] * len(socks))
    for sock in socks:
        sock.close()
    # Only 0x16 begins one, of all first bytes
    socks = [connect(bytes([byte])) for byte in range(256)]
    handshake = fake.take()
    table.row("a handshake", fake.port(handshake), socks[0x16].getsockname()[1])
    fake.done(handshake, 13)
    table.row("its end", closed(socks[0x16]), True)
    table.row("another handshake", fake.waiting(), False)
    for sock in socks:
        sock.close()
    wait_for(lambda: not held(), "the end of connections with one byte")
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

old = tls.context()
old.maximum_version = ssl.TLSVersion.TLSv1_2
with tls.Tlshd(certificate):
    table.row("TLS 1.2", outcome(lambda i: i.login(),
                                 wrap=lambda sock: tls.wrap(sock, old)), "closed")
    with connect(HELLO + bytes(range(99))) as sock:
        while sock.recv(99):            # an alert, then the end
            pass
    table.row("TLS at last", secured(), "0000")
wait_for(lambda: not held(), "the end of all connections")
table.end()
