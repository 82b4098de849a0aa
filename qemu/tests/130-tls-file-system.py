#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# The initiator's kernel keeps a file system behind a socket with TLS
# timeout: 240
import hashlib
import os
import shutil
import subprocess

import expect
import ktls
import lio
import openiscsi

FILES = {"small-%d" % i: i * 37 for i in range(200)}
FILES.update({"page-%d" % i: i << 12 for i in range(8)})
FILES["large"] = int(os.environ.get("TLS_MIB", "24")) << 20
DIGESTS = {"node.conn[0].iscsi.HeaderDigest": "CRC32C",
           "node.conn[0].iscsi.DataDigest": "CRC32C"}
MOUNT = "/run/tls"


def statistics():
    with open("/proc/net/tls_stat", encoding="ascii") as f:
        return {name: int(value) for name, value in map(str.split, f)}


def run(*command):
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def digest(path):
    with open(path, "rb") as f:
        return hashlib.file_digest(f, "sha256").digest()


def use(disk, sums):
    """Write the files, or compare them with their sums."""
    run("mount", disk, MOUNT)
    try:
        for name, size in FILES.items():
            path = MOUNT + "/" + name
            if name in sums:
                expect.equal(digest(path), sums[name], "checksum of " + name)
                continue
            data = os.urandom(size)
            with open(path, "wb") as f:
                f.write(data)
                f.flush()
                os.fsync(f.fileno())    # tells of errors
            sums[name] = hashlib.sha256(data).digest()
    finally:
        run("umount", MOUNT)


def journal(disk):
    """Have ext4 write a request of which some pages are of a slab: copies of blocks that
    look as if they belonged to the journal."""
    block = b"\xc0\x3b\x39\x98" + os.urandom(1020), os.urandom(1024)
    data = b"".join(block) * 64
    for how in "data=journal", "ro":
        run("mount", "-o", how, disk, MOUNT)
        try:
            with open(MOUNT + "/journal", "rb" if how == "ro" else "wb") as f:
                if how == "ro":
                    expect.true(f.read() == data, "the file that was in the journal")
                else:
                    f.write(data)
                    f.flush()
                    os.fsync(f.fileno())
        finally:
            run("umount", MOUNT)


def direct(disk, size, write):
    """Read or write with one command of that size, past the page cache."""
    run("dd", "if=" + ("/dev/urandom" if write else disk), "bs=%d" % size, "count=1",
        "iflag=fullblock" + ("" if write else ",direct"),
        "of=" + (disk if write else "/dev/null"),
        *(("oflag=direct", "conv=notrunc") if write else ()), "status=none")


def one_pass(*settings):
    target = lio.Target(methods="None", authentication=0,
                        megabytes=(FILES["large"] >> 20) * 9 // 8 + 16)
    # A slow machine must not take longer for the data of a write than the target waits
    target.acl().attrib("dataout_timeout", 60)
    # The wire counts records; a plain PDU at the portal would be no handshake
    with ktls.Iscsid(*settings) as initiator:
        before = statistics()
        wire.seen = b""
        initiator.login(portal="127.0.0.1:3261")
        expect.equal(statistics()["TlsRxSw"] - before["TlsRxSw"], 2,
                     "sockets with TLS, with that of the portal")
        disk = openiscsi.disk()

        wire.sent.clear()
        direct(disk, 4096, True)
        expect.equal([length for length in wire.sent if length > 4096],
                     [48 + 4096 + 22 + (8 if settings else 0)],
                     "a record for a request and its data")

        run("mkfs.ext4", "-q", "-b", "1024", disk)
        os.makedirs(MOUNT, exist_ok=True)
        sums = {}
        use(disk, sums)
        lio.write("/proc/sys/vm/drop_caches", "3")
        use(disk, sums)
        journal(disk)
        for size in 512, 4096, 65536, 1 << 20:
            direct(disk, size, False)
        with open(disk, "rb") as one, open(target.image, "rb") as other:
            os.posix_fadvise(one.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
            while True:
                data = one.read(1 << 20)
                expect.true(data == other.read(1 << 20),
                            "the target's file differs from the disk")
                if not data:
                    break
        initiator.logout(portal="127.0.0.1:3261")
        after = statistics()
        for name in "TlsDecryptError", "TlsRxDeviceResync", "TlsDecryptRetry":
            expect.equal(after[name], before[name], name)
        expect.equal(set(wire.seen) - {20, 22, 23}, set(), "types of records")
    lio.clear()


capabilities = int(lio.read("/sys/class/iscsi_transport/tcp/caps"), 16)
expect.true(capabilities & 0x8000, "no CAP_TLS in %#x" % capabilities)
portal, wire = ktls.Portal(), ktls.Wire()
one_pass()
one_pass(DIGESTS)
shutil.rmtree(MOUNT)
