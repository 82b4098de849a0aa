#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# Handshakes are limited, in all and for each address, and nobody else waits
# log: too many logins under way: dropped a connection from .* a part of a TLS handshake
# log: TLS handshake with ::ffff:127\.0\.1\.\d+ failed: the (initiator closed the connection|login has to end)
import contextlib
import socket

import expect
import tls
from background import login, timed_login
from lio import Parameter, Target, held, wait_for

SOURCES = ["127.0.1.%d" % n for n in range(1, 5)]
LIMIT = 12                              # seconds; a login has 15


def silent(source, stack):
    """A connection that begins a handshake and says no more."""
    sock = stack.enter_context(socket.create_connection(
        ("127.0.0.1", 3260), 20, (source, 0)))
    sock.sendall(b"\x16")
    sock.setblocking(False)
    return sock


def dropped(socks):
    """How many of them the target has closed."""
    n = 0
    for sock in socks:
        try:
            n += not sock.recv(1)
        except BlockingIOError:
            pass
        except ConnectionError:
            n += 1
    return n


def secured(source):
    return timed_login(lambda i: i.login(), wrap=tls.wrap, source=source)


target = Target()
target.acl().auth.srp()
target.np("tls", "allow")
table = expect.Table()
with tls.Tlshd(tls.Certificate()) as tlshd, Parameter("max_tls_handshakes", 8):
    with contextlib.ExitStack() as stack:
        socks = [silent(SOURCES[0], stack) for _ in range(6)]
        wait_for(lambda: len(tlshd.children()) == 2, "two handshakes")
        waits = login(lambda i: i.login(), wrap=tls.wrap, source=SOURCES[0])
        for source in SOURCES[1], "127.0.0.1":
            ended, seconds = secured(source)
            table.row("login from " + source, ended, "0000")
            expect.within(seconds, LIMIT, "login from " + source)
        table.row("plain login", login(source=SOURCES[0]).result(), "0000")
        table.row("handshakes of one address", len(tlshd.children()), 2)
        table.row("another login from there", waits.running(), True)
        table.row("dropped", dropped(socks), 0)
    table.row("once they are gone", waits.result(), "0000")
    wait_for(lambda: not held(), "the end of all connections")

    with contextlib.ExitStack() as stack:
        socks = [silent(SOURCES[0], stack)]
        wait_for(lambda: len(tlshd.children()) == 1, "the oldest handshake")
        socks += [silent(source, stack) for source in SOURCES[1:] * 2 + SOURCES[:1]]
        wait_for(lambda: len(tlshd.children()) == 8, "eight handshakes")
        for _ in range(2):
            ended, seconds = secured("127.0.0.1")
            table.row("login beside eight", ended, "0000")
            expect.within(seconds, LIMIT, "login beside eight")
        wait_for(lambda: dropped(socks), "the end of the oldest handshake")
        table.row("dropped", (dropped(socks[:1]), dropped(socks[1:])), (1, 0))
    wait_for(lambda: not held(), "the end of all connections")

# Its turn comes also if those before it leave while they wait
with tls.Tlshd(tls.Certificate()) as tlshd, Parameter("max_tls_handshakes", 4):
    with contextlib.ExitStack() as stack:
        socks = [silent(SOURCES[0], stack)]
        wait_for(lambda: len(tlshd.children()) == 1, "a handshake")
        socks += [silent(SOURCES[0], stack) for _ in range(20)]
        waits = login(lambda i: i.login(), wrap=tls.wrap, source=SOURCES[0])
        wait_for(lambda: len(held()) == 22, "all connections")
        # In this order: the turn comes to one that leaves
        for sock in socks:
            sock.close()
    table.row("behind those that left", waits.result(), "0000")
    wait_for(lambda: not held(), "the end of all connections")
table.end()
