# SPDX-License-Identifier: GPL-2.0-or-later
"""Record what is sent over a network of the two machines, and check that it is TLS."""
import collections
import re
import struct
import tempfile

import expect
import pair
from capture import records

# Types of records: hello, and again if the other end wants another group; all that follows is encrypted
RECORDS = re.compile(r"(22 (20 )?(22 )?(20 )?(23 )*)?$")


class Wire:
    """with Wire() as wire: ...; then look at it.  No connection may be open before."""

    def __init__(self, network=0, port=3260):
        self.network, self.port = str(network), port
        self.packets = b""

    def __enter__(self):
        self.directory = tempfile.TemporaryDirectory()
        self.path = self.directory.name + "/packets"
        pair.host("capture", self.network, self.path)
        return self

    def __exit__(self, *_):
        pair.host("capture", self.network)
        with open(self.path, "rb") as f:
            self.packets = f.read()
        self.directory.cleanup()

    def frames(self):
        """Ethernet frames, from the format of tcpdump."""
        at = 24
        while at < len(self.packets):
            kept, length = struct.unpack_from("=II", self.packets, at + 8)
            expect.equal(kept, length, "captured bytes of a packet")
            at += 16 + kept
            yield self.packets[at - kept:at]

    def segments(self):
        """Segments of connections to the port: (sender, port, receiver, port), sequence
        number, whether it is the first one, data"""
        for frame in self.frames():
            if frame[12:14] != b"\x08\x00" or frame[23] != 6:   # TCP, IPv4
                continue
            tcp = 14 + (frame[14] & 15) * 4
            ports = struct.unpack_from(">HH", frame, tcp)
            if self.port in ports:
                last = 14 + struct.unpack_from(">H", frame, 16)[0]
                yield ((frame[26:30], ports[0], frame[30:34], ports[1]),
                       struct.unpack_from(">I", frame, tcp + 4)[0],
                       bool(frame[tcp + 13] & 2),   # SYN
                       frame[tcp + (frame[tcp + 12] >> 4) * 4:last])

    def streams(self):
        """{(sender, port, receiver, port, sequence number): bytes}"""
        begun, parts = {}, collections.defaultdict(dict)
        for end, number, first, data in self.segments():
            if first:
                begun[end] = end + (number,)
                parts[begun[end]][0] = b""
            elif data and end not in begun:
                # The target still repeats what a connection had lost when its link was cut
                expect.true(end[1] == self.port, "a connection was open before")
            elif data:
                place = (number - begun[end][-1] - 1) % (1 << 32)
                if len(data) > len(parts[begun[end]].get(place, b"")):
                    parts[begun[end]][place] = data
        return {end: joined(found) for end, found in parts.items()}

    def round_trips(self):
        """How often each connection that was opened waited for an answer, with TCP's own
        handshake."""
        count, asked = {}, {}
        for end, _, first, data in self.segments():
            asks = end[3] == self.port
            key = end if asks else end[2:] + end[:2]
            if first and asks:
                count[key], asked[key] = 0, False
            if key in count and (first or data):
                if asked[key] and not asks:
                    count[key] += 1
                asked[key] = asks
        return list(count.values())

    def check_tls(self, least, *plain):
        """All is TLS, at least so many bytes of it, and nothing of this is readable."""
        streams = self.streams()
        for end, stream in streams.items():
            types = "".join("%d " % kind for kind, _ in records(stream))
            expect.true(RECORDS.match(types), "records from %s:%d are not encrypted: %s" % (
                ".".join(map(str, end[0])), end[1], types[:60]))
        sent = sum(map(len, streams.values()))
        expect.true(sent >= least, "only %d bytes were captured" % sent)
        for text in plain:
            expect.true(text not in self.packets, "readable on the wire: %r" % text)
        return len(streams) // 2


def joined(parts):
    """The stream of {place: bytes}: segments that were sent again may overlap."""
    stream = bytearray()
    for place in sorted(parts):
        expect.true(place <= len(stream), "a packet was not captured")
        stream += parts[place][len(stream) - place:]
    return bytes(stream)
