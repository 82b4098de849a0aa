#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# Whatever ends a TLS connection, the initiator says it, logs in again and loses nothing
# timeout: 600
import os

import expect
import ktls
import lio
import openiscsi
from background import Background
from kernellog import KernelLog

PORTAL = "127.0.0.1:3261"
LIMIT = "/sys/module/iscsi_tcp/parameters/tls_max_records"
MIB = 2
PATIENCE = 120                          # seconds, on a machine that does more than this


def changed(record, _):
    """With one bit flipped."""
    middle = len(record) // 2
    return [record[:middle], bytes([record[middle] ^ 1]), record[middle + 1:]]


def truncated(record, _):
    yield record[:len(record) // 2]
    raise ConnectionError


def cut(_record, _every):
    raise ConnectionError


def repeated(record, _):
    return [record, record]


def swapped(record, every):
    return [next(every), record]


def lost(_record, every):
    return [next(every)]


def plain(record, _):
    """With a PDU that is not encrypted."""
    return [bytes(48), record]


def no_tls(record, _):
    """The initiator's kernel must not take it for a PDU either."""
    return [b"\x20\x80" + bytes(46), record]


def send(kind, data):
    def action():
        portal.send(kind, data)
    return action


def change(function):
    def action():
        wire.change = function
    return action


MAC = "a record was changed on its way"
CASES = {
    "cut": (change(cut), "detected conn error"),
    "truncated": (change(truncated), "detected conn error"),
    "changed": (change(changed), MAC),
    "repeated": (change(repeated), MAC),
    "plain": (change(plain), "detected conn error"),
    "no TLS": (change(no_tls), "detected conn error"),
    "close_notify": (send(ktls.ALERT, ktls.CLOSE_NOTIFY), "detected conn error (1020)"),
    "alert": (send(ktls.ALERT, ktls.HANDSHAKE_FAILURE), "the target sent alert 40"),
    "KeyUpdate": (send(ktls.HANDSHAKE, ktls.KEY_UPDATE),
                  "the target sent a record of type 22"),
    # A target waits for the data of a write for three seconds, then it closes the
    # connection: these would make it wait
    "swapped": (change(swapped), MAC),
    "lost": (change(lost), MAC),
}
READ_ONLY = "swapped"                   # from here on


class Work:
    """Writes and reads, or only reads, in a thread."""

    def __init__(self, disk):
        self.disk = disk
        self.write, self.end, self.turns = True, False, 0
        self.data = os.urandom(MIB << 20)
        self.thread = Background(self.run)

    def run(self):
        while not self.end or not self.turns:
            if self.write:
                openiscsi.exchange_data(self.disk, target.image, 0, MIB << 20)
                with open(self.disk, "rb") as f:
                    self.data = f.read(MIB << 20)
            else:
                with open(self.disk, "rb") as f:
                    os.posix_fadvise(f.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
                    expect.true(f.read(MIB << 20) == self.data, "other data")
            self.turns += 1

    def goes_on(self, what):
        """Wait for the end of a whole turn."""
        turns = self.turns

        def went_on():
            if not self.thread.running():
                raise AssertionError("%s: input and output ended: %s" % (
                    what, self.thread.error))
            return self.turns > turns + 1
        lio.wait_for(went_on, what + ": a turn", PATIENCE)


def logged():
    """What the kernel logged since the last look."""
    return "\n".join(log.new())


log = KernelLog()
portal, wire = ktls.Portal(), ktls.Wire()
target = lio.Target(methods="None", authentication=0, megabytes=MIB + 2)
target.acl()
with ktls.Iscsid() as iscsid:
    iscsid.login(portal=PORTAL)
    work = Work(openiscsi.disk())
    for name, (action, message) in CASES.items():
        before = portal.connections
        log.new()
        if name == READ_ONLY:
            work.write = False
            work.goes_on(name)
        action()
        lio.wait_for(lambda: portal.connections > before, name + ": a new login", PATIENCE)
        openiscsi.wait_logged_in()
        work.goes_on(name)
        said = logged()
        expect.true(message in said, "%s: no '%s' in the log: %s" % (name, message, said))
        expect.equal(portal.connections, before + 1, name + ": logins")

    # The keys are changed before they are used up
    work.write = True
    before = portal.connections
    log.new()
    limit = lio.read(LIMIT)
    lio.write(LIMIT, "500")
    lio.wait_for(lambda: portal.connections >= before + 2, "two logins", PATIENCE)
    lio.write(LIMIT, limit)
    said = logged()
    expect.true("records sent with this key, logging in again" in said, said)
    openiscsi.wait_logged_in()

    # No message for the end after a logout
    work.goes_on("tls_max_records")
    work.end = True
    work.thread.result(60)
    log.new()
    iscsid.logout(portal=PORTAL)
    said = logged()
    expect.true("TLS:" not in said and "detected conn error" not in said, said)
