# SPDX-License-Identifier: GPL-2.0-or-later
"""Capture the loopback device's traffic, by segment and by PDU."""
import collections
import socket
import struct
import subprocess
import threading

import iscsi

ETH_P_IP = 0x0800
SO_TIMESTAMPNS = 35
STOP = 9                                # port of the datagram that ends the capture

# time: arrival in seconds; ack: acknowledged sequence number; port: the initiator's
Segment = collections.namedtuple("Segment", "time sent_by_target seq ack data port")
# first, last: segments of its first and last byte
Message = collections.namedtuple("Message", "pdu first last")


def delay(milliseconds):
    """Delay the loopback device by this round trip; 0: no delay."""
    if milliseconds:
        subprocess.run(["tc", "qdisc", "replace", "dev", "lo", "root", "netem",
                        "delay", "%dus" % (milliseconds * 500)], check=True)
    else:
        subprocess.run(["tc", "qdisc", "del", "dev", "lo", "root"], check=True)


class NotTls(ValueError):
    """With the first bytes of what is no record of TLS."""


def records(data):
    """Type and content of each record of TLS in a stream; the last one may be cut."""
    start = 0
    while start + 5 <= len(data):
        kind, version, length = struct.unpack_from(">BHH", data, start)
        if kind not in range(20, 24) or version not in (0x301, 0x303) or \
                length > (16 << 10) + 256:
            raise NotTls(data[start:start + 48])
        yield kind, data[start + 5:start + 5 + length]
        start += 5 + length


def after_records(data):
    """The first bytes of what is no record of TLS."""
    try:
        collections.deque(records(data), 0)
    except NotTls as found:
        return found.args[0]
    return b""


class Capture:
    """with Capture() as wire: ...; then use wire.segments, in order."""

    def __init__(self, port=3260):
        self.port, self.segments = port, []

    def __enter__(self):
        self.sock = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM,
                                  socket.htons(ETH_P_IP))
        self.sock.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        self.sock.bind(("lo", ETH_P_IP))
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()
        return self

    def __exit__(self, *_):
        # it passes the same queue, so everything before it has been read
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last:
            last.sendto(b"stop", ("127.0.0.1", STOP))
        self.thread.join()
        self.sock.close()

    def _read(self):
        while True:
            packet, ancillary, _, _ = self.sock.recvmsg(65536 + 64, 64)
            header = (packet[0] & 15) * 4
            ports = struct.unpack_from(">HH", packet, header)
            if packet[9] == socket.IPPROTO_UDP and ports[1] == STOP:
                return
            if packet[9] != socket.IPPROTO_TCP or self.port not in ports:
                continue
            seconds, nanoseconds = struct.unpack("ll", ancillary[0][2][:16])
            length = struct.unpack_from(">H", packet, 2)[0] or len(packet)
            seq, ack = struct.unpack_from(">II", packet, header + 4)
            data = packet[header + (packet[header + 12] >> 4) * 4:length]
            self.segments.append(Segment(
                seconds + nanoseconds / 1e9, ports[0] == self.port, seq, ack,
                data, ports[ports[0] == self.port]))

    def octets(self):
        """All that was sent, by both."""
        return b"".join(segment.data for segment in self.segments)

    def streams(self):
        """What each side of each connection sent, up to what was not captured."""
        due, early, found = {}, {}, {}
        for segment in self.segments:
            side = segment.port, segment.sent_by_target
            if not segment.data:
                continue
            start = due.setdefault(side, segment.seq)
            waiting = early.setdefault(side, {})
            waiting[segment.seq] = segment.data
            # From the oldest on; what was sent again does not count twice
            for seq in sorted(waiting, key=lambda seq: (seq - start) % (1 << 32) ^ 1 << 31):
                known = (due[side] - seq) % (1 << 32)
                if known >= 1 << 31:
                    break
                more = waiting.pop(seq)[known:]
                found.setdefault(side, []).append(more)
                due[side] = (due[side] + len(more)) % (1 << 32)
        return {side: b"".join(pieces) for side, pieces in found.items()}

    def plain(self):
        """What is no record of TLS: the first bytes of it in each stream."""
        return [found for found in map(after_records, self.streams().values()) if found]

    def messages(self, from_target):
        """PDUs of one side of the captured connection; there must be only one."""
        found, data, owner, due = [], b"", [], None
        for segment in self.segments:
            if segment.sent_by_target != from_target or not segment.data:
                continue
            if due is not None and segment.seq != due:
                continue                # retransmission
            due = (segment.seq + len(segment.data)) % (1 << 32)
            data += segment.data
            owner += [segment] * len(segment.data)
            while len(data) >= iscsi.BHS:
                length = int.from_bytes(data[5:8], "big")
                total = iscsi.BHS + data[4] * 4 + length + -length % 4
                if len(data) < total:
                    break
                pdu = iscsi.Pdu(header=data[:iscsi.BHS])
                pdu.data = data[iscsi.BHS:iscsi.BHS + length]
                found.append(Message(pdu, owner[0], owner[total - 1]))
                data, owner = data[total:], owner[total:]
        return found

    def waited(self, message):
        """Return whether part of a PDU was held back until its start was acked.

        Without delay() the ack may be faster than the sender's next write.
        """
        first = message.first
        between = self.segments[self.segments.index(first):
                                self.segments.index(message.last)]
        return any(s.sent_by_target != first.sent_by_target and
                   (s.ack - first.seq) % (1 << 32) in range(1, 1 << 31)
                   for s in between)
