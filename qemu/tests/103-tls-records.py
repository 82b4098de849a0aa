#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# Alerts, other records and changed ones end the connection, in the login and after it
# timeout: 240
# log: failed with status 0(000|200|300)
# log: TLS handshake with ::ffff:127\.0\.0\.1 failed: the initiator closed the connection
# log: TLS alert (42 \(bad_certificate\)|99) from 127\.0\.0\.1
# log: a TLS record of type 22 from 127\.0\.0\.1:\d+: not supported
# log: a TLS record from 127\.0\.0\.1:\d+ was changed on its way
import contextlib
import os
import socket

import expect
import ktls
import tls
from faketlshd import FakeTlshd
from initiator import Initiator
from iscsi import Closed
from kernellog import KernelLog
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



class Wire(ktls.Server):
    """Between initiator and target: change() may change the next record."""
    change = None

    def to_peer(self, source, sink):
        every = ktls.records(source)
        for record in every:
            change, self.change = self.change, None
            for changed in change(record, every) if change else [record]:
                sink.sendall(changed)


class Slow(ktls.Server):
    """The target receives one byte at a time."""

    def to_peer(self, source, sink):
        while data := source.recv(1 << 16):
            for byte in data:
                sink.sendall(bytes([byte]))


# What becomes of the next record, and the one after it; whether the log says so
CHANGES = {
    "repeated": (lambda record, every: [record, record], True),
    "swapped": (lambda record, every: [next(every), record], True),
    "lost": (lambda record, every: [next(every)], True),
    "shortened": (lambda record, every: [record[:4], bytes([record[4] - 1]),
                                         record[5:-1]], True),
    "longer than possible": (lambda record, every: [record[:3], b"\xff\xff",
                                                    record[5:]], False),
}


def two_records(i):
    """The target answers them after the login, and ends it before."""
    for _ in range(2):
        i.send_ping()


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
    with Initiator(wrap=tls.kernel_wrap) as i:
        i.login().logout()
        data, control, _, _ = i.wire.sock.recvmsg(16, 64)
        table.row("close_notify of the target", (data, [one[2] for one in control]),
                  (b"\1\0", [bytes([tls.ALERT])]))

    Slow(3262, 3260)
    with Initiator(wrap=tls.wrap, portal=("127.0.0.1", 3262)) as i:
        table.row("one byte at a time", i.login().ping(), True)

    # Somebody between changes the order of records, or sends one again
    wire = Wire(3261, 3260)
    for phase in "in the login", "after the login":
        for what, (change, line) in CHANGES.items():
            with Initiator(wrap=tls.wrap, portal=("127.0.0.1", 3261)) as i:
                PHASES[phase](i)
                log.new()
                wire.change = change
                two_records(i)
                table.row("%s record %s" % (what, phase), closed(i.wire.sock), True)
            wait_for(lambda: not held(), "the end of the connection")
            table.row("log of %s record %s" % (what, phase),
                      any("was changed on its way" in text for text in log.new()),
                      line and (phase, what) != ("in the login", "repeated"))

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
with FakeTlshd() as fake, Parameter("max_tls_records", 20):
    for cipher, end in (("TLS_AES_128_GCM_SHA256", True),
                        ("TLS_AES_256_GCM_SHA384", True),
                        ("TLS_CHACHA20_POLY1305_SHA256", False)):
        with Initiator(wrap=fake.wrap(cipher=cipher)) as i:
            i.login()
            ended = False
            try:
                for _ in range(50):
                    i.ping()
            except (Closed, OSError):   # close_notify
                ended = True
            table.row("limit of " + cipher, ended, end)
wait_for(lambda: not held(), "the end of all connections")
table.end()
