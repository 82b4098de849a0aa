#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# An initiator that cannot send by TLS still receives, and waits without using a CPU
# timeout: 120
import mmap
import os
import time

import expect
import ktls
import lio
import openiscsi
from background import Background

PORTAL = "127.0.0.1:3261"
WRITES, SIZE = 32, 64 << 10             # more than all buffers on the way hold
HELD = 3                                # seconds
# The data of a write follows at once; the buffers of the socket are small
SETTINGS = {"node.session.iscsi.InitialR2T": "No",
            "node.conn[0].tcp.window_size": "65536",
            "node.conn[0].timeo.noop_out_interval": "0",
            "node.conn[0].timeo.noop_out_timeout": "0"}


def direct(flags, work):
    """work(file descriptor) of the disk, past the page cache."""
    fd = os.open(disk, flags | os.O_DIRECT)
    try:
        return work(fd)
    finally:
        os.close(fd)


def read():
    page = mmap.mmap(-1, 4096)
    return direct(os.O_RDONLY, lambda fd: os.preadv(fd, [page], 0))


def write(n):
    page = mmap.mmap(-1, SIZE)
    page[:] = bytes([n]) * SIZE
    return direct(os.O_WRONLY, lambda fd: os.pwritev(fd, [page], n * SIZE))


def busy():
    """Seconds of CPU time that the guest has used."""
    with open("/proc/stat", encoding="ascii") as f:
        user, nice, system = map(int, f.readline().split()[1:4])
    return (user + nice + system) / os.sysconf("SC_CLK_TCK")


portal, wire = ktls.Portal(), ktls.Wire()
target = lio.Target(methods="None", authentication=0)
target.param("InitialR2T", "No")
target.acl().attrib("dataout_timeout", 60)
table = expect.Table()
with ktls.Iscsid(SETTINGS) as initiator:
    initiator.login(portal=PORTAL)
    disk = openiscsi.disk()
    wire.to_initiator.close()
    reading = Background(read)
    lio.wait_for(lambda: wire.to_initiator.waiting, "the answer to a read", 10)
    wire.to_target.close()
    writing = [Background(lambda n=n: write(n)) for n in range(WRITES)]
    lio.wait_for(lambda: wire.to_target.waiting, "a write", 10)
    before = busy()
    time.sleep(HELD)
    used = busy() - before
    table.row("CPU time of a sender that waits: %.2f s" % used, used < HELD / 2, True)
    wire.to_initiator.open()
    table.row("octets read meanwhile", reading.result(10), 4096)
    table.row("writes that ended before", [w.running() for w in writing].count(False), 0)
    wire.to_target.open()
    table.row("octets written", {w.result() for w in writing}, {SIZE})
    with open(target.image, "rb") as f:
        table.row("the target's file", f.read(WRITES * SIZE),
                  b"".join(bytes([n]) * SIZE for n in range(WRITES)))
    initiator.logout(portal=PORTAL)
table.end()
