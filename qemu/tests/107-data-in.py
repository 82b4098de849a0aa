#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# Data-In PDUs are not sent in pieces: as many TLS records as needed, and no segment for a header
import capture
import expect
import tls
from initiator import Initiator
from lio import Target

READ = 256 << 10                        # 4 PDUs, as the initiator takes 64 KiB each
PDU = 48 + (64 << 10)
RECORD = 16 << 10


def sent(wrap):
    """What a target sends for a read: lengths of its segments, and the octets."""
    with Initiator(wrap=wrap) as i:
        i.login()
        with capture.Capture() as wire:
            expect.equal(len(i.read(READ)), READ, "octets")
        data = [segment.data for segment in wire.segments
                if segment.sent_by_target and segment.data]
        return [len(piece) for piece in data], b"".join(data)


def headers_alone(lengths):
    """Which of the segments hold the header of a PDU and nothing else.  TCP may cut a PDU
    anywhere else: at half of a small window, or where a buffer was full."""
    starts = [sum(lengths[:n]) for n in range(len(lengths))]
    return [n for n, start in enumerate(starts) if start % PDU == 0 and lengths[n] <= 48]


target = Target(methods="SRP,None", authentication=0)
target.acl().auth.srp()
target.np("tls", "allow")
lengths, _ = sent(None)
expect.equal(sum(lengths), READ // (64 << 10) * PDU, "octets sent")
expect.equal(headers_alone(lengths), [], "segments with a header and no data: %r" % lengths)
with tls.Tlshd(tls.Certificate()):
    _, data = sent(tls.wrap)
    expect.equal(len(list(capture.records(data))),
                 READ // (64 << 10) * -(-PDU // RECORD), "records")
