# SPDX-License-Identifier: GPL-2.0-or-later
"""A fake tlshd: takes handshakes from the kernel and answers as a test requests."""
import os
import socket
import struct

import tls

NETLINK_GENERIC, SOL_NETLINK, ADD_MEMBERSHIP = 16, 270, 1
GENL_CTRL, GETFAMILY = 16, 3
FAMILY_ID, FAMILY_NAME, MCAST_GROUPS = 1, 2, 7
GROUP_NAME, GROUP_ID = 1, 2
READY, ACCEPT, DONE = 1, 2, 3           # commands
ACCEPT_SOCKFD, ACCEPT_CLASS, ACCEPT_TYPE, ACCEPT_TIMEOUT, ACCEPT_AUTH = 1, 2, 3, 4, 5
ACCEPT_PEERNAME = 8
DONE_STATUS, DONE_SOCKFD = 1, 2
CLASS_TLSHD = 1
REQUEST, ACK, ERROR = 1, 4, 2


def attribute(kind, value):
    if isinstance(value, int):
        value = struct.pack("=I", value)
    data = struct.pack("=HH", 4 + len(value), kind) + value
    return data + b"\0" * (-len(data) % 4)


def attributes(data):
    found = {}
    while len(data) >= 4:
        length, kind = struct.unpack_from("=HH", data)
        found[kind & 0x3fff] = data[4:length]
        data = data[length + -length % 4:]
    return found


def number(value):
    return struct.unpack("=I", value)[0]


class FakeTlshd:
    """Listens for handshakes; use() one with take() and done()."""

    def __init__(self):
        self.sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW,
                                  NETLINK_GENERIC)
        self.sock.bind((0, 0))
        self.sock.settimeout(20)
        self.sequence = 0
        family = self.ask(GENL_CTRL, GETFAMILY,
                          attribute(FAMILY_NAME, b"handshake\0"))
        self.family = struct.unpack("=H", family[FAMILY_ID])[0]
        for group in attributes(family[MCAST_GROUPS]).values():
            group = attributes(group)
            if group[GROUP_NAME] == b"tlshd\0":
                self.sock.setsockopt(SOL_NETLINK, ADD_MEMBERSHIP,
                                     number(group[GROUP_ID]))

    def send(self, family, command, data, flags):
        self.sequence += 1
        self.sock.send(struct.pack("=IHHIIBBH", 20 + len(data), family,
                                   REQUEST | flags, self.sequence, 0, command,
                                   1, 0) + data)

    def answer(self):
        """(type, command, attributes) of the next message of the kernel."""
        data = self.sock.recv(65536)
        length, kind = struct.unpack_from("=IH", data)
        if kind == ERROR:
            error = struct.unpack_from("=i", data, 16)[0]
            if error:
                raise OSError(-error, os.strerror(-error))
            return kind, None, {}
        return kind, data[16], attributes(data[20:length])

    def ask(self, family, command, data):
        self.send(family, command, data, 0)
        while True:
            kind, got, found = self.answer()
            if kind == ERROR or got != READY or family == GENL_CTRL:
                return found

    def take(self):
        """Wait for a handshake; its attributes."""
        while True:
            try:
                return self.accept()
            except BlockingIOError:
                while self.answer()[1] != READY:
                    pass

    def accept(self):
        return self.ask(self.family, ACCEPT,
                        attribute(ACCEPT_CLASS, CLASS_TLSHD))

    def done(self, handshake, status, close=True):
        """End a handshake with a positive errno, or 0."""
        fd = number(handshake[ACCEPT_SOCKFD])
        self.send(self.family, DONE, attribute(DONE_STATUS, status) +
                  attribute(DONE_SOCKFD, fd), ACK)
        while self.answer()[0] != ERROR:
            pass
        if close:
            os.close(fd)

    @staticmethod
    def port(handshake):
        """The port of the initiator."""
        with socket.socket(fileno=os.dup(number(handshake[ACCEPT_SOCKFD]))) as end:
            return end.getpeername()[1]

    def waiting(self):
        """Whether there is another handshake; takes it."""
        try:
            return bool(self.accept())
        except BlockingIOError:
            return False

    def wrap(self, status=0, cipher="TLS_AES_128_GCM_SHA256"):
        """For Initiator(wrap=...): a handshake of one byte, with keys for the kernel of
        both ends unless the cipher is None; it ends with this status."""
        def begin(sock):
            sock.sendall(b"\x16")
            handshake = self.take()
            with socket.socket(fileno=os.dup(number(handshake[ACCEPT_SOCKFD]))) as end:
                end.recv(1)
                if cipher:
                    tls.give_keys(end, cipher, b"target", b"initiator")
                    tls.give_keys(sock, cipher, b"initiator", b"target")
            self.done(handshake, status)
            return sock
        return begin

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.sock.close()
