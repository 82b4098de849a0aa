#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# Alerts, other records and changed ones end the connection, in the login and after it
# log: failed with status 0(000|300)
# log: TLS handshake with ::ffff:127\.0\.0\.1 failed: the initiator closed the connection
# log: TLS alert (42 \(bad_certificate\)|99) from 127\.0\.0\.1
# log: a TLS record of type 22 from 127\.0\.0\.1:\d+: not supported
# log: a TLS record from 127\.0\.0\.1:\d+ was changed on its way
import contextlib
import os
import socket

import expect
import tls
from batch import KernelLog
from initiator import Initiator
from iscsi import Closed
from lio import Parameter, Target, held, wait_for


def closed(sock):
    """Whether the target closes the connection."""
    sock.settimeout(20 * expect.PATIENCE)
    try:
        while sock.recv(1 << 16):
            pass
    except socket.timeout:
        return False
    except OSError:
        pass
    return True


def raw(data):
    """Send octets on the TCP connection of TLS."""
    def send(i):
        with socket.socket(fileno=os.dup(i.wire.sock.fileno())) as sock:
            sock.sendall(data)
            if len(data) < 20:
                sock.shutdown(socket.SHUT_WR)
    return send


def record(kind, data):
    return lambda i: tls.send_record(i.wire.sock, kind, data)


PHASES = {"before the login": lambda i: None,
          "in the login": lambda i: i.start("SRP"),
          "after the login": lambda i: i.login()}
RECORDS = {
    "close_notify": (tls.kernel_wrap, record(tls.ALERT, b"\1\0"), None),
    "alert": (tls.kernel_wrap, record(tls.ALERT, b"\2\x2a"),
              "TLS alert 42 (bad_certificate) from"),
    "unknown alert": (tls.kernel_wrap, record(tls.ALERT, b"\2\x63"),
                      "TLS alert 99 from"),
    "KeyUpdate": (tls.kernel_wrap, record(tls.HANDSHAKE, tls.KEY_UPDATE),
                  "a TLS record of type 22 from"),
    "changed record": (tls.wrap, raw(b"\x17\x03\x03\x00\x40" + bytes(64)),
                       "was changed on its way"),
    "plain request": (tls.wrap, raw(b"\x43\x87" + bytes(46)), None),
    "part of a record": (tls.wrap, raw(b"\x17\x03\x03\x00\x40" + bytes(8)), None),
}

target = Target()
target.acl().auth.srp()
target.np("tls", "require")
table = expect.Table()
with tls.Tlshd(tls.Certificate()):
    for phase, begin in PHASES.items():
        for what, (wrap, send, line) in RECORDS.items():
            with Initiator(wrap=wrap) as i:
                begin(i)
                log = KernelLog()
                log.new()
                send(i)
                table.row("%s %s" % (what, phase), closed(i.wire.sock), True)
                wait_for(lambda: not held(), "the end of the connection")
                if line:
                    table.row("log of %s %s" % (what, phase),
                              any(line in text for text in log.new()), True)
    with Initiator(wrap=tls.wrap) as i:
        table.row("a login after all", i.login().ping(), True)

    # The keys are for so many records: those of the login, and a ping each
    log = KernelLog()
    log.new()
    with Parameter("max_tls_records", 100), Initiator(wrap=tls.wrap) as i:
        i.login()
        pings = 0
        with contextlib.suppress(Closed):
            while pings < 200 and i.ping():
                pings += 1
        table.row("pings with the same keys", 80 < pings < 100, True)
        wait_for(lambda: any("it needs new keys" in text for text in log.new()),
                 "a line in the log")
table.end()
