#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# An initiator with little memory writes out through TLS, to get memory for more.
# User-mode Linux may kill a process that faults meanwhile.
# timeout: 360
# log: TLS
# again: signal
import hashlib
import os

import expect
import lio
import openiscsi
import tls
from lio import Target

# The target is in the same guest, and must not need what the initiator has used up
SETTINGS = {"node.conn[0].tls": "Yes", "node.session.queue_depth": "4",
            "node.conn[0].timeo.noop_out_interval": "60",
            "node.conn[0].timeo.noop_out_timeout": "60"}
COMMAND = 64                            # KiB
MIB = 1 << 20
LEFT = 48                               # MiB that the rest of the guest can have
DATA = 96                               # MiB: more than that


def table_of(path):
    """{name: number} of a file in /proc."""
    lines = (line.replace(":", " ").split() for line in lio.read(path).splitlines())
    return {line[0]: int(line[1]) for line in lines}


def available():
    """MiB that can be allocated; there is no swap."""
    return table_of("/proc/meminfo")["MemAvailable"] >> 10


def taken():
    """How many pages were taken from the page cache, as memory was short."""
    found = table_of("/proc/vmstat")
    return found["pgsteal_kswapd"] + found["pgsteal_direct"]


def data():
    """The same bytes each time, none of them twice."""
    for n in range(DATA * MIB // 4096):
        yield hashlib.shake_128(b"%d" % n).digest(4096)


def digest(path):
    """The SHA-256 of a file, without its page cache."""
    found = hashlib.sha256()
    fd = os.open(path, os.O_RDONLY)
    os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_DONTNEED)
    while block := os.read(fd, MIB // 4):
        found.update(block)
    os.close(fd)
    return found.hexdigest()


if expect.PATIENCE != 1:
    expect.skip("a debug kernel has its own use for memory")
certificate = tls.Certificate()
target = Target(megabytes=DATA)
target.acl().auth.srp()
target.np("tls", "require")
target.np("tls_certificate", certificate.hash().hex())
with open(target.image, "r+b") as f:
    for _ in range(DATA):
        f.write(bytes(MIB))
table = expect.Table()

with tls.Tlshd(certificate), openiscsi.OpenIscsi(openiscsi.srp(), SETTINGS) as initiator:
    initiator.login()
    disk = openiscsi.disk()
    lio.write("/sys/block/%s/queue/max_sectors_kb" % os.path.basename(disk), str(COMMAND))
    before = table_of("/proc/net/tls_stat")["TlsTxSw"]
    hog = []
    while available() > LEFT:
        hog.append(b"x" * MIB)
    pages, wanted = taken(), hashlib.sha256()
    with open(disk, "r+b", buffering=0) as f:
        for block in data():
            f.write(block)
            wanted.update(block)
        os.fsync(f.fileno())
    table.row("memory was short", (taken() - pages) * 4096 > (DATA - LEFT) * MIB / 2, True)
    table.row("the target's file", digest(target.image), wanted.hexdigest())
    table.row("read back", digest(disk), wanted.hexdigest())
    hog.clear()
    table.row("connections since", table_of("/proc/net/tls_stat")["TlsTxSw"] - before, 0)
    initiator.logout()
table.end()
